using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TimeSuite.Config;
using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>What a profile's word means: the numbers of its standard, each of which a key of [ptp] overrides.</summary>
/// <param name="Name">As in the configuration.</param>
/// <param name="Own">The data set of the instance, without its identity and quality.</param>
/// <param name="Port">Of each port.</param>
/// <param name="Rule">How masters are compared.</param>
/// <param name="UsesPeerGroup">All messages go to the group that no bridge forwards.</param>
internal sealed record Profile(string Name, DefaultDataSet Own, PortSettings Port, ComparisonRule Rule, bool UsesPeerGroup)
{
    private const ushort GptpSdo = 0x100;

    private const sbyte FastestGrant = -4; // what telecom's clocks ask for: an address that is false costs its owner no more

    /// <summary>Where messages travel: the profile's too is known to the configuration, for it decides what rights ptpd needs.</summary>
    public PtpConfig.PtpTransport Transport { get; private init; }

    /// <summary>How UDP's messages travel.</summary>
    public UdpManner Udp { get; private init; }

    /// <summary>What a grandmaster says of its synchronised clock; null: as that clock is.</summary>
    public TimeSource? Source { get; private init; }

    /// <summary>
    /// A boundary clock that was not said to have a reference has its time from masters. It takes over from none of them when it hears one again: that one's time would be lost to all. So it claims the least that it can.
    /// </summary>
    public static bool HasTimeOfMasters(PtpConfig config) => config is { Role: PtpConfig.PtpRole.Boundary, ClockClass: null };

    /// <summary>The offsetScaledLogVariance that a synchronised clock claims: as configured; else that of a primary reference where ITU-T names it (G.8275.1 and G.8275.2 table 2, for class 6), else unknown.</summary>
    public static ushort Variance(PtpConfig config, byte clockClass)
    {
        const byte primary = 6;
        const ushort primaryReference = 0x4E5D;
        return config.ClockVariance is { } configured ? (ushort)configured
            : clockClass == primary && config.Profile is PtpConfig.PtpProfile.G8275Part1 or PtpConfig.PtpProfile.G8275Part2 ? primaryReference : ClockQuality.Unknown.Variance;
    }

    /// <summary>The profile of a configuration, its own keys applied.</summary>
    public static Profile Of(PtpConfig config)
    {
        var profile = Named(config);
        var own = profile.Own with
        {
            Domain = (byte)(config.Domain ?? profile.Own.Domain),
            SdoId = (ushort)(config.SdoId ?? profile.Own.SdoId),
            Priority1 = (byte)(config.Priority1 ?? profile.Own.Priority1),
            Priority2 = (byte)(config.Priority2 ?? (HasTimeOfMasters(config) ? byte.MaxValue : profile.Own.Priority2)),
            LocalPriority = (byte)config.LocalPriority,
            SlaveOnly = config.Role is PtpConfig.PtpRole.Follow or PtpConfig.PtpRole.Transparent,
            Quality = config.Role is PtpConfig.PtpRole.Follow or PtpConfig.PtpRole.Transparent ? ClockQuality.Unknown with { Class = byte.MaxValue } : ClockQuality.Unknown, // 255: slave only (table 4)
            ClassThatNeverFollows = config.Role == PtpConfig.PtpRole.Serve ? byte.MaxValue : profile.Own.ClassThatNeverFollows,
        };
        sbyte sync = (sbyte)(config.SyncInterval ?? profile.Port.LogSyncInterval);
        var port = profile.Port with
        {
            Mode = config.Role == PtpConfig.PtpRole.Transparent ? PortMode.Transparent : profile.Port.Mode,
            Role = config.MasterOnly ? PortRole.Master : profile.Port.Role,
            OneStepSync = config.OneStep,
            DelayMechanism = config.Delay switch
            {
                PtpConfig.PtpDelay.E2E => DelayMechanism.E2E,
                PtpConfig.PtpDelay.P2P => DelayMechanism.P2P,
                PtpConfig.PtpDelay.Auto => DelayMechanism.Auto,
                _ => profile.Port.DelayMechanism,
            },
            LogAnnounceInterval = (sbyte)(config.AnnounceInterval ?? profile.Port.LogAnnounceInterval),
            AnnounceReceiptTimeout = (byte)(config.AnnounceTimeout ?? profile.Port.AnnounceReceiptTimeout),
            LogSyncInterval = sync,
            SyncReceiptTimeout = (byte)(config.SyncTimeout ?? profile.Port.SyncReceiptTimeout),
            PathTrace = config.PathTrace ?? profile.Port.PathTrace,
            LogMinDelayReqInterval = (sbyte)(config.DelayInterval ?? profile.Port.LogMinDelayReqInterval),
            LogMinPdelayReqInterval = (sbyte)(config.DelayInterval ?? profile.Port.LogMinPdelayReqInterval),
            NeighborDelayThreshold = config.MaxLinkDelay ?? profile.Port.NeighborDelayThreshold,
            DelayAsymmetry = config.DelayAsymmetry,
            IngressLatency = config.IngressLatency,
            EgressLatency = config.EgressLatency,
            AcceptableMasters = Identities(config.AcceptableMasters),
            AcceptableGrandmasters = Identities(config.AcceptableGrandmasters),
            LocalPriority = (byte)config.LocalPriority,
            MaxClockClass = (byte)(config.MaxClockClass ?? byte.MaxValue),
            MaxJump = config.MaxJump,
            JumpConfirmation = config.JumpConfirmation,
            OperationalIntervals = Wish(config),
            LogOperationalPdelayReqInterval = (sbyte?)config.OperationalDelayInterval,
            UnicastMasters = [.. config.UnicastMasters.Select(Address)],
            UnicastSeconds = (uint)config.UnicastDuration.WholeSeconds,
            UnicastLimits = config.Role != PtpConfig.PtpRole.Follow && (config.ServeUnicast is { } serve ? serve != PtpConfig.PtpUnicast.No : profile.Port.UnicastLimits is not null)
                ? new() { FastestLogInterval = Math.Min(FastestGrant, sync) } : null,
            Multicast = config.ServeUnicast is { } way ? way != PtpConfig.PtpUnicast.Only : profile.Port.Multicast,
        };
        return profile with { Own = own, Port = port, Transport = config.UsedTransport, Udp = new((byte)config.Hops, (byte)config.Dscp), Source = SourceOf(config.TimeSource) };
    }

