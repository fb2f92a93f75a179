using TimeSuite.Config;
using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>What a profile's word means: the numbers of its standard, each of which a key of [ptp] overrides.</summary>
/// <param name="Name">As in the configuration.</param>
/// <param name="Own">The data set of the instance, without its identity and quality.</param>
/// <param name="Port">Of each port.</param>
/// <param name="Rule">How masters are compared.</param>
/// <param name="Transport">Where messages travel.</param>
/// <param name="UsesPeerGroup">All messages go to the group that no bridge forwards.</param>
internal sealed record Profile(string Name, DefaultDataSet Own, PortSettings Port, ComparisonRule Rule, PtpConfig.PtpTransport Transport, bool UsesPeerGroup)
{
    private const ushort GptpSdo = 0x100;

    /// <summary>The profile of a configuration, its own keys applied.</summary>
    public static Profile Of(PtpConfig config)
    {
        var profile = Named(config);
        bool peer = config.Delay is { } delay ? delay == PtpConfig.PtpDelay.P2P : profile.Port.DelayMechanism == DelayMechanism.P2P;
        var own = profile.Own with
        {
            Domain = (byte)(config.Domain ?? profile.Own.Domain),
            Priority1 = (byte)(config.Priority1 ?? profile.Own.Priority1),
            Priority2 = (byte)(config.Priority2 ?? profile.Own.Priority2),
            SlaveOnly = config.Role == PtpConfig.PtpRole.Follow,
            Quality = config.Role == PtpConfig.PtpRole.Follow ? ClockQuality.Unknown with { Class = byte.MaxValue } : ClockQuality.Unknown, // 255: slave only (table 4)
            ClassThatNeverFollows = config.Role == PtpConfig.PtpRole.Serve ? byte.MaxValue : profile.Own.ClassThatNeverFollows,
        };
        var port = profile.Port with
        {
            DelayMechanism = peer ? DelayMechanism.P2P : DelayMechanism.E2E,
            LogAnnounceInterval = (sbyte)(config.AnnounceInterval ?? profile.Port.LogAnnounceInterval),
            LogSyncInterval = (sbyte)(config.SyncInterval ?? profile.Port.LogSyncInterval),
            LogMinDelayReqInterval = (sbyte)(config.DelayInterval ?? profile.Port.LogMinDelayReqInterval),
            LogMinPdelayReqInterval = (sbyte)(config.DelayInterval ?? profile.Port.LogMinPdelayReqInterval),
            NeighborDelayThreshold = config.MaxLinkDelay ?? profile.Port.NeighborDelayThreshold,
            DelayAsymmetry = config.DelayAsymmetry,
            AcceptableMasters = Identities(config.AcceptableMasters),
            AcceptableGrandmasters = Identities(config.AcceptableGrandmasters),
        };
        return profile with { Own = own, Port = port, Transport = config.Transport ?? profile.Transport };
    }

    private static Profile Named(PtpConfig config) => config.Profile switch
    {
        // IEEE 802.1AS-2020 clauses 8.6.2, 10.7, 11.2.17, annex B.
        PtpConfig.PtpProfile.Gptp => new(
            "gptp", new() { Identity = default, SdoId = GptpSdo, Priority1 = 246, Priority2 = 248 }, Gptp(), ComparisonRule.Ieee1588, PtpConfig.PtpTransport.Ethernet, UsesPeerGroup: true),

        // Avnu's automotive profile: gPTP without an election; the configuration says who serves.
        PtpConfig.PtpProfile.Automotive => new(
            "automotive",
            new() { Identity = default, SdoId = GptpSdo, Priority1 = 248, Priority2 = 248 },
            Gptp() with { Role = config.Role == PtpConfig.PtpRole.Serve ? PortRole.Master : PortRole.Slave, InhibitAnnounce = true, PathTrace = false, NeighborDelayThreshold = null },
            ComparisonRule.Ieee1588, PtpConfig.PtpTransport.Ethernet, UsesPeerGroup: true),

        // RFC 9760: multicast from the master, unicast to it.
        PtpConfig.PtpProfile.Enterprise => new(
            "enterprise", new() { Identity = default }, new() { LogAnnounceInterval = 0, UnicastDelay = true }, ComparisonRule.Ieee1588, PtpConfig.PtpTransport.Udp4, UsesPeerGroup: false),

        // ITU-T G.8275.1 clause 6: 8 Announces and 16 Syncs a second, on Ethernet.
        PtpConfig.PtpProfile.G8275Part1 => new(
            "g8275.1",
            new() { Identity = default, Domain = 24 },
            new() { LogAnnounceInterval = -3, LogSyncInterval = -4, LogMinDelayReqInterval = -4 },
            ComparisonRule.G8275, PtpConfig.PtpTransport.Ethernet, UsesPeerGroup: true),

        _ => new("default", new() { Identity = default }, new(), ComparisonRule.Ieee1588, PtpConfig.PtpTransport.Udp4, UsesPeerGroup: false),
    };

    private static PortSettings Gptp() => new()
    {
        DelayMechanism = DelayMechanism.P2P,
        LogAnnounceInterval = 0,
        LogSyncInterval = -3,
        SyncReceiptTimeout = 3,
        ForeignMasterThreshold = 1,
        PathTrace = true,
        FollowUpInformation = true,
        NeighborDelayThreshold = Duration.FromNanoseconds(800),
    };

    private static HashSet<ClockIdentity> Identities(IReadOnlyList<string> texts) =>
        [.. texts.Select(text => ClockIdentity.TryParse(text, out var identity) ? identity : default)];
}
