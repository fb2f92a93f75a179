using Wire = TimeSuite.Rpc.Time.V1;

namespace TimeSuite.Ctl;

/// <summary>Values of the wire as JSON numbers: no exponent, no NaN; what is absent or no number is null.</summary>
internal static class JsonValue
{
    private const decimal FractionsPerSecond = 18_446_744_073_709_551_616m; // 2^64

    /// <summary>Seconds to the picosecond.</summary>
    public static decimal? Seconds(Wire.Duration? length) =>
        length is null ? null : Shortest(length.Seconds + decimal.Round(length.Fraction / FractionsPerSecond, 12));

    public static double? Number(double value) => double.IsFinite(value) ? value : null;

    public static decimal? Seconds(double value) => double.IsFinite(value) && Math.Abs(value) < 1e15 ? Shortest(decimal.Round((decimal)value, 12)) : null;

    /// <summary>Without trailing zeros: a division takes as many digits as the quotient needs.</summary>
    private static decimal Shortest(decimal value) => value / 1.0000000000000000000000000000m;

    /// <summary>Snake case, as it stands in the protocol's files: <c>lease_end</c>.</summary>
    public static string Word(string words) => words.Replace(' ', '_');
}