    private static Profile Named(PtpConfig config) => config.Profile switch
    {
        // IEEE 802.1AS-2020 clauses 8.6.2, 10.7, 11.2.17, annex B.
        PtpConfig.PtpProfile.Gptp => new(
            "gptp", new() { Identity = default, SdoId = GptpSdo, Priority1 = 246, Priority2 = 248 }, Gptp(), ComparisonRule.Ieee1588, UsesPeerGroup: true),

        // Avnu's automotive profile: gPTP without an election; the configuration says who serves.
        PtpConfig.PtpProfile.Automotive => new(
            "automotive",
            new() { Identity = default, SdoId = GptpSdo, Priority1 = 248, Priority2 = 248 },
            Gptp() with { Role = config.Role == PtpConfig.PtpRole.Serve ? PortRole.Master : PortRole.Slave, InhibitAnnounce = true, PathTrace = false, NeighborDelayThreshold = null },
            ComparisonRule.Ieee1588, UsesPeerGroup: true),

        // RFC 9760: multicast from the master, unicast to it.
        PtpConfig.PtpProfile.Enterprise => new(
            "enterprise", new() { Identity = default }, new() { LogAnnounceInterval = 0, UnicastDelay = true }, ComparisonRule.Ieee1588, UsesPeerGroup: false),

        // ITU-T G.8275.1 clause 6: 8 Announces and 16 Syncs a second, on Ethernet.
        PtpConfig.PtpProfile.G8275Part1 => new(
            "g8275.1",
            new() { Identity = default, Domain = 24 },
            new() { LogAnnounceInterval = -3, LogSyncInterval = -4, LogMinDelayReqInterval = -4 },
            ComparisonRule.G8275, UsesPeerGroup: true),

        // ITU-T G.8275.2 annex A: unicast alone; 44 is the first of its domains.
        PtpConfig.PtpProfile.G8275Part2 => new(
            "g8275.2",
            new() { Identity = default, Domain = 44 },
            new() { LogAnnounceInterval = 0, LogSyncInterval = -4, LogMinDelayReqInterval = -4, Multicast = false, UnicastLimits = new() },
            ComparisonRule.G8275, UsesPeerGroup: false),

        // ITU-T G.8265.1 annex A: frequency from masters that are only that, by class and by the order in which they are configured.
        PtpConfig.PtpProfile.G8265Part1 => new(
            "g8265.1",
            new() { Identity = default, Domain = 4 },
            new()
            {
                LogAnnounceInterval = 1, AnnounceReceiptTimeout = 2, LogSyncInterval = -4, LogMinDelayReqInterval = -4, Multicast = false, UnicastLimits = new(),
                Role = config.Role == PtpConfig.PtpRole.Serve ? PortRole.Master : PortRole.Elected,
            },
            ComparisonRule.G8265, UsesPeerGroup: false),

        // IEEE C37.238: everything once a second, with peer delays, on Ethernet; 254 is its domain since 2017.
        PtpConfig.PtpProfile.Power => new(
            "power",
            new() { Identity = default, Domain = config.PowerVersion == PtpConfig.PtpPowerVersion.Year2017 ? (byte)254 : (byte)0 },
            new()
            {
                DelayMechanism = DelayMechanism.P2P, LogAnnounceInterval = 0,
                Power = new(config.PowerVersion == PtpConfig.PtpPowerVersion.Year2017 ? PowerProfileVersion.Year2017 : PowerProfileVersion.Year2011, (ushort)config.GrandmasterId, Duration.Zero, config.TimeInaccuracy),
            },
            ComparisonRule.Ieee1588, UsesPeerGroup: false),

        // IEEE 1588.1: a client asks, a server answers; 128 is the first of its domains.
        PtpConfig.PtpProfile.Csptp => new(
            "csptp",
            new() { Identity = default, Domain = 128, SdoId = CsptpTlv.SdoId },
            new()
            {
                DelayMechanism = DelayMechanism.None,
                Mode = config.Role == PtpConfig.PtpRole.Serve ? PortMode.CsptpServer : PortMode.CsptpClient,
                Role = config.Role == PtpConfig.PtpRole.Serve ? PortRole.Master : PortRole.Slave,
            },
            ComparisonRule.Ieee1588, UsesPeerGroup: false),

        _ => new("default", new() { Identity = default }, new(), ComparisonRule.Ieee1588, UsesPeerGroup: false),
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
        HonorsIntervalRequests = true,
    };

