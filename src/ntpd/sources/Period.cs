using TimeSuite.Time;

namespace TimeSuite.Ntpd.Sources;

/// <summary>From when until when certificates are valid, both included (RFC 5280 section 4.1.2.5).</summary>
internal readonly record struct Period(Instant<Utc> From, Instant<Utc> Until)
{
    public bool Holds(Instant<Utc> time) => time >= From && time <= Until;

    public override string ToString() => $"{Date(From)} to {Date(Until)}";

    private static string Date(Instant<Utc> time) =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(time.SinceEpoch.WholeSeconds, 0, 253_402_300_799)).ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What is known of the time outside the sources.</summary>
/// <param name="Now">What the steered clock shows, but no earlier than this program was built.</param>
/// <param name="IsTrusted">It has been synchronised since the machine was started.</param>
internal readonly record struct ClockKnowledge(Instant<Utc> Now, bool IsTrusted);
