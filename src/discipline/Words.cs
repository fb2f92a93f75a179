using System.Globalization;
using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>Lengths of time as people read them.</summary>
internal static class Words
{
    /// <summary>Three or four digits and the unit that fits: <c>1.000 s</c>, <c>-23.4 us</c>.</summary>
    public static string Of(Duration length)
    {
        double s = length.Seconds;
        var (scale, unit) = Math.Abs(s) switch
        {
            >= 0.9995 => (1, "s"),
            >= 0.9995e-3 => (1e3, "ms"),
            >= 0.9995e-6 => (1e6, "us"),
            _ => (1e9, "ns"),
        };
        double value = s * scale;
        string format = Math.Abs(value) switch { >= 99.95 => "F0", >= 9.995 => "F1", _ => "F3" };
        return value.ToString(format, CultureInfo.InvariantCulture) + " " + unit;
    }
}