    private static TimeSource? SourceOf(PtpConfig.PtpTimeSource? configured) => configured switch
    {
        PtpConfig.PtpTimeSource.Atomic => TimeSource.AtomicClock,
        PtpConfig.PtpTimeSource.Gnss => TimeSource.Gnss,
        PtpConfig.PtpTimeSource.Radio => TimeSource.TerrestrialRadio,
        PtpConfig.PtpTimeSource.Ptp => TimeSource.Ptp,
        PtpConfig.PtpTimeSource.Ntp => TimeSource.Ntp,
        PtpConfig.PtpTimeSource.Other => TimeSource.Other,
        PtpConfig.PtpTimeSource.Internal => TimeSource.InternalOscillator,
        _ => null,
    };

    /// <summary>What a gPTP slave asks of its master once it has the time; null: nothing.</summary>
    private static MessageIntervalRequest? Wish(PtpConfig config) => config.OperationalSyncInterval is { } log
        ? new(MessageIntervalRequest.Unchanged, (sbyte)log, MessageIntervalRequest.Unchanged, MessageIntervalRequest.ComputeAll) : null;

    /// <summary>An address as the configuration writes it; it was checked there.</summary>
    private static PtpAddress Address(string text)
    {
        if (PtpConfig.KindOf(text) == PtpConfig.PtpTransport.Ethernet)
        {
            return new(PtpAddressKind.Ethernet, ulong.Parse(text.Replace(":", "", StringComparison.Ordinal), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        }

        Span<byte> octets = stackalloc byte[16];
        octets.Clear();
        var address = IPAddress.Parse(text);
        bool isIpv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        address.TryWriteBytes(isIpv6 ? octets : octets[12..], out _);
        return new(isIpv6 ? PtpAddressKind.IPv6 : PtpAddressKind.IPv4, BinaryPrimitives.ReadUInt128BigEndian(octets));
    }

    private static HashSet<ClockIdentity> Identities(IReadOnlyList<string> texts) =>
        [.. texts.Select(text => ClockIdentity.TryParse(text, out var identity) ? identity : default)];
}
