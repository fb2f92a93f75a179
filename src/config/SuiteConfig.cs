using TimeSuite.Policy;
using TimeSuite.Time;

namespace TimeSuite.Config;

/// <summary>timesuite.toml, checked: whoever holds one of these need not check again.</summary>
public sealed record SuiteConfig
{
    public ClockConfig Clock { get; init; } = new();

    /// <summary>[[source]], in the order of the files.</summary>
    public IReadOnlyList<SourceConfig> Sources { get; init; } = [];

    public NtpConfig Ntp { get; init; } = new();

    public SelectionConfig Selection { get; init; } = new();

    /// <summary>[serve]; absent: ntpd answers nobody.</summary>
    public ServeConfig? Serve { get; init; }

    /// <summary>[broadcast]; absent: nothing is sent unasked.</summary>
    public BroadcastConfig? Broadcast { get; init; }

    public NtsConfig Nts { get; init; } = new();

    /// <summary>[nts-server]; absent: ntskeyd exchanges keys for our own sources only.</summary>
    public NtsServerConfig? NtsServer { get; init; }

    /// <summary>[ptp]; absent: ptpd has nothing to do.</summary>
    public PtpConfig? Ptp { get; init; }

    /// <summary>[rate-limit]; absent: nobody is limited.</summary>
    public RateLimitConfig? RateLimit { get; init; }

    /// <summary>[keys]; absent: nobody is authenticated by a symmetric key.</summary>
    public KeysConfig? Keys { get; init; }

    /// <summary>[local]; absent: without sources we say that we are not synchronised.</summary>
    public LocalConfig? Local { get; init; }

    public LeapConfig Leap { get; init; } = new();

    public LogConfig Log { get; init; } = new();
}

/// <summary>[clock].</summary>
public sealed record ClockConfig
{
    /// <summary>"default", "chrony-like" or "strict", with the single values that other keys override. CLOCK.md section 2 has their meaning.</summary>
    public PolicyLimits Limits { get; init; } = PolicyLimits.Default;

    /// <summary>For PTP hardware clocks, which ptpd steers.</summary>
    public PhcLimits Phc { get; init; } = new();

    // What ntpd plans with: it knows numbers of the policy, not the policy.

    public FrequencyOffset MaxFrequency => Limits.MaxFrequency;

    public FrequencyOffset MaxSlewRate => Limits.MaxSlewRate;

    public FrequencyOffset MinBoundGrowth => Limits.MinBoundGrowth;

    /// <summary>Set the RTC from the clock (the kernel's eleven-minute mode) while synchronised.</summary>
    public bool RtcSync { get; init; } = true;

    /// <summary>Users (names or numbers) that may steer the system clock, beside timesuite-ntp.</summary>
    public IReadOnlyList<string> Steerers { get; init; } = [];

    /// <summary>Users (names or numbers) that may read, beside root, the daemons' and the group timesuite.</summary>
    public IReadOnlyList<string> Readers { get; init; } = [];
}

/// <summary>One [[source]].</summary>
public sealed record SourceConfig
{
    public enum SourceKind
    {
        Server,
        Pool,

        /// <summary>A hardware clock of this machine that somebody else sets.</summary>
        Phc,
    }

    public required SourceKind Kind { get; init; }

    /// <summary>Host name or address, as written; of a hardware clock its interface or its device.</summary>
    public required string Name { get; init; }

    /// <summary>The hardware clock shows UTC; else TAI.</summary>
    public bool IsUtc { get; init; }

    /// <summary>How far off the hardware clock may be: whoever sets it knows, and does not tell.</summary>
    public Duration Accuracy { get; init; } = Duration.FromNanoseconds(1_000);

    public int Port { get; init; } = 123;

    /// <summary>log2 s, -4 to 17.</summary>
    public int MinPoll { get; init; } = 6;

    /// <summary>log2 s, MinPoll to 17.</summary>
    public int MaxPoll { get; init; } = 10;

    public bool Iburst { get; init; } = true;

    /// <summary>A burst at each poll.</summary>
    public bool Burst { get; init; }

    public bool Prefer { get; init; }

    public bool NoSelect { get; init; }

    public bool Trust { get; init; }

    public bool Require { get; init; }

    /// <summary>RFC 9769.</summary>
    public bool Interleaved { get; init; }

    /// <summary>3 or 4.</summary>
    public int Version { get; init; } = 4;

    /// <summary>Number of the key that both ends have: requests are signed, replies have to be. 0: none.</summary>
    public uint Key { get; init; }

    /// <summary>Time from it is protected by NTS, or not used (RFC 8915).</summary>
    public bool Nts { get; init; }

    /// <summary>Where its key exchange is held, TCP.</summary>
    public int NtsPort { get; init; } = 4460;

    /// <summary>A PEM file with the certificates that its chain must lead to. Null: those of the system.</summary>
    public string? NtsTrust { get; init; }

    /// <summary>SHA-256 of the public key that its certificate must have, 64 hexadecimal digits. Null: any.</summary>
    public string? NtsPin { get; init; }

