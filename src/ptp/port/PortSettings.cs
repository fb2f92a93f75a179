namespace TimeSuite.Ptp;

/// <summary>How a port learns the delay of its path.</summary>
public enum DelayMechanism : byte
{
    /// <summary>End to end, until a Pdelay_Req is heard: then peer to peer until the port starts anew.</summary>
    Auto = 0,

    /// <summary>End to end: it asks the master.</summary>
    E2E = 1,

    /// <summary>Peer to peer: it asks the other end of the link.</summary>
    P2P = 2,

    /// <summary>It does not ask: the delay is configured, or nobody follows here.</summary>
    None = 0xFE,
}

/// <summary>Who decides the role of a port.</summary>
public enum PortRole : byte
{
    /// <summary>The best master clock algorithm.</summary>
    Elected,

    /// <summary>The configuration: serves, and looks at no Announce (masterOnly of clause 8.2.15.5.2, or automotive).</summary>
    Master,

    /// <summary>The configuration: follows whoever sends Sync, without Announce (automotive).</summary>
    Slave,
}

/// <summary>The configuration of a port (IEEE 1588-2019 clause 8.2.15 and what profiles add). Defaults are those of the default profile.</summary>
public sealed record PortSettings
{
    /// <summary>For those who ask by management; null: nothing is known.</summary>
    public PortDescription? Description { get; init; }

    public DelayMechanism DelayMechanism { get; init; } = DelayMechanism.E2E;

    public PortRole Role { get; init; }

    public PortMode Mode { get; init; }

    /// <summary>Seals what is sent, and judges what comes by its seal; null: neither.</summary>
    public PtpAuthentication? Authentication { get; init; }

    /// <summary>Sync in one step: the hardware writes its time into it as it leaves.</summary>
    public bool OneStepSync { get; init; }

    /// <summary>log2 s.</summary>
    public sbyte LogAnnounceInterval { get; init; } = 1;

    /// <summary>Announce intervals of silence after which a master is given up, 2 to 255.</summary>
    public byte AnnounceReceiptTimeout { get; init; } = 3;

    /// <summary>log2 s.</summary>
    public sbyte LogSyncInterval { get; init; }

    /// <summary>Sync intervals of silence after which a master is given up; 0: never.</summary>
    public byte SyncReceiptTimeout { get; init; }

    /// <summary>log2 s: the mean interval that a master allows between requests of one slave.</summary>
    public sbyte LogMinDelayReqInterval { get; init; }

    /// <summary>Delay_Req goes to the master alone, and is answered alone (hybrid mode).</summary>
    public bool UnicastDelay { get; init; }

    /// <summary>Masters that are asked for messages, the preferred first (clause 16.1); then nobody else is followed. Empty: multicast is listened to.</summary>
    public IReadOnlyList<PtpAddress> UnicastMasters { get; init; } = [];

    /// <summary>For how many s masters are asked at a time.</summary>
    public uint UnicastSeconds { get; init; } = 300;

    /// <summary>What is granted to those who ask; null: nothing.</summary>
    public UnicastLimits? UnicastLimits { get; init; }

    /// <summary>Announce and Sync go to the group too, and Announces to the group are looked at. False: unicast alone.</summary>
    public bool Multicast { get; init; } = true;

    /// <summary>log2 s.</summary>
    public sbyte LogMinPdelayReqInterval { get; init; }

    /// <summary>Of version 2: 1, or 0 for devices that refuse 2.1.</summary>
    public byte MinorVersion { get; init; } = 1;

    /// <summary>How much longer the way from the master takes than the mean of both ways (clause 7.4.2).</summary>
    public Duration DelayAsymmetry { get; init; }

    /// <summary>How long before its stamp a message that comes in passed the border to the network (ingressLatency, clause 16.7).</summary>
    public Duration IngressLatency { get; init; }

    /// <summary>How long after its stamp a message that goes out passes it (egressLatency).</summary>
    public Duration EgressLatency { get; init; }

    public byte LocalPriority { get; init; } = 128;

    /// <summary>Announces within four intervals before a master counts.</summary>
    public int ForeignMasterThreshold { get; init; } = 2;

    /// <summary>Path trace TLV behind each Announce (clause 16.2).</summary>
    public bool PathTrace { get; init; }

    /// <summary>gPTP's TLV behind each Follow_Up.</summary>
    public bool FollowUpInformation { get; init; }

    /// <summary>No Announce is sent (automotive).</summary>
    public bool InhibitAnnounce { get; init; }

    /// <summary>gPTP: a link longer than this, or whose other end does not answer, is not used (asCapable). Null: any link is.</summary>
    public Duration? NeighborDelayThreshold { get; init; }

    /// <summary>Masters, by their clock, that this port may follow; empty: any.</summary>
    public IReadOnlySet<ClockIdentity> AcceptableMasters { get; init; } = new HashSet<ClockIdentity>();

    /// <summary>Grandmasters that this port may follow; empty: any.</summary>
    public IReadOnlySet<ClockIdentity> AcceptableGrandmasters { get; init; } = new HashSet<ClockIdentity>();

    /// <summary>A master whose grandmaster has a higher clock class is not followed.</summary>
    public byte MaxClockClass { get; init; } = byte.MaxValue;

    /// <summary>A time that moves by more is not used until it is confirmed; null: it is.</summary>
    public Duration? MaxJump { get; init; }

    /// <summary>A jump that lasted so long is confirmed.</summary>
    public Duration JumpConfirmation { get; init; } = Duration.FromSeconds(600L);

    /// <summary>Power grids: the TLV behind each Announce; its inaccuracy is what this clock adds. Null: none.</summary>
    public PowerProfile? Power { get; init; }

    internal Duration SyncInterval => LogInterval.ToDuration(LogSyncInterval);

    /// <summary>gPTP: the other end of the link may ask for other intervals.</summary>
    public bool HonorsIntervalRequests { get; init; }

    /// <summary>log2 s: nobody gets messages faster than this or than configured, whichever is faster.</summary>
    public sbyte FastestLogInterval { get; init; } = -5;

    /// <summary>gPTP: what is asked of the other end once this port has the time; null: nothing.</summary>
    public MessageIntervalRequest? OperationalIntervals { get; init; }

    /// <summary>gPTP, log2 s: between our own Pdelay_Reqs once this port has the time; null: as before.</summary>
    public sbyte? LogOperationalPdelayReqInterval { get; init; }
}

/// <summary>Intervals as messages tell them.</summary>
public static class LogInterval
{
    private const int Limit = 22; // 2^22 s is 48 days, 2^-22 s a rate nobody sends at: a hostile octet must not make a timer spin or sleep for ever

    /// <summary>2^<paramref name="log"/> s, the exponent held within +-22.</summary>
    public static Duration ToDuration(sbyte log) => Duration.FromSeconds(Math.ScaleB(1, Math.Clamp(log, (sbyte)-Limit, (sbyte)Limit)));
}
