using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Clock;

/// <summary>The clocks of the host that nobody steers. The kernel's in the daemon, made up in a simulation.</summary>
internal interface IHostClocks
{
    /// <summary>CLOCK_MONOTONIC_RAW.</summary>
    Instant<Raw> Raw();

    /// <summary>How long the host has been suspended since it was started: CLOCK_BOOTTIME minus CLOCK_MONOTONIC.</summary>
    Duration Suspended();
}

/// <summary>The kernel's.</summary>
internal sealed class HostClocks : IHostClocks
{
    public Instant<Raw> Raw() => Clocks.Raw();

    public Duration Suspended() => Clocks.Suspended();
}
