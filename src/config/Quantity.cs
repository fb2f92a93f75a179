using System.Buffers;
using System.Globalization;
using TimeSuite.Time;

namespace TimeSuite.Config;

/// <summary>Numbers with units, as people write them: <c>"1 ms"</c>, <c>"1.5us"</c>, <c>"24 h"</c>, <c>"500 ppm"</c>.</summary>
public static class Quantity
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("+-.0123456789");

    private static readonly (string Unit, decimal Seconds)[] TimeUnits =
    [
        ("ns", 1e-9m), ("us", 1e-6m), ("µs", 1e-6m), ("μs", 1e-6m), ("ms", 1e-3m), ("s", 1), ("min", 60), ("h", 3_600), ("d", 86_400),
    ];

    /// <summary>A number and one of ns, us, ms, s, min, h, d. False for anything else, and beyond 10^9 s.</summary>
    /// <remarks>Exact to the nanosecond, rounded to the nearest below it.</remarks>
    public static bool TryParseDuration(string text, out Duration length)
    {
        length = default;
        if (!TrySplit(text, out decimal number, out var unit))
        {
            return false;
        }

        foreach (var (name, seconds) in TimeUnits)
        {
            if (unit.SequenceEqual(name))
            {
                return TryScale(number, seconds, out length);
            }
        }

        return false;
    }

    /// <summary>A number and ppm or ppb. False for anything else.</summary>
    public static bool TryParseFrequency(string text, out FrequencyOffset rate)
    {
        rate = default;
        if (!TrySplit(text, out decimal number, out var unit))
        {
            return false;
        }

        switch (unit)
        {
            case "ppm":
                rate = FrequencyOffset.FromPpm((double)number);
                return true;
            case "ppb":
                rate = FrequencyOffset.FromPpb((double)number);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The length of a poll interval as chrony counts it. False if it is not a power of two from 2^-4 to 2^17 s.</summary>
    public static bool TryPollFrom(Duration length, out int log2Seconds)
    {
        for (log2Seconds = PollRange.Least; log2Seconds <= PollRange.Most; log2Seconds++)
        {
            if (length == Duration.FromSeconds(double.ScaleB(1, log2Seconds)))
            {
                return true;
            }
        }

        log2Seconds = 0;
        return false;
    }

    internal static bool TryScale(decimal number, decimal unitSeconds, out Duration length)
    {
        length = default;
        if (Math.Abs(number) > 1e9m)
        {
            return false;
        }

        decimal nanoseconds = number * unitSeconds * 1e9m; // below 10^9 * 86400 * 10^9: fits a decimal
        if (Math.Abs(nanoseconds) > 1e18m)
        {
            return false;
        }

        length = Duration.FromNanoseconds((long)Math.Round(nanoseconds, MidpointRounding.AwayFromZero));
        return true;
    }

    private static bool TrySplit(string text, out decimal number, out ReadOnlySpan<char> unit)
    {
        var trimmed = text.AsSpan().Trim();
        int digits = trimmed.IndexOfAnyExcept(NumberCharacters);
        unit = digits < 0 ? default : trimmed[digits..].TrimStart();
        number = 0;
        return digits > 0 && decimal.TryParse(
            trimmed[..digits],
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out number);
    }
}

/// <summary>RFC 5905 MINPOLL and MAXPOLL, with chrony's sub-second polls below: log2 s.</summary>
public static class PollRange
{
    public const int Least = -4;
    public const int Most = 17;
}
