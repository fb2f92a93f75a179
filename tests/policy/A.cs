using System.Globalization;
using TimeSuite.Time;

namespace TimeSuite.Policy.Tests;

/// <summary>Instants to test with.</summary>
internal static class A
{
    /// <summary>Later than the build date; no day on which a leap second could be.</summary>
    public static readonly Instant<Utc> Noon = At("2027-03-15T12:00:00Z");

    public static readonly Instant<Utc> BuildDate = At("2026-01-01T00:00:00Z");

    public static Instant<Utc> At(string text) => new(Duration.FromSeconds(DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToUnixTimeSeconds()));
}
