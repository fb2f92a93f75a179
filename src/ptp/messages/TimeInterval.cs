using System.Buffers.Binary;

namespace TimeSuite.Ptp;

/// <summary>A signed length of time in units of 2^-16 ns: the correction field (IEEE 1588-2019 clauses 5.3.2, 13.3.2.9). Range +-1.4e5 s.</summary>
/// <remarks>Sums saturate at the values that the standard keeps for "too large to represent": a hostile correction cannot wrap into a small one.</remarks>
/// <param name="Scaled">The value in 2^-16 ns.</param>
public readonly record struct TimeInterval(long Scaled)
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 8;

    private const long TooLarge = long.MaxValue;

    /// <summary>No time at all; also <c>default</c>.</summary>
    public static TimeInterval Zero => default;

    /// <summary>False for the value that says "too large" and for its opposite: such a message corrects nothing and gives no sample.</summary>
    public bool IsRepresentable => Scaled is not TooLarge and not long.MinValue and not -TooLarge;

    /// <summary>Rounded to the nearest 2^-16 ns; too large if beyond the range.</summary>
    public static TimeInterval FromDuration(Duration length)
    {
        // seconds * 1e9 * 2^16, exact in 128 bits: |seconds| < 2^63, so it is clamped first.
        if (length.Magnitude.WholeSeconds > 200_000)
        {
            return new(length.Sign < 0 ? -TooLarge : TooLarge);
        }

        const long unitsPerSecond = 1_000_000_000L << 16;
        var whole = (Int128)length.WholeSeconds * unitsPerSecond;
        var fraction = ((Int128)length.Fraction * unitsPerSecond + ((Int128)1 << 63)) >> 64;
        return Saturate(whole + fraction);
    }

    /// <summary>From whole nanoseconds.</summary>
    public static TimeInterval FromNanoseconds(long nanoseconds) => Saturate((Int128)nanoseconds << 16);

    /// <summary>The same length as a duration, to within 2^-64 s.</summary>
    public Duration ToDuration()
    {
        // value / 2^16 ns = value * 2^48 / 1e9 in 2^-64 s
        var ticks = ((Int128)Scaled << 48) / 1_000_000_000;
        return Duration.FromFixedPoint((long)(ticks >> 64), unchecked((ulong)ticks));
    }

    /// <summary>Reads <see cref="Size"/> octets, which are there.</summary>
    public static TimeInterval Read(ReadOnlySpan<byte> octets) => new(BinaryPrimitives.ReadInt64BigEndian(octets));

    /// <summary>Writes <see cref="Size"/> octets.</summary>
    public void Write(Span<byte> octets) => BinaryPrimitives.WriteInt64BigEndian(octets, Scaled);

    /// <summary>The sum; too large if either is, or the sum is.</summary>
    public static TimeInterval operator +(TimeInterval a, TimeInterval b) =>
        !a.IsRepresentable ? a : !b.IsRepresentable ? b : Saturate((Int128)a.Scaled + b.Scaled);

    /// <summary>The opposite.</summary>
    public static TimeInterval operator -(TimeInterval a) => a.Scaled == long.MinValue ? new(TooLarge) : new(-a.Scaled);

    /// <summary>The difference; too large if either is, or the difference is.</summary>
    public static TimeInterval operator -(TimeInterval a, TimeInterval b) => a + -b;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Scaled / 65536.0:F3} ns");

    private static TimeInterval Saturate(Int128 value) => new(value > TooLarge ? TooLarge : value < -TooLarge ? -TooLarge : (long)value);
}
