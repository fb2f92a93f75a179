using System.Globalization;
using Wire = TimeSuite.Rpc.Time.V1;
using TimeSuite.Rpc;

namespace TimeSuite.Ctl;

/// <summary>Quantities as a person reads them. What is not a number, or absent, is a question mark.</summary>
public static class Units
{
    public const string Unknown = "?";

    /// <summary>Seconds of a wire duration, as a double.</summary>
    public static double Seconds(Wire.Duration? length) => length is null ? double.NaN : length.ToDomain().Seconds;

    /// <summary>A length of time in the unit that suits its size: <c>12.345 us</c>.</summary>
    public static string Time(double seconds) => Scaled(seconds, "");

    /// <inheritdoc cref="Time(double)"/>
    public static string Time(Wire.Duration? length) => Time(Seconds(length));

    /// <summary>As <see cref="Time(double)"/>, with a plus if positive.</summary>
    public static string SignedTime(double seconds) => Scaled(seconds, "+");

    /// <inheritdoc cref="SignedTime(double)"/>
    public static string SignedTime(Wire.Duration? length) => SignedTime(Seconds(length));

    /// <summary>A long time, roughly: <c>12 s</c>, <c>34 min</c>, <c>5 h</c>, <c>6 d</c>.</summary>
    public static string Roughly(double seconds) => seconds switch
    {
        _ when !double.IsFinite(seconds) => Unknown,
        < 0 => Time(seconds),
        0 => "0 s",
        < 1e-3 => Time(seconds),
        < 1 => Invariant($"{seconds * 1e3:0.#} ms"),
        < 120 => Invariant($"{seconds:0} s"),
        < 2 * 3_600 => Invariant($"{seconds / 60:0} min"),
        < 2 * 86_400 => Invariant($"{seconds / 3_600:0} h"),
        < 1e5 * 86_400 => Invariant($"{seconds / 86_400:0} d"),
        _ => Time(seconds),
    };

    /// <summary>A rate in ppm with its sign; three decimals are ppb.</summary>
    public static string SignedRate(double ppb) => ppb switch
    {
        _ when !double.IsFinite(ppb) => Unknown,
        > -1e9 and < 1e9 => Invariant($"{ppb / 1e3:+0.000;-0.000;0.000} ppm"),
        _ => Invariant($"{ppb / 1e3:+0.###e+0;-0.###e+0} ppm"),
    };

    /// <summary>As <see cref="SignedRate"/>, without a plus.</summary>
    public static string Rate(double ppb) => SignedRate(ppb).TrimStart('+');

    /// <summary>A number with some decimals.</summary>
    public static string Number(double value, string format) =>
        !double.IsFinite(value) ? Unknown : (Math.Abs(value) < 1e9 ? value.ToString(format, CultureInfo.InvariantCulture) : value.ToString("0.###e+0", CultureInfo.InvariantCulture));

    /// <summary>A poll interval.</summary>
    public static string Poll(int log2Seconds) => log2Seconds switch
    {
        < -10 or > 17 => Invariant($"2^{log2Seconds} s"),
        < 0 => Invariant($"{double.ScaleB(1_000, log2Seconds):0.###} ms"),
        _ => Invariant($"{1 << log2Seconds} s"),
    };

    /// <summary>The last eight polls in octal, as all NTP programs show them.</summary>
    public static string Reach(uint register) => Convert.ToString(register & 0xFF, 8).PadLeft(3, '0');

    /// <summary>A date and time in UTC.</summary>
    public static string Utc(Wire.Duration? sinceEpoch)
    {
        const long last = 253_402_300_799; // the end of the year 9999
        return sinceEpoch is { Seconds: > 0 and <= last }
            ? Invariant($"{DateTimeOffset.FromUnixTimeSeconds(sinceEpoch.Seconds):yyyy-MM-dd HH:mm:ss}.{sinceEpoch.ToDomain().NanosecondOfSecond / 1_000:000000} UTC")
            : Unknown;
    }

    /// <summary>RFC 5905 figure 12: four letters at stratum 0 and 1, else four octets of an address or a hash.</summary>
    public static string ReferenceId(uint id, uint stratum)
    {
        Span<byte> octets = stackalloc byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(octets, id);
        octets = octets.TrimEnd((byte)0);
        return stratum <= 1 && octets.Length > 0 && !octets.ContainsAnyExceptInRange((byte)'!', (byte)'~')
            ? System.Text.Encoding.ASCII.GetString(octets)
            : Invariant($"{id:X8}");
    }

    public static string Leap(Wire.LeapSecond leap) => leap switch
    {
        Wire.LeapSecond.None => "none",
        Wire.LeapSecond.Insert => "insert",
        Wire.LeapSecond.Delete => "delete",
        _ => Unknown,
    };

    internal static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Scaled(double seconds, string plus)
    {
        double size = Math.Abs(seconds);
        string sign = seconds < 0 ? "-" : seconds > 0 ? plus : "";
        return size switch
        {
            _ when !double.IsFinite(seconds) => Unknown,
            < 999.5e-9 => Invariant($"{sign}{size * 1e9:0} ns"),
            < 999.9995e-6 => Invariant($"{sign}{size * 1e6:0.000} us"),
            < 999.9995e-3 => Invariant($"{sign}{size * 1e3:0.000} ms"),
            < 1e6 => Invariant($"{sign}{size:0.000} s"),
            _ => Invariant($"{sign}{size:0.###e+0} s"),
        };
    }
}
