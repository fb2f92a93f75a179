namespace TimeSuite.Ntp;

/// <summary>Raw time as one number of 2^-32 s: what the tables of clients count in.</summary>
internal static class BatchTime
{
    /// <summary>Below zero and beyond 136 years it wraps.</summary>
    public static ulong Ticks(Duration length) => unchecked((ulong)length.WholeSeconds << 32 | length.Fraction >> 32);

    public static ulong Ticks(Instant<Raw> at) => Ticks(at.SinceEpoch);

    public static Instant<Raw> Raw(ulong ticks) => new(Length(ticks));

    public static Duration Length(ulong ticks) => Duration.FromFixedPoint((long)(ticks >> 32), unchecked(ticks << 32));
}
