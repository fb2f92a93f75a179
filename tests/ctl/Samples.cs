using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Rpc.Ntp.V1;
using TimeSuite.Rpc.Nts.V1;
using Wire = TimeSuite.Rpc.Time.V1;

namespace TimeSuite.Ctl.Tests;

/// <summary>Answers of daemons that are well.</summary>
internal static class Samples
{
    public static Wire.Duration Time(double seconds) => TimeSuite.Time.Duration.FromNanoseconds((long)Math.Round((decimal)seconds * 1e9m)).ToWire();

    public static CookieKeys Keys() => new()
    {
        Keys =
        {
            new CookieKey { Id = 3, Secret = Google.Protobuf.ByteString.CopyFrom(new byte[32]), From = Time(3) },
            new CookieKey { Id = 2, Secret = Google.Protobuf.ByteString.CopyFrom(new byte[32]), From = Time(2), Seals = true },
        },
    };

    /// <param name="days">Until it expires.</param>
    public static ServerCertificate Certificate(double days) => new()
    {
        File = "/etc/timesuite/chain.pem",
        Names = { "time.example", "192.0.2.1" },
        Key = "ECDSA P-256",
        ValidFrom = Time(1_700_000_000),
        ValidUntil = Time(Math.Round((DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds + (days * 86_400))),
    };

    public static Tracking Tracking() => new()
    {
        Synchronized = true,
        ReferenceName = "ntp.example.net",
        ReferenceId = 0xC0000201,
        Stratum = 3,
        ReferenceTime = Time(1_790_000_000.25),
        Offset = Time(12.345e-6),
        LastOffset = Time(-2e-6),
        RmsOffset = Time(3e-6),
        FrequencyPpb = -12_345,
        ResidualFrequencyPpb = 1,
        SkewPpb = 20,
        RootDelay = Time(0.0125),
        RootDispersion = Time(0.001),
        UpdateInterval = Time(64),
        Leap = Wire.LeapSecond.None,
        Bound = Time(0.00725),
        Sigma = Time(5e-6),
        PendingPhase = Time(10e-6),
        ClockKind = "system",
        Explanation = "2 of 3 sources agree",
        PacketsPerHour = 120,
        ClockdConnected = true,
        TaiOffsetS = 37,
        Version = "0.1.0",
        Uptime = Time(7_300),
    };

    public static IEnumerable<Source> Sources()
    {
        yield return new()
        {
            Name = "ntp.example.net", Address = "192.0.2.1", Mode = Source.Types.Mode.Server, Online = true, Stratum = 2,
            ReferenceId = 0xC6336401, PollLog2S = 6, Reach = 0xFF, LastReceivedAgo = Time(33), EstimatedOffset = Time(12e-6), LastOffset = Time(13e-6),
            LastDelay = Time(0.012), Sigma = Time(4e-6), Bound = Time(0.0075), FrequencyPpb = 3, SkewPpb = 15, Samples = 20, Span = Time(1_300),
            Weight = 0.75, Verdict = Verdict.Selected, Reason = "agrees with 2 others", Sent = 30, Received = 29, Refused = 1, LastRefusal = "duplicate",
            Options = "prefer iburst", JitterS = 7e-6, Stamps = "kernel",
        };
        yield return new()
        {
            Name = "pool.example", Pool = "pool.example", Address = "2001:db8::7", Mode = Source.Types.Mode.PoolMember, Online = true, Stratum = 3,
            PollLog2S = -3, Reach = 0x55, LastReceivedAgo = Time(0.5), EstimatedOffset = Time(-1), Bound = Time(0.02), Weight = 0,
            Verdict = Verdict.Falseticker, Reason = "off by 1.000 s from the 2 that agree",
        };
        yield return new() { Name = "silent.example", PollLog2S = 10, Verdict = Verdict.Unreachable, Reason = "never answered" };
    }

    public static ServerStatistics Server() => new()
    {
        Threads = 2,
        Outcomes =
        {
            new ServerStatistics.Types.Outcome { Name = "answered", Meaning = "answered with the time", Count = 1_000, Replied = true },
            new ServerStatistics.Types.Outcome { Name = "rate_limited", Meaning = "asked too often", Count = 7 },
            new ServerStatistics.Types.Outcome { Name = "wrong_mac", Meaning = "a MAC that is not right" },
        },
        Interleaved = 12,
        Nts = 5,
        Unsent = 2,
        ClientCapacity = 4_096,
    };

    public static ListClientsReply Clients() => new()
    {
        Remembered = 3,
        Clients =
        {
            new Client { Network = "192.0.2.1", Requests = 900, Limited = 7, LastRequestAgo = Time(12), Interval = Time(64), Version = 4, Authenticated = true },
            new Client { Network = "2001:db8::/64", Requests = 1, LastRequestAgo = Time(7200), Version = 3 },
        },
    };

    public static GetClockReply Clock() => new()
    {
        Description = new()
        {
            Version = "0.1.0",
            Clocks =
            {
                new ClockDescription
                {
                    Id = "system", Kind = ClockDescription.Types.Kind.Shadow, FrequencyPpb = 30_000, PendingPhase = Time(-1e-3), TimeConstant = 2,
                    Synchronized = true, Bound = Time(0.002), Holder = "uid 997 pid 1234", StepGeneration = 1, TaiOffsetS = 37, FirstSynchronized = true,
                },
            },
            Policy = new()
            {
                Name = "default", MaxFrequencyPpb = 500_000, MaxSlewRatePpb = 500_000, MaxSlewedPhasePerDay = Time(1), BootSteps = 3,
                MaxLaterStep = Time(0), Lease = Time(10), Floor = Time(1_780_000_000), MinBoundGrowthPpb = 1_000,
            },
            Counters = new() { Adjustments = 42, Steps = 1, Refusals = 2, Leases = 3, LeasesExpired = 1, SlewedLastDay = Time(0.25), TotalStepped = Time(0.05), BootStepsLeft = 2 },
        },
        Recent =
        {
            new Event { At = Time(100), ClockId = "system", Kind = Event.Types.Kind.Step, Who = "uid 997 pid 1234", Text = "stepped", Phase = Time(0.05) },
            new Event { At = Time(101.5), ClockId = "system", Kind = Event.Types.Kind.LeaseEnd, Who = "uid 997 pid 1234", Text = "gone" },
        },
    };
}
