using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>What may be told to others of the clock's error. Possible without sources too.</summary>
public sealed record Announcement
{
    /// <summary>True time is followed, or was until lately and is held over with a bound that still means something.</summary>
    public required bool Synchronized { get; init; }

    /// <summary>Half-width, around the clock's reading with its pending phase worked off, of the interval with true time in it.</summary>
    public required Duration Bound { get; init; }

    /// <summary>
    /// Standard deviation of the clock's error until the next samples, what is not yet worked off included, without path asymmetry and
    /// the sources' own errors.
    /// </summary>
    public required Duration Sigma { get; init; }

    /// <summary>How fast the bound grows from now on, positive.</summary>
    public required FrequencyOffset BoundGrowth { get; init; }

    /// <summary>Until the next announcement is due at the latest.</summary>
    public required Duration Interval { get; init; }

    /// <summary>
    /// Until all is to be weighed up again, at most <see cref="Interval"/>: the bound that is then found is announced if it is beyond what
    /// the last one has grown to. Where samples come often the bound's growth is reckoned for no longer than this.
    /// </summary>
    public required Duration Horizon { get; init; }

    /// <summary>What more than half of the selected sources that have an opinion announce.</summary>
    public required LeapSecond Leap { get; init; }
}

/// <summary>One source as the discipline sees it.</summary>
public sealed record SourceReport
{
    public required SourceId Id { get; init; }

    /// <summary>Absent before the first sample.</summary>
    public SourceEstimate? Estimate { get; init; }

    /// <summary>The estimate minus the local clock with its pending phase; absent before the first sample.</summary>
    public Duration? Offset { get; init; }

    /// <summary>The newest sample's half-sum minus the local clock, absent before the first sample.</summary>
    public Duration? LastOffset { get; init; }

    /// <summary>Round trip of the newest sample.</summary>
    public Duration? LastDelay { get; init; }

    public required Verdict Verdict { get; init; }

    /// <summary>The verdict in words, with the numbers.</summary>
    public required string Reason { get; init; }

    /// <summary>Share in the combination, 0 to 1.</summary>
    public double Weight { get; init; }

    /// <summary>Time to leave between polls.</summary>
    public required Duration PollInterval { get; init; }

    /// <summary>The source seems to have stepped, or is taken to have done so since the newest sample: what it did, in words.</summary>
    public string? Alarm { get; init; }
}

/// <summary>The numbers of chronyc tracking.</summary>
public sealed record Tracking
{
    /// <summary>True time by the estimate minus the clock's reading; positive: the clock is behind.</summary>
    public Duration Offset { get; init; }

    /// <summary>The same at the last update by new samples, before it was corrected.</summary>
    public Duration LastOffset { get; init; }

    /// <summary>Long-term root mean square of <see cref="LastOffset"/>.</summary>
    public Duration RmsOffset { get; init; }

    /// <summary>Rate correction that the estimate asks for.</summary>
    public FrequencyOffset Frequency { get; init; }

    /// <summary>What the last update changed in it.</summary>
    public FrequencyOffset ResidualFrequency { get; init; }

    /// <summary>Standard deviation of the rate.</summary>
    public FrequencyOffset Skew { get; init; }

    /// <summary>Round trip to the reference clock, by way of the source with the most weight.</summary>
    public Duration RootDelay { get; init; }

    /// <summary>Error accumulated on that way, our own included (RFC 5905 section 11.2.3), without half the root delay.</summary>
    public Duration RootDispersion { get; init; }

    /// <summary>The last estimate that new samples changed.</summary>
    public Instant<Utc>? ReferenceTime { get; init; }

    /// <summary>Between the last two updates by new samples.</summary>
    public Duration UpdateInterval { get; init; }

    /// <summary>No source can be selected and the clock goes on by what is known.</summary>
    public bool Holdover { get; init; }

    /// <summary>Why the state is what it is, one sentence.</summary>
    public string Explanation { get; init; } = "";
}

/// <summary>What <see cref="ClockDiscipline.Update"/> finds.</summary>
public sealed record Outcome
{
    /// <summary>Absent: leave the clock as it is.</summary>
    public Correction? Correction { get; init; }

    public required Announcement Announcement { get; init; }

    /// <summary>The source with the most weight, absent if none is selected.</summary>
    public SourceId? Selected { get; init; }

    /// <summary>In the order of addition.</summary>
    public required IReadOnlyList<SourceReport> Sources { get; init; }

    public required Tracking Tracking { get; init; }

    /// <summary>Absent without a target.</summary>
    public AccuracyState? Accuracy { get; init; }

    /// <summary>
    /// Something is wrong with the clock itself, for as long as it may come again, or with all that it follows: what, in words, the same
    /// words for as long as it is the same, and what to do next.
    /// </summary>
    public string? Alarm { get; init; }

    /// <summary>What the sources say less what the clock goes by, while that is not followed; null if they agree.</summary>
    public Duration? Jump { get; init; }

    /// <summary>What has just been decided and an operator wants to find in the log: that a jump is followed, that it was none. Said once.</summary>
    public string? News { get; init; }
}

/// <summary>How the accuracy target stands.</summary>
/// <param name="Target">As set.</param>
/// <param name="Expected">Standard deviation of the clock's error when the next sample is due.</param>
/// <param name="IsMet">It is within the target.</param>
/// <param name="Reason">One sentence, with the numbers; if it is not met, what is in the way.</param>
public sealed record AccuracyState(Duration Target, Duration Expected, bool IsMet, string Reason);

/// <summary>For the drift file.</summary>
/// <param name="Rate">UTC gained per raw second.</param>
/// <param name="Sigma">Its standard deviation.</param>
public sealed record DriftState(FrequencyOffset Rate, FrequencyOffset Sigma);

/// <summary>For the history file; of use only in the same boot, as raw instants mean nothing in another.</summary>
/// <param name="Id">Whose.</param>
/// <param name="Samples">Oldest first, at most 64.</param>
public sealed record SourceHistory(SourceId Id, IReadOnlyList<Sample> Samples);
