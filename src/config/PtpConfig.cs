using System.Globalization;
using TimeSuite.Time;

namespace TimeSuite.Config;

/// <summary>[ptp]: ptpd's ports.</summary>
public sealed partial record PtpConfig
{
    public enum PtpRole
    {
        /// <summary>A slave, and nothing else.</summary>
        Follow,

        /// <summary>A grandmaster by this host's clock, or silent beside a better one; never a slave.</summary>
        Serve,

        /// <summary>Follows on the best of its ports and serves on the others.</summary>
        Boundary,

        /// <summary>Hands messages on between its ports, and says how long they lay here.</summary>
        Transparent,
    }

    public enum PtpProfile
    {
        Default,
        Gptp,
        Automotive,
        Enterprise,
        G8275Part1,
        G8275Part2,
        G8265Part1,
        Power,

        /// <summary>IEEE 1588.1, experimental.</summary>
        Csptp,
    }

    public enum PtpTransport
    {
        Udp4,
        Udp6,
        Ethernet,
    }

    public enum PtpTimestamping
    {
        /// <summary>By hardware where it is set up for it, else by software.</summary>
        Auto,
        Hardware,
        Software,
    }

    public enum PtpDelay
    {
        E2E,
        P2P,

        /// <summary>End to end until the other end of the link asks for peer delays.</summary>
        Auto,
    }

    /// <summary>A port on each, in this order.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = [];

    public PtpRole Role { get; init; }

    public PtpProfile Profile { get; init; }

    /// <summary>Null: the profile's.</summary>
    public PtpTransport? Transport { get; init; }

    /// <summary>What is used: as configured, else as the addresses of the masters are, else the profile's.</summary>
    public PtpTransport UsedTransport => Transport ?? (UnicastMasters is [var first, ..] ? KindOf(first) : null) ?? Profile switch
    {
        PtpProfile.Gptp or PtpProfile.Automotive or PtpProfile.G8275Part1 or PtpProfile.Power => PtpTransport.Ethernet,
        _ => PtpTransport.Udp4,
    };

    /// <summary>1 to 255: hops that a message to the group lives.</summary>
    public int Hops { get; init; } = 1;

    /// <summary>0 to 63: the class of traffic of all messages (RFC 2474).</summary>
    public int Dscp { get; init; }

    /// <summary>Who stamps the messages.</summary>
    public PtpTimestamping Timestamping { get; init; }

    /// <summary>Syncs in one step: the hardware writes its time into each as it leaves.</summary>
    public bool OneStep { get; init; }

    /// <summary>Null: the profile's.</summary>
    public PtpDelay? Delay { get; init; }

    /// <summary>0 to 255; null: the profile's.</summary>
    public int? Domain { get; init; }

    /// <summary>0 to 4095: beside the domain, which messages belong together (IEEE 1588-2019 clause 16.5); null: the profile's.</summary>
    public int? SdoId { get; init; }

    /// <summary>0 to 255; null: the profile's.</summary>
    public int? Priority1 { get; init; }

    /// <summary>0 to 255; null: the profile's.</summary>
    public int? Priority2 { get; init; }

    /// <summary>log2 s, -7 to 4; null: the profile's.</summary>
    public int? AnnounceInterval { get; init; }

    /// <summary>log2 s, -7 to 4; null: the profile's.</summary>
    public int? SyncInterval { get; init; }

    /// <summary>log2 s, -7 to 4, of Delay_Req or Pdelay_Req; null: the profile's.</summary>
    public int? DelayInterval { get; init; }

    /// <summary>2 to 255: announce intervals of silence after which a master is given up; null: the profile's.</summary>
    public int? AnnounceTimeout { get; init; }

    /// <summary>1 to 255: Sync intervals of silence after which a master is given up; 0: never. Null: the profile's.</summary>
    public int? SyncTimeout { get; init; }

    /// <summary>A master tells with each Announce through which clocks the time came; null: the profile's.</summary>
    public bool? PathTrace { get; init; }

    /// <summary>How much longer the way from the master takes than the mean of both.</summary>
    public Duration DelayAsymmetry { get; init; }

    /// <summary>How long before its stamp a message that comes in passed the plug.</summary>
    public Duration IngressLatency { get; init; }

    /// <summary>How long after its stamp a message that goes out passes the plug.</summary>
    public Duration EgressLatency { get; init; }

    /// <summary>A longer link is not used (asCapable of gPTP); null: the profile's.</summary>
    public Duration? MaxLinkDelay { get; init; }

    /// <summary>A master of an arbitrary time scale shows UTC, as ptp4l with software stamps does; else such a master's time is measured but not used.</summary>
    public bool ArbitraryIsUtc { get; init; }

    /// <summary>Identities of clocks that may be followed, as 001122.fffe.334455; empty: any.</summary>
    public IReadOnlyList<string> AcceptableMasters { get; init; } = [];

    /// <summary>Identities of grandmasters whose time may be followed; empty: any.</summary>
    public IReadOnlyList<string> AcceptableGrandmasters { get; init; } = [];

    /// <summary>[[ptp-port]], in the order of the files.</summary>
    public IReadOnlyList<PtpPortConfig> Ports { get; init; } = [];

    /// <summary>No port follows anybody.</summary>
    public bool MasterOnly { get; init; }

    /// <summary>What is used on the interfaces, each once.</summary>
    public IEnumerable<PtpTransport> Transports => Interfaces.Select(name => On(name).UsedTransport).Distinct();

