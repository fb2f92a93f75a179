using System.Numerics;

namespace TimeSuite.Time;

/// <summary>A signed length of time, held as 64.64 fixed-point seconds.</summary>
/// <remarks>
/// Resolution 2^-64 s (0.05 as), range +-2.9e11 years: the RFC 5905 section 6 "date format". NTP's
/// 32.32 timestamps convert exactly; one nanosecond rounds by less than 2^-64 s. Seconds are floored
/// and the fraction is never negative, which is just what timeval asks for. Overflow throws.
/// </remarks>
public readonly record struct Duration : IComparable<Duration>,
    IAdditionOperators<Duration, Duration, Duration>, ISubtractionOperators<Duration, Duration, Duration>,
    IUnaryNegationOperators<Duration, Duration>, IComparisonOperators<Duration, Duration, bool>
{
    private const double TicksPerSecond = 18446744073709551616.0; // 2^64, exact in a double

    private readonly Int128 _ticks; // 2^-64 s

    private Duration(Int128 ticks) => _ticks = ticks;

    /// <summary>No time at all; also <c>default</c>.</summary>
    public static Duration Zero => default;

    /// <summary>Whole seconds, floored: -0.3 s has -1 here and 0.7 s of fraction.</summary>
    public long WholeSeconds => (long)(_ticks >> 64);

    /// <summary>The fraction above <see cref="WholeSeconds"/>, unit 2^-64 s, never negative.</summary>
    public ulong Fraction => unchecked((ulong)_ticks);

    /// <summary>The fraction above <see cref="WholeSeconds"/> in ns, rounded down: 0 to 999,999,999.</summary>
    public int NanosecondOfSecond => (int)((UInt128)Fraction * 1_000_000_000 >> 64);

    /// <summary>Seconds as a double, for statistics only: 53 bits do not hold a date and its nanoseconds.</summary>
    public double Seconds => (double)_ticks / TicksPerSecond;

    /// <summary>Whole nanoseconds, floored.</summary>
    /// <exception cref="OverflowException">Beyond +-292 years.</exception>
    public long Nanoseconds => checked((WholeSeconds * 1_000_000_000) + NanosecondOfSecond);

    /// <summary>Distance from zero.</summary>
    public Duration Magnitude => new(Int128.Abs(_ticks));

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => Int128.Sign(_ticks);

    /// <summary>Builds from the two fields of the fixed-point format.</summary>
    public static Duration FromFixedPoint(long seconds, ulong fraction) => new(((Int128)seconds << 64) + fraction);

    /// <summary>Builds from nanoseconds, rounded up by less than 2^-64 s.</summary>
    public static Duration FromNanoseconds(long nanoseconds)
    {
        // Rounded up, and NanosecondOfSecond rounds down: every nanosecond comes back as it went in.
        var scaled = (Int128)nanoseconds << 64;
        var quotient = scaled / 1_000_000_000;
        return new(quotient * 1_000_000_000 < scaled ? quotient + 1 : quotient);
    }

    /// <summary>Builds from whole seconds.</summary>
    public static Duration FromSeconds(long seconds) => new((Int128)seconds << 64);

    /// <summary>Builds from seconds.</summary>
    /// <exception cref="OverflowException">Not finite, or beyond the range.</exception>
    public static Duration FromSeconds(double seconds) => new(checked((Int128)(seconds * TicksPerSecond)));

    /// <summary>The shorter of two lengths.</summary>
    public static Duration Min(Duration a, Duration b) => a < b ? a : b;

    /// <summary>The longer of two lengths.</summary>
    public static Duration Max(Duration a, Duration b) => a > b ? a : b;

    /// <summary>Scales by a dimensionless factor; exact to 53 bits of the product, not of the length.</summary>
    /// <exception cref="OverflowException">The product is not finite, or beyond the range.</exception>
    public Duration Times(double factor) => FromSeconds(Seconds * factor);

    /// <summary>The phase that a clock of this rate error gains in this time.</summary>
    public Duration At(FrequencyOffset rate) => Times(rate.Fraction);

    /// <summary>Half, rounded down: the only division the four-timestamp formula needs.</summary>
    public Duration Half() => new(_ticks >> 1);

    /// <summary>Limits the magnitude to <paramref name="limit"/>, which is not negative.</summary>
    public Duration ClampTo(Duration limit) => Magnitude <= limit ? this : Sign < 0 ? -limit : limit;

    /// <inheritdoc/>
    public static Duration operator +(Duration left, Duration right) => new(checked(left._ticks + right._ticks));

    /// <inheritdoc/>
    public static Duration operator -(Duration left, Duration right) => new(checked(left._ticks - right._ticks));

    /// <inheritdoc/>
    public static Duration operator -(Duration value) => new(checked(-value._ticks));

    /// <inheritdoc/>
    public static bool operator <(Duration left, Duration right) => left._ticks < right._ticks;

    /// <inheritdoc/>
    public static bool operator >(Duration left, Duration right) => left._ticks > right._ticks;

    /// <inheritdoc/>
    public static bool operator <=(Duration left, Duration right) => left._ticks <= right._ticks;

    /// <inheritdoc/>
    public static bool operator >=(Duration left, Duration right) => left._ticks >= right._ticks;

    /// <inheritdoc/>
    public int CompareTo(Duration other) => _ticks.CompareTo(other._ticks);

    /// <summary>Seconds with nanoseconds, for logs: <c>-0.300000000 s</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Seconds:F9} s");
}