    /// <summary>Added to the measured offset; positive: the source is behind true time.</summary>
    public Duration Offset { get; init; }

    /// <summary>Share of the round trip by which the way out is longer than half: -0.5 to 0.5.</summary>
    public double Asymmetry { get; init; }

    /// <summary>Samples of a longer round trip are not used.</summary>
    public Duration MaxDelay { get; init; } = Duration.FromSeconds(3L);

    /// <summary>Pool: how many members are kept, 1 to 16.</summary>
    public int MaxSources { get; init; } = 4;

    /// <summary>Null: both. 4 or 6: only that family.</summary>
    public int? AddressFamily { get; init; }

    public string? SourceAddress { get; init; }

    /// <summary>0: a new random port for each request (RFC 9109).</summary>
    public int SourcePort { get; init; }

    public string? Interface { get; init; }

    /// <summary>0 to 63.</summary>
    public int Dscp { get; init; }

    /// <summary>Starts silent until timectl online.</summary>
    public bool Offline { get; init; }

    /// <summary>Configured file and line, for messages.</summary>
    public string Where { get; init; } = "";
}

/// <summary>[selection].</summary>
public sealed record SelectionConfig
{
    /// <summary>The clock's error that is good enough, RMS: polling is then as rare as that allows. Null: as good as the poll range can do.</summary>
    public Duration? AccuracyTarget { get; init; }

    public int MinSources { get; init; } = 1;

    /// <summary>Sources whose root distance is larger are not used.</summary>
    public Duration MaxDistance { get; init; } = Duration.FromSeconds(3L);

    /// <summary>Sources whose offset varies more are not used.</summary>
    public Duration MaxJitter { get; init; } = Duration.FromSeconds(1L);

    /// <summary>Sources combined at most.</summary>
    public int CombineLimit { get; init; } = 3;

    public int MaxStratum { get; init; } = 15;

    /// <summary>Step instead of slew when the clock is off by more...</summary>
    public Duration StepThreshold { get; init; } = Duration.FromSeconds(1L);

    /// <summary>...in the first so many updates; negative: always. clockd's policy decides in the end.</summary>
    public int StepLimit { get; init; } = 3;

    /// <summary>Sources that jump against a clock that was known well are followed up to this, or if they agree on it...</summary>
    public Duration JumpLimit { get; init; } = Duration.FromNanoseconds(50_000_000);

    /// <summary>...after so long.</summary>
    public Duration JumpWait { get; init; } = Duration.FromSeconds(900L);
}

/// <summary>[serve].</summary>
public sealed record ServeConfig
{
    /// <summary>Addresses with ports, e.g. 0.0.0.0:123, [::]:123, 0.0.0.0%eth0:123.</summary>
    public IReadOnlyList<string> Listen { get; init; } = ["0.0.0.0:123", "[::]:123"];

    /// <summary>Threads that answer, 1 to 256; null: one for each processor that there is for us.</summary>
    public int? Threads { get; init; }

    /// <summary>Who is answered.</summary>
    public AccessConfig Access { get; init; } = new();
}

/// <summary>[keys].</summary>
public sealed record KeysConfig
{
    /// <summary>Where the symmetric keys are; absolute.</summary>
    public string File { get; init; } = "/etc/timesuite/ntp.keys";
}

/// <summary>[local]: be a reference when there is no source.</summary>
public sealed record LocalConfig
{
    /// <summary>1 to 15.</summary>
    public int Stratum { get; init; } = 10;

    /// <summary>Servers of the same stratum agree on one of them (chrony's orphan mode).</summary>
    public bool Orphan { get; init; }

    /// <summary>A clock that is further from its reference has none.</summary>
    public Duration Distance { get; init; } = Duration.FromSeconds(1L);

    /// <summary>Not before the clock was nearer to a reference than this once; null: at once.</summary>
    public Duration? Activate { get; init; }

    /// <summary>Not before there was no reference for so long.</summary>
    public Duration Wait { get; init; }
}

/// <summary>[leap].</summary>
public sealed record LeapConfig
{
    public enum LeapMode
    {
        /// <summary>The kernel inserts or deletes the second.</summary>
        System,

        /// <summary>ntpd steps the clock by a second at the end of the day.</summary>
        Step,

        /// <summary>ntpd slews the second off after the end of the day.</summary>
        Slew,

        /// <summary>Nothing is done; the second is corrected like any other error.</summary>
        Ignore,
    }

    public LeapMode Mode { get; init; } = LeapMode.System;

    /// <summary>leap-seconds.list; null: the system's /usr/share/zoneinfo/leap-seconds.list, if there.</summary>
    public string? File { get; init; }
}

/// <summary>[log].</summary>
public sealed record LogConfig
{
    /// <summary>debug, info, warning or error.</summary>
    public string Level { get; init; } = "info";

    /// <summary>Where measurements.log, statistics.log and tracking.log go; null: none are written.</summary>
    public string? Directory { get; init; }

    public bool Measurements { get; init; }

    public bool Statistics { get; init; }

    public bool Tracking { get; init; }
}
