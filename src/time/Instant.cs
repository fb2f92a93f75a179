namespace TimeSuite.Time;

/// <summary>A point on <typeparamref name="TScale"/>. <c>Instant&lt;Utc&gt; - Instant&lt;Tai&gt;</c> does not compile.</summary>
/// <param name="SinceEpoch">Time since the scale's epoch.</param>
public readonly record struct Instant<TScale>(Duration SinceEpoch) : IComparable<Instant<TScale>> where TScale : struct, ITimescale
{
    /// <summary>How long from <paramref name="earlier"/> to <paramref name="later"/>.</summary>
    public static Duration operator -(Instant<TScale> later, Instant<TScale> earlier) => later.SinceEpoch - earlier.SinceEpoch;

    /// <summary>The point <paramref name="length"/> after <paramref name="start"/>.</summary>
    public static Instant<TScale> operator +(Instant<TScale> start, Duration length) => new(start.SinceEpoch + length);

    /// <summary>The point <paramref name="length"/> before <paramref name="start"/>.</summary>
    public static Instant<TScale> operator -(Instant<TScale> start, Duration length) => new(start.SinceEpoch - length);

    /// <summary>Order in time.</summary>
    public static bool operator <(Instant<TScale> a, Instant<TScale> b) => a.SinceEpoch < b.SinceEpoch;

    /// <summary>Order in time.</summary>
    public static bool operator >(Instant<TScale> a, Instant<TScale> b) => a.SinceEpoch > b.SinceEpoch;

    /// <summary>Order in time.</summary>
    public static bool operator <=(Instant<TScale> a, Instant<TScale> b) => a.SinceEpoch <= b.SinceEpoch;

    /// <summary>Order in time.</summary>
    public static bool operator >=(Instant<TScale> a, Instant<TScale> b) => a.SinceEpoch >= b.SinceEpoch;

    /// <inheritdoc/>
    public int CompareTo(Instant<TScale> other) => SinceEpoch.CompareTo(other.SinceEpoch);

    /// <inheritdoc/>
    public override string ToString() => $"{TScale.Name} {SinceEpoch}";
}
