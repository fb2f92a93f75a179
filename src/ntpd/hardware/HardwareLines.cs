using TimeSuite.Linux;

namespace TimeSuite.Ntpd.Hardware;

/// <summary>How stamps of an interface's hardware are carried over to the system's clock.</summary>
/// <param name="Interface">The kernel's number.</param>
/// <param name="Shown">By the hardware clock, in ns.</param>
/// <param name="Realtime">CLOCK_REALTIME at that moment, in ns.</param>
/// <param name="Rate">How much faster that runs.</param>
internal readonly record struct HardwareLine(int Interface, long Shown, long Realtime, double Rate);

/// <summary>The lines of all interfaces whose hardware stamps, for the threads that serve. Made anew four times a second.</summary>
/// <param name="Lines">Null: there are none.</param>
internal readonly record struct HardwareLines(HardwareLine[]? Lines)
{
    /// <summary>Older than this a line is not used, in ns: clocks are steered meanwhile.</summary>
    private const long Oldest = 1_000_000_000;

    /// <summary>The kernel sees a packet so much later than the hardware, in ns, and never before it but for what the line is off by. What lies outside was stamped by a clock that has been stepped.</summary>
    private const long Latest = 1_000_000, Earliest = -20_000;

    /// <summary>Finds what CLOCK_REALTIME showed.</summary>
    /// <param name="hardware">The stamp. Of an interface that the kernel did not say it is the only one's there is.</param>
    /// <param name="kernel">The kernel's own stamp of the same packet.</param>
    /// <returns>The better of the two.</returns>
    public KernelStamp Better(HardwareStamp hardware, KernelStamp kernel)
    {
        if (hardware.IsKnown && kernel.IsKnown && TryMap(hardware, out long mapped) && kernel.Nanoseconds - mapped is >= Earliest and <= Latest)
        {
            return new(mapped);
        }

        return kernel;
    }

    /// <summary>The same for a stamp that comes alone.</summary>
    /// <param name="hardware">Of a packet that left.</param>
    /// <param name="realtime">CLOCK_REALTIME in ns.</param>
    /// <returns>False if there is no line to go by.</returns>
    public bool TryMap(HardwareStamp hardware, out long realtime)
    {
        foreach (var line in Lines ?? [])
        {
            long since = hardware.Nanoseconds - line.Shown;
            if ((hardware.Interface == line.Interface || (hardware.Interface == 0 && Lines!.Length == 1)) && since is > -Oldest and < Oldest)
            {
                realtime = line.Realtime + since + (long)(since * line.Rate);
                return true;
            }
        }

        realtime = 0;
        return false;
    }
}
