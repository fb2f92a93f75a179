using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>Everything that can be set in the discipline, with units and defaults.</summary>
public sealed record DisciplineSettings
{
    /// <summary>Sources that must agree at least; fewer are not followed. Default 1.</summary>
    public int MinSources { get; init; } = 1;

    /// <summary>Sources with a larger <see cref="SourceEstimate.MaxError"/> are not used. Default 3 s.</summary>
    public Duration MaxDistance { get; init; } = Duration.FromSeconds(3L);

    /// <summary>Sources with a larger <see cref="SourceEstimate.Jitter"/> are not used. Default 1 s.</summary>
    public Duration MaxJitter { get; init; } = Duration.FromSeconds(1L);

    /// <summary>Sources combined at most, the best by weight, at least 1. Default 3.</summary>
    public int CombineLimit { get; init; } = 3;

    /// <summary>Sources of a higher stratum are not used, 1 to 15. Default 15.</summary>
    public int MaxStratum { get; init; } = 15;

    /// <summary>Samples a source needs before it is used. Default 3.</summary>
    public int MinSamples { get; init; } = 3;

    /// <summary>Error beyond which the clock is stepped, while <see cref="StepLimit"/> allows. Default 1 s.</summary>
    public Duration StepThreshold { get; init; } = Duration.FromSeconds(1L);

    /// <summary>In so many first updates; negative: always; 0: never. Default 3.</summary>
    public int StepLimit { get; init; } = 3;

    /// <summary>In those updates an error whose slew would last longer than this is stepped too. Default 10 s.</summary>
    public Duration StepRatherThanSlew { get; init; } = Duration.FromSeconds(10L);

    /// <summary>Magnitude of the rate correction at most. Default 500 ppm.</summary>
    public FrequencyOffset MaxFrequency { get; init; } = FrequencyOffset.FromPpm(500);

    /// <summary>Rate at which phase is worked off at most. Default 500 ppm.</summary>
    public FrequencyOffset MaxSlewRate { get; init; } = FrequencyOffset.FromPpm(500);

    /// <summary>The announced bound grows at least this fast. Default 0.1 ppb.</summary>
    public FrequencyOffset MinBoundGrowth { get; init; } = FrequencyOffset.FromPpb(0.1);

    /// <summary>In holdover, a larger bound is announced as not synchronised. Default 1 s.</summary>
    public Duration MaxHoldoverBound { get; init; } = Duration.FromSeconds(1L);

    /// <summary>
    /// Samples in a row that agree with each other on a step of their source before they are what it says; 0: never. Default 3. Whether
    /// the clock follows is another question: <see cref="JumpLimit"/>.
    /// </summary>
    public int StepConfirmation { get; init; } = 3;

    /// <summary>
    /// A jump of all sources that are followed, beyond what clock and paths explain, is followed up to this size, once it has lasted;
    /// a larger one only if independent sources agree on it, or by the administrator's word. Default 50 ms.
    /// </summary>
    public Duration JumpLimit { get; init; } = Duration.FromSeconds(0.05);

    /// <summary>How long a jump has to last before it is followed. Default 15 min.</summary>
    public Duration JumpWait { get; init; } = Duration.FromSeconds(900L);

    /// <summary>Phase that policy lets be slewed in one go; a clock that is off by more is left so, its rate apart. Absent: any.</summary>
    public Duration? MaxPhase { get; init; }

    /// <summary>
    /// Standard deviation that the clock's error may have, asymmetry of paths and the sources' own errors apart: polls are as rare as
    /// that allows. Absent: polls are spread evenly and rarer with age. Positive.
    /// </summary>
    public Duration? AccuracyTarget { get; init; }

    /// <summary>Standard deviation of the oscillator's rate when nothing is known. Default 200 ppm.</summary>
    public FrequencyOffset UnknownRateSigma { get; init; } = FrequencyOffset.FromPpm(200);

    /// <summary>Longest time until the next announcement. Default 64 s.</summary>
    public Duration MaxAnnouncementInterval { get; init; } = Duration.FromSeconds(64L);

    /// <summary>Shortest time until the next announcement, positive. Default 16 s.</summary>
    public Duration MinAnnouncementInterval { get; init; } = Duration.FromSeconds(16L);
}
