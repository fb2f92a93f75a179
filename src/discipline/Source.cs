using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>One source with all that the discipline knows of it.</summary>
internal sealed class Source(SourceId id, SourceOptions options, ISourceEstimator estimator)
{
    private readonly PollControl _poll = new();

    private Sample? _newest;

    public SourceId Id => id;

    public SourceOptions Options { get; set; } = options;

    public SourceState State { get; set; } = new();

    public ISourceEstimator Estimator => estimator;

    public string Name => Options.Name.Length > 0 ? Options.Name : Id.ToString();

    public Duration PollInterval => _poll.Interval(Options);

    /// <summary>No shorter one is allowed after the initial burst.</summary>
    public Duration LeastPollInterval => _poll.Least(Options);

    /// <summary>When the next sample is due; absent before the first.</summary>
    public Instant<Raw>? Due => _newest is { } sample ? sample.At + PollInterval : null;

    /// <summary>Standard deviation that this source's estimate may have at the next poll; absent: the poll controller's own judgement.</summary>
    public Duration? Goal { get; set; }

    /// <summary>By how much its own estimate is usually worse than that of all sources together, at least 1.</summary>
    public double Worse { get; set; } = 1;

    /// <summary>Set while the source seems to have stepped, and by the sample that settled it.</summary>
    public string? Alarm { get; private set; }

    /// <summary>The samples from before the last step; null if there was none.</summary>
    public IReadOnlyList<Sample>? BeforeStep { get; private set; }

    /// <summary>The newest sample that is in the estimate; absent before the first.</summary>
    public Instant<Raw>? Newest => estimator.History is [.., var newest] ? newest.At : null;

    /// <summary>When the newest sample came, whether the estimate has it in or not; absent before the first.</summary>
    public Instant<Raw>? Heard => _newest?.At;

    /// <summary>What the newest sample has left of the errors before it; all zero: that was the first, or all began anew with it.</summary>
    public ErrorKept Kept { get; private set; }

    public SampleUse Take(in Sample sample)
    {
        var corrected = Calibrated(sample);
        if (corrected.Delay > Options.MaxDelay)
        {
            return SampleUse.Refused;
        }

        var before = EstimateAt(corrected.At);
        IReadOnlyList<Sample>? history = estimator.Suspects > 0 ? [.. estimator.History] : null;
        var use = estimator.Add(corrected);
        BeforeStep = use == SampleUse.FollowedStep ? history : BeforeStep;
        if (use == SampleUse.Refused)
        {
            return use;
        }

        _newest = corrected;
        Kept = default;
        Alarm = use switch
        {
            SampleUse.Suspect => FormattableString.Invariant(
                $"has stepped by {Words.Of(estimator.SuspectOffset)} in {estimator.Suspects} samples, not followed"),
            SampleUse.FollowedStep when EstimateAt(corrected.At) is { } now && before is { } then =>
                $"has stepped by {Words.Of(now.Utc - then.Utc)}, and stays there",
            _ => null,
        };
        if (EstimateAt(corrected.At) is { } estimate)
        {
            Kept = before is { } old && use != SampleUse.FollowedStep ? ErrorKept.Of(old.Covariance, estimate.Covariance) : default;
            _poll.OnSample(estimate, use, Options, Goal);
        }

        return use;
    }

    public SourceEstimate? EstimateAt(Instant<Raw> at) => estimator.TryEstimate(at, out var estimate) ? estimate : null;

    public Contestant Before(Instant<Raw> at) =>
        new(id, Options, State, EstimateAt(at), estimator.Suspects, estimator.SuspectOffset);

    public void Shift(Duration by)
    {
        estimator.Shift(by);
        BeforeStep = null;
        _newest = null; // its offset is of the other side of the leap
    }

    public void Restart()
    {
        estimator.Restart();
        _poll.Restart();
        _newest = null;
        (Alarm, BeforeStep) = (null, null);
    }

    public SourceReport Report(in LocalClock clock, Judgement judgement, double weight)
    {
        var estimate = EstimateAt(clock.At);
        Duration? last = _newest is { } sample && estimate is { } line
            ? sample.Middle - (clock.Reading - (clock.At - sample.At) - (clock.At - sample.At).At(line.Rate))
            : null;
        return new()
        {
            Id = id,
            Estimate = estimate,
            Offset = estimate is { } e ? e.Utc - clock.Reading : null,
            LastOffset = last,
            LastDelay = _newest?.Delay,
            Verdict = judgement.Verdict,
            Reason = judgement.Reason,
            Weight = weight,
            PollInterval = PollInterval,
            Alarm = Alarm,
        };
    }

    /// <summary>What the options say of the source's error and the path's asymmetry, taken off.</summary>
    private Sample Calibrated(in Sample sample)
    {
        var shift = Options.Offset - (sample.Delay ?? Duration.Zero).Times(Options.Asymmetry);
        return shift == Duration.Zero
            ? sample
            : sample with
            {
                Forward = sample.Forward is { } f ? f with { Remote = f.Remote + shift } : null,
                Backward = sample.Backward is { } b ? b with { Remote = b.Remote + shift } : null,
            };
    }
}
