using System.Globalization;
using System.Reflection;
using TimeSuite.Time;

namespace TimeSuite.Ntpd;

/// <summary>The day this program was built.</summary>
internal static class BuildDate
{
    /// <summary>Every NTP timestamp is read as one of the 136 years that begin here.</summary>
    /// <remarks>Ten years before the build: a server whose clock is a little behind must look behind, not 136 years ahead.</remarks>
    public static Instant<Utc> EraStart { get; } = new(Duration.FromSeconds(Day - (3_652L * 86_400)));

    private static long Day => long.Parse(
        typeof(BuildDate).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(item => item.Key == "BuildDate").Value!,
        CultureInfo.InvariantCulture);
}
