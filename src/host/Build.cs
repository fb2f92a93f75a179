using System.Globalization;
using System.Reflection;
using TimeSuite.Time;

namespace TimeSuite.Host;

/// <summary>What is known of this build.</summary>
public static class Build
{
    /// <summary>Midnight of the day it was made, or SOURCE_DATE_EPOCH: no clock and no packet is from before it.</summary>
    public static Instant<Utc> Date { get; } = new(Duration.FromSeconds(long.Parse(
        typeof(Build).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(item => item.Key == "BuildDate").Value!,
        CultureInfo.InvariantCulture)));

    /// <summary>Every NTP timestamp is read as one of the 136 years that begin here.</summary>
    /// <remarks>Ten years before the build: a server whose clock is a little behind must look behind, not 136 years ahead.</remarks>
    public static Instant<Utc> EraStart => Date - Duration.FromSeconds(3_652L * 86_400);
}
