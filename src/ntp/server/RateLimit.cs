namespace TimeSuite.Ntp;

/// <summary>How often one client may ask: a bucket that holds <see cref="Burst"/> requests and gains one each <see cref="Interval"/>.</summary>
/// <remarks>Meaning and ranges are those of chrony's ratelimit. It sees requests only: a reply of a source of ours never comes here.</remarks>
public sealed class RateLimit
{
    /// <summary>The ends of the ranges.</summary>
    public static readonly Duration ShortestInterval = Duration.FromSeconds(double.ScaleB(1, -19)), LongestInterval = Duration.FromSeconds(4_096L);

    /// <summary>The most that <see cref="Burst"/> can be.</summary>
    public const int LargestBurst = 255;

    /// <summary>The most that <see cref="Leak"/> and <see cref="Kod"/> can be.</summary>
    public const int RarestOfLimited = 4;

    /// <exception cref="ArgumentOutOfRangeException">Beyond the ranges that the properties tell.</exception>
    public RateLimit(Duration interval, int burst, int leak, int kod)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, ShortestInterval);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(interval, LongestInterval);
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(burst, LargestBurst);
        ArgumentOutOfRangeException.ThrowIfNegative(leak);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(leak, RarestOfLimited);
        ArgumentOutOfRangeException.ThrowIfNegative(kod);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(kod, RarestOfLimited);
        (Interval, Burst, Leak, Kod) = (interval, burst, leak, kod);
        Cost = BatchTime.Ticks(interval);
        Full = Cost * (ulong)burst;
    }

    /// <summary>2^-19 to 2^12 s; chrony's default is 8 s.</summary>
    public Duration Interval { get; }

    /// <summary>1 to 255; chrony's default is 8.</summary>
    public int Burst { get; }

    /// <summary>One of 2^n requests beyond the limit is answered, at random: who forges a client's address cannot silence it. 1 to 4; 0: none is.</summary>
    public int Leak { get; }

    /// <summary>One of 2^n of the others gets RATE, at random. 1 to 4; 0: none does.</summary>
    public int Kod { get; }

    /// <summary>For DENY where nothing else is limited: one each 8 s.</summary>
    internal static RateLimit OfKisses { get; } = new(Duration.FromSeconds(8L), burst: 1, leak: 0, kod: 0);

    /// <summary><see cref="Interval"/>, unit 2^-32 s.</summary>
    internal ulong Cost { get; }

    /// <summary>What a full bucket holds, unit 2^-32 s.</summary>
    internal ulong Full { get; }

    /// <summary>What a kiss says of the interval: log2 s, rounded up.</summary>
    internal sbyte PollExponent => (sbyte)Math.Ceiling(Math.Log2(Interval.Seconds));
}
