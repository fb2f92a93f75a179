using System.Globalization;

namespace TimeSuite.Time;

/// <summary>What happens to UTC at the end of a day: nothing, a second more (23:59:60), or one less.</summary>
public enum LeapSecond
{
    /// <summary>The day has 86,400 s.</summary>
    None,

    /// <summary>The day has 86,401 s.</summary>
    Insert,

    /// <summary>The day has 86,399 s. It has never happened.</summary>
    Delete,
}

/// <summary>TAI-UTC over time, from the leap-seconds.list that IERS and NIST publish.</summary>
/// <remarks>The only place that knows how many seconds TAI is ahead; no constant 37 stands anywhere else.</remarks>
public sealed class LeapSeconds
{
    private const long UnixEpochInNtp = ((70L * 365) + 17) * 86_400;

    private readonly (Instant<Utc> From, int TaiMinusUtc)[] _steps;

    private LeapSeconds((Instant<Utc>, int)[] steps, Instant<Utc> expires)
    {
        _steps = steps;
        Expires = expires;
    }

    /// <summary>From then on the table says nothing.</summary>
    public Instant<Utc> Expires { get; }

    /// <summary>Reads the text of a leap-seconds.list: <c>#@ expiry</c>, then lines of NTP seconds and TAI-UTC.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="table">The table, if the text is one.</param>
    /// <param name="error">What is wrong and on which line, if not.</param>
    public static bool TryParse(string text, out LeapSeconds? table, out string? error)
    {
        table = null;
        error = null;
        Instant<Utc>? expires = null;
        List<(Instant<Utc>, int)> steps = [];
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            if (line.StartsWith("#@", StringComparison.Ordinal))
            {
                if (!TryParseNtpSeconds(line[2..], out var expiry))
                {
                    error = $"line {number}: the expiry after #@ is not a number of seconds since 1900";
                    return false;
                }

                expires = expiry;
                continue;
            }

            string content = line.Split('#')[0].Trim();
            if (content.Length == 0)
            {
                continue;
            }

            string[] fields = content.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 2 || !TryParseNtpSeconds(fields[0], out var from)
                || !int.TryParse(fields[1], NumberStyles.Integer, CultureInfo.InvariantCulture, out int offset))
            {
                error = $"line {number}: expected seconds since 1900 and TAI-UTC, e.g. '3692217600 37'";
                return false;
            }

            if (steps is [.., var (previous, before)] && (from <= previous || Math.Abs(offset - before) != 1))
            {
                error = $"line {number}: TAI-UTC must go up in time and change by one second";
                return false;
            }

            steps.Add((from, offset));
        }

        if (expires is not { } end || steps.Count == 0)
        {
            error = expires is null ? "no line with the expiry (#@ seconds)" : "no line with a leap second";
            return false;
        }

        table = new([.. steps], end);
        return true;
    }

    /// <summary>TAI-UTC at <paramref name="at"/>; nothing before 1972 and after the table's expiry.</summary>
    public int? TaiMinusUtc(Instant<Utc> at)
    {
        if (at < _steps[0].From || at >= Expires)
        {
            return null;
        }

        int index = Array.FindLastIndex(_steps, step => step.From <= at);
        return _steps[index].TaiMinusUtc;
    }

    /// <summary>What happens at the end of the UTC day of <paramref name="at"/>; nothing is known after the expiry.</summary>
    public LeapSecond? AtEndOfDay(Instant<Utc> at)
    {
        if (at >= Expires || at < _steps[0].From)
        {
            return null;
        }

        long midnight = ((at.SinceEpoch.WholeSeconds / 86_400) + 1) * 86_400;
        int index = Array.FindIndex(_steps, step => step.From.SinceEpoch.WholeSeconds == midnight);
        return index < 1 ? LeapSecond.None : _steps[index].TaiMinusUtc > _steps[index - 1].TaiMinusUtc ? LeapSecond.Insert : LeapSecond.Delete;
    }

    private static bool TryParseNtpSeconds(string field, out Instant<Utc> instant)
    {
        bool ok = long.TryParse(field.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds < 1L << 40;
        instant = ok ? new(Duration.FromSeconds(seconds - UnixEpochInNtp)) : default;
        return ok;
    }
}