    /// <summary>What holds on one interface, [[ptp-port]] applied.</summary>
    public PtpConfig On(string name) => Ports.FirstOrDefault(port => port.Interface == name) is not { } port ? this : this with
    {
        MasterOnly = port.MasterOnly,
        Transport = port.Transport ?? (port.UnicastMasters is null ? Transport : null),
        Delay = port.Delay ?? Delay,
        UnicastMasters = port.UnicastMasters ?? UnicastMasters,
        AnnounceInterval = port.AnnounceInterval ?? AnnounceInterval,
        SyncInterval = port.SyncInterval ?? SyncInterval,
        DelayInterval = port.DelayInterval ?? DelayInterval,
        DelayAsymmetry = port.DelayAsymmetry ?? DelayAsymmetry,
        IngressLatency = port.IngressLatency ?? IngressLatency,
        EgressLatency = port.EgressLatency ?? EgressLatency,
        MaxLinkDelay = port.MaxLinkDelay ?? MaxLinkDelay,
        LocalPriority = port.LocalPriority ?? LocalPriority,
    };

    internal static PtpConfig Read(TableReader table)
    {
        bool tracesPath = table.Bool("path-trace", false);

        return ReadPulse(table, ReadModes(table, ReadAuthentication(table, ReadPolicy(table, ReadUnicast(table, new()
        {
            Interfaces = table.Texts("interfaces", HostName.IsInterface, "must be the name of a network interface, 1 to 15 characters, e.g. \"eth0\"") ?? [],
            Role = table.Choice("role", PtpRole.Follow, ("follow", PtpRole.Follow), ("serve", PtpRole.Serve), ("boundary", PtpRole.Boundary), ("transparent", PtpRole.Transparent)),
            Profile = table.Choice(
                "profile", PtpProfile.Default, ("default", PtpProfile.Default), ("gptp", PtpProfile.Gptp), ("automotive", PtpProfile.Automotive),
                ("enterprise", PtpProfile.Enterprise), ("g8275.1", PtpProfile.G8275Part1), ("g8275.2", PtpProfile.G8275Part2), ("g8265.1", PtpProfile.G8265Part1),
                ("power", PtpProfile.Power), ("csptp", PtpProfile.Csptp)),
            Transport = ReadTransport(table),
            Hops = table.Int("hops", 1, 1, 255),
            Dscp = table.Int("dscp", 0, 0, 63),
            Timestamping = table.Choice("timestamping", PtpTimestamping.Auto, ("auto", PtpTimestamping.Auto), ("hardware", PtpTimestamping.Hardware), ("software", PtpTimestamping.Software)),
            OneStep = table.Bool("one-step", false),
            Delay = ReadDelay(table),
            Domain = table.Int("domain", 0, 255),
            SdoId = table.Int("sdo-id", 0, 4095),
            Priority1 = table.Int("priority1", 0, 255),
            Priority2 = table.Int("priority2", 0, 255),
            AnnounceInterval = ReadInterval(table, "announce-interval"),
            SyncInterval = ReadInterval(table, "sync-interval"),
            DelayInterval = ReadInterval(table, "delay-interval"),
            AnnounceTimeout = table.Int("announce-timeout", 2, 255),
            SyncTimeout = table.Int("sync-timeout", 0, 255),
            PathTrace = table.Has("path-trace") ? tracesPath : null,
            DelayAsymmetry = table.Duration("delay-asymmetry", Duration.Zero, -Duration.FromSeconds(1L), Duration.FromSeconds(1L), "from -1 s to 1 s"),
            IngressLatency = table.Duration("ingress-latency", Duration.Zero, -Duration.FromSeconds(1L), Duration.FromSeconds(1L), "from -1 s to 1 s"),
            EgressLatency = table.Duration("egress-latency", Duration.Zero, -Duration.FromSeconds(1L), Duration.FromSeconds(1L), "from -1 s to 1 s"),
            MaxLinkDelay = table.Duration("max-link-delay", Duration.FromNanoseconds(1), Duration.FromSeconds(1L), "from 1 ns to 1 s", "800 ns"),
            ArbitraryIsUtc = table.Choice("arbitrary-timescale", false, ("refuse", false), ("utc", true)),
            AcceptableMasters = Identities(table, "acceptable-masters"),
            AcceptableGrandmasters = Identities(table, "acceptable-grandmasters"),
        })))));
    }

    internal static PtpTransport? ReadTransport(TableReader table) =>
        table.Choice<PtpTransport?>("transport", null, ("udp4", PtpTransport.Udp4), ("udp6", PtpTransport.Udp6), ("ethernet", PtpTransport.Ethernet));

    internal static PtpDelay? ReadDelay(TableReader table) => table.Choice<PtpDelay?>("delay", null, ("e2e", PtpDelay.E2E), ("p2p", PtpDelay.P2P), ("auto", PtpDelay.Auto));

    internal static int? ReadInterval(TableReader table, string key) => table.Int(key, -7, 4);

    private static IReadOnlyList<string> Identities(TableReader table, string key) =>
        table.Texts(key, IsIdentity, "must be the identity of a clock, 16 hexadecimal digits, e.g. \"001122.fffe.334455\"") ?? [];

    private static bool IsIdentity(string text) =>
        text.Replace(".", "", StringComparison.Ordinal) is { Length: 16 } digits && ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);
}
