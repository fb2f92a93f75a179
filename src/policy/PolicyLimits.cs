using TimeSuite.Time;

namespace TimeSuite.Policy;

/// <summary>The numbers of a policy.</summary>
public sealed record PolicyLimits
{
    /// <summary>What a user starts from; single values may differ.</summary>
    public string Name { get; init; } = "default";

    /// <summary>Magnitude; 500 ppm is the kernel's own limit (MAXFREQ, adjtimex(2)).</summary>
    public FrequencyOffset MaxFrequency { get; init; } = FrequencyOffset.FromPpm(500);

    public FrequencyOffset MaxSlewRate { get; init; } = FrequencyOffset.FromPpm(500);

    /// <summary>Slewed phase, sum of magnitudes, in any 24 h after the first synchronisation of this boot.</summary>
    public Duration MaxSlewedPhasePerDay { get; init; } = Duration.FromSeconds(1L);

    /// <summary>Steps of any size until the first synchronisation of this boot.</summary>
    public int BootSteps { get; init; } = 3;

    /// <summary>Steps in any 24 h after it.</summary>
    public int LaterStepsPerDay { get; init; }

    public Duration MaxLaterStep { get; init; } = Duration.Zero;

    /// <summary>How long a holder may be silent while phase is pending.</summary>
    public Duration Lease { get; init; } = Duration.FromSeconds(10L);

    /// <summary>The published bound grows at least this fast.</summary>
    public FrequencyOffset MinBoundGrowth { get; init; } = FrequencyOffset.FromPpb(0.1);

    public static PolicyLimits Default { get; } = new();

    /// <summary>As fast as chrony slews (maxslewrate 83333.333 ppm), and no day's sum that would matter.</summary>
    public static PolicyLimits ChronyLike { get; } = new()
    {
        Name = "chrony-like",
        MaxSlewRate = FrequencyOffset.FromPpm(83_333.333),
        MaxSlewedPhasePerDay = Duration.FromSeconds(3_600L),
    };

    /// <summary>For a host whose clock is known to be good: one step at boot, and hardly a push after it.</summary>
    public static PolicyLimits Strict { get; } = new()
    {
        Name = "strict",
        MaxFrequency = FrequencyOffset.FromPpm(200),
        MaxSlewRate = FrequencyOffset.FromPpm(100),
        MaxSlewedPhasePerDay = Duration.FromNanoseconds(100_000_000),
        BootSteps = 1,
    };
}
