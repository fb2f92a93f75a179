using System.Globalization;

namespace TimeSuite.Ptp;

/// <summary>What a management id says, in pmc's names of fields: for those who ask on this host.</summary>
public static class ManagementView
{
    /// <summary>The fields of an id.</summary>
    /// <param name="id">What is asked for.</param>
    /// <param name="instance">Of whom.</param>
    /// <param name="port">And of which port.</param>
    public static IReadOnlyList<(string Field, string Value)> Of(ManagementId id, PtpInstance instance, PtpPort port)
    {
        var (own, time, settings) = (instance.Default, instance.Time, port.Settings);
        return id switch
        {
            ManagementId.DefaultDataSet =>
            [
                ("twoStepFlag", Bit(!settings.OneStepSync)), ("slaveOnly", Bit(own.SlaveOnly)), ("numberPorts", Number(instance.Ports.Count)), ("priority1", Number(own.Priority1)),
                .. Quality("", own.Quality), ("priority2", Number(own.Priority2)), ("clockIdentity", own.Identity.ToString()), ("domainNumber", Number(own.Domain)),
            ],
            ManagementId.CurrentDataSet =>
            [
                ("stepsRemoved", Number(instance.StepsRemoved)), ("offsetFromMaster", Nanoseconds(instance.Current.OffsetFromMaster)), ("meanPathDelay", Nanoseconds(instance.Current.MeanDelay)),
            ],
            ManagementId.ParentDataSet =>
            [
                ("parentPortIdentity", instance.Parent.Port.ToString()), ("grandmasterPriority1", Number(instance.Parent.Priority1)), .. Quality("gm.", instance.Parent.Quality),
                ("grandmasterPriority2", Number(instance.Parent.Priority2)), ("grandmasterIdentity", instance.Parent.Grandmaster.ToString()),
            ],
            ManagementId.TimePropertiesDataSet =>
            [
                .. Utc(time), .. Timescale(time), .. Traceability(time), ("timeSource", Hex((byte)time.Source)),
            ],
            ManagementId.PortDataSet =>
            [
                ("portIdentity", port.Identity.ToString()), ("portState", port.State.ToString().ToUpperInvariant()), ("logMinDelayReqInterval", Number(port.LogDelayReqInterval)),
                ("peerMeanPathDelay", Nanoseconds(TimeInterval.FromDuration(port.MeanLinkDelay ?? Duration.Zero))), ("logAnnounceInterval", Number(port.LogAnnounceInterval)),
                ("announceReceiptTimeout", Number(settings.AnnounceReceiptTimeout)), ("logSyncInterval", Number(port.LogSyncInterval)), ("delayMechanism", Mechanism(port.Mechanism)),
                ("logMinPdelayReqInterval", Number(port.LogPdelayReqInterval)), ("versionNumber", Version(settings)),
            ],
            ManagementId.Priority1 => [("priority1", Number(own.Priority1))],
            ManagementId.Priority2 => [("priority2", Number(own.Priority2))],
            ManagementId.Domain => [("domainNumber", Number(own.Domain))],
            ManagementId.SlaveOnly => [("slaveOnly", Bit(own.SlaveOnly))],
            ManagementId.LogAnnounceInterval => [("logAnnounceInterval", Number(port.LogAnnounceInterval))],
            ManagementId.AnnounceReceiptTimeout => [("announceReceiptTimeout", Number(settings.AnnounceReceiptTimeout))],
            ManagementId.LogSyncInterval => [("logSyncInterval", Number(port.LogSyncInterval))],
            ManagementId.VersionNumber => [("versionNumber", Version(settings))],
            ManagementId.ClockAccuracy => [("clockAccuracy", Hex((byte)own.Quality.Accuracy))],
            ManagementId.UtcProperties => Utc(time),
            ManagementId.TraceabilityProperties => Traceability(time),
            ManagementId.TimescaleProperties => [.. Timescale(time), ("timeSource", Hex((byte)time.Source))],
            ManagementId.PathTraceList => [.. instance.Path.ToArray().Select(clock => ("pathSequence", clock.ToString()))],
            ManagementId.DelayMechanism => [("delayMechanism", Mechanism(port.Mechanism))],
            ManagementId.LogMinPdelayReqInterval => [("logMinPdelayReqInterval", Number(port.LogPdelayReqInterval))],
            ManagementId.EnablePort or ManagementId.DisablePort => [("portState", port.State.ToString().ToUpperInvariant())],
            _ => [],
        };
    }

    private static (string, string)[] Quality(string prefix, ClockQuality quality) =>
        [(prefix + "clockClass", Number(quality.Class)), (prefix + "clockAccuracy", Hex((byte)quality.Accuracy)), (prefix + "offsetScaledLogVariance", string.Create(CultureInfo.InvariantCulture, $"0x{quality.Variance:x4}"))];

    private static (string, string)[] Utc(TimeProperties time) =>
        [("currentUtcOffset", Number(time.UtcOffset)), ("leap61", Flag(time, PtpFlags.Leap61)), ("leap59", Flag(time, PtpFlags.Leap59)), ("currentUtcOffsetValid", Flag(time, PtpFlags.UtcOffsetValid))];

    private static (string, string)[] Timescale(TimeProperties time) => [("ptpTimescale", Flag(time, PtpFlags.PtpTimescale))];

    private static (string, string)[] Traceability(TimeProperties time) => [("timeTraceable", Flag(time, PtpFlags.TimeTraceable)), ("frequencyTraceable", Flag(time, PtpFlags.FrequencyTraceable))];

    private static string Mechanism(DelayMechanism mechanism) => mechanism switch { DelayMechanism.E2E => "E2E", DelayMechanism.P2P => "P2P", _ => "NONE" };

    private static string Version(PortSettings settings) => string.Create(CultureInfo.InvariantCulture, $"2.{settings.MinorVersion}");

    private static string Nanoseconds(TimeInterval interval) => string.Create(CultureInfo.InvariantCulture, $"{interval.Scaled / 65536.0:0.0##}");

    private static string Flag(TimeProperties time, PtpFlags flag) => Bit((time.Flags & flag) != 0);

    private static string Bit(bool value) => value ? "1" : "0";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hex(byte value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x2}");
}
