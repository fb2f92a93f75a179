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
            ManagementId.TimeStatusNp =>
            [
                ("master_offset", Number(instance.Current.OffsetFromMaster.Scaled >> 16)), ("gmPresent", instance.IsGrandmaster ? "false" : "true"), ("gmIdentity", instance.Parent.Grandmaster.ToString()),
            ],
            ManagementId.PortDataSetNp => [("asCapable", Bit(port.IsCapable))],
            ManagementId.PortPropertiesNp =>
            [
                ("portIdentity", port.Identity.ToString()), ("portState", port.State.ToString().ToUpperInvariant()),
                ("timestamping", settings.Description?.HasHardwareStamps == true ? "HARDWARE" : "SOFTWARE"), ("interface", settings.Description?.Interface ?? ""),
            ],
            ManagementId.GrandmasterSettingsNp => [.. Quality("", own.Quality), .. Utc(instance.OwnTime), .. Timescale(instance.OwnTime), .. Traceability(instance.OwnTime), ("timeSource", Hex((byte)instance.OwnTime.Source))],
            ManagementId.PortStatsNp => [.. Enum.GetValues<MessageType>().SelectMany(type => new[] { ($"rx_{type}", Number(port.Counters.Received(type))), ($"tx_{type}", Number(port.Counters.Sent(type))) })],
            ManagementId.PortServiceStatsNp => [("announce_timeout", Number(port.Counters.AnnounceTimeouts)), ("sync_timeout", Number(port.Counters.SyncTimeouts))],
            ManagementId.SynchronizationUncertainNp => [("uncertain", Flag(time, PtpFlags.SynchronizationUncertain))],
            ManagementId.UnicastNegotiationEnable => [("enable", Bit(settings.UnicastLimits is not null || settings.UnicastMasters.Count > 0))],
            ManagementId.PathTraceEnable => [("enable", Bit(settings.PathTrace))],
            ManagementId.AcceptableMasterTableEnabled => [("enable", Bit(settings.AcceptableMasters.Count + settings.AcceptableGrandmasters.Count > 0))],
            ManagementId.UnicastMasterMaxTableSize => [("maxTableSize", Number(ForeignMasters.Limit))],
            ManagementId.ClockDescription =>
            [
                ("clockType", settings.Mode == PortMode.Transparent ? "TC" : instance.Ports.Count > 1 ? "BC" : "OC"), ("interface", settings.Description?.Interface ?? ""),
                ("productDescription", settings.Description?.Product ?? ""), ("revisionData", settings.Description?.Revision ?? ""),
                ("userDescription", instance.UserDescription),
            ],
            ManagementId.UserDescription => [("userDescription", instance.UserDescription)],
            ManagementId.UnicastMasterTableNp => [("actual_table_size", Number(settings.UnicastMasters.Count))],
            ManagementId.PowerProfileSettingsNp =>
            [
                ("version", settings.Power?.Version switch { PowerProfileVersion.Year2011 => "2011", PowerProfileVersion.Year2017 => "2017", _ => "none" }), ("grandmasterID", Number(settings.Power?.GrandmasterId ?? 0)),
                ("inaccuracy", Nanoseconds(TimeInterval.FromDuration(settings.Power?.Network ?? Duration.Zero))),
            ],
            ManagementId.MasterOnly => [("masterOnly", Bit(settings.Role == PortRole.Master))],
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
