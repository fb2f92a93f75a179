using System.ComponentModel;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Linux;

namespace TimeSuite.Ptpd.Hardware;

/// <summary><c>ptpd --set-hardware-filters</c>: has the interfaces of [ptp] stamp PTP by their hardware, and those of hw-timestamp NTP, and ends. The one thing that needs CAP_NET_ADMIN.</summary>
internal static partial class FilterSetup
{
    /// <summary>Sets them all.</summary>
    /// <returns>The exit status: 0 also where the hardware stamps nothing, for then there is nothing to set.</returns>
    public static int Run(SuiteConfig config, ILogger log)
    {
        int status = 0;
        foreach (var (name, needed, isOneStep) in Needed(config))
        {
            if (!HardwareStamping.TryDescribe(name, out var stamping) || !stamping.StampsBothWays)
            {
                LogNothing(log, name);
                continue;
            }

            if (isOneStep && !stamping.CanOneStep)
            {
                LogRefused(log, name, "it cannot write the time into a Sync as it leaves: leave out one-step");
                status = 1;
                continue;
            }

            _ = HardwareStamping.TryReadFilters(name, out var found); // a driver that does not tell has nothing to lose
            if (found.Widened(needed, stamping.Filters, isOneStep ? HardwareFilters.OneStepSync : HardwareFilters.TransmitOn) is not { } wanted)
            {
                LogRefused(log, name, $"none of its filters ({stamping.Filters:x}) stamps {needed} beside what is stamped now ({found.Receive})");
                status = 1;
                continue;
            }

            try
            {
                var made = wanted == found ? found : HardwareStamping.SetFilters(name, wanted);
                LogSet(log, name, made.Transmit, made.Receive);
            }
            catch (Win32Exception failure)
            {
                LogRefused(log, name, failure.Message);
                status = 1;
            }
        }

        return status;
    }

    /// <summary>What is to be stamped, by interface: what ptpd needs first, so that NTP cannot keep it from having that.</summary>
    private static IEnumerable<(string Name, HardwareFilters.Protocols Needed, bool IsOneStep)> Needed(SuiteConfig config)
    {
        if (config.Ptp is { } ptp)
        {
            foreach (string name in ptp.Interfaces)
            {
                yield return (name, NeededBy(ptp.On(name).UsedTransport), ptp.OneStep);
            }
        }

        foreach (string name in config.Ntp.StampsOnAll ? HardwareStamping.Interfaces() : config.Ntp.HardwareStamps)
        {
            yield return (name, HardwareFilters.Protocols.Ntp, false);
        }
    }

    /// <summary>What has to come with a stamp.</summary>
    public static HardwareFilters.Protocols NeededBy(PtpConfig.PtpTransport transport) =>
        transport == PtpConfig.PtpTransport.Ethernet ? HardwareFilters.Protocols.PtpOnEthernet : HardwareFilters.Protocols.PtpOverUdp;

    [LoggerMessage(LogLevel.Information, "{Interface} stamps nothing by its hardware, or is not there")]
    private static partial void LogNothing(ILogger log, string @interface);

    [LoggerMessage(LogLevel.Information, "{Interface}: transmit stamps {Transmit}, receive filter {Receive}")]
    private static partial void LogSet(ILogger log, string @interface, int transmit, int receive);

    [LoggerMessage(LogLevel.Error, "{Interface}: the hardware's filters were not set: {Why}")]
    private static partial void LogRefused(ILogger log, string @interface, string why);
}
