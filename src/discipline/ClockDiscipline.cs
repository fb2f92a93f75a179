using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>From samples of many sources to what to do with one clock. Sees no clock, socket or timer: all is given to it.</summary>
/// <remarks>
/// The driver adds sources, reports samples and state as they come, and calls <see cref="Update"/> after each sample and
/// at least every <see cref="Announcement.Interval"/>; it carries out the correction and publishes the announcement.
/// Not safe for several threads at once.
/// </remarks>
public sealed class ClockDiscipline(DisciplineSettings settings)
{
    private readonly SortedDictionary<int, Tracked> _sources = [];

    private (FrequencyOffset Rate, FrequencyOffset Sigma) _expected = (FrequencyOffset.Zero, settings.UnknownRateSigma);

    /// <summary>In force; set it to change any of it at run time.</summary>
    public DisciplineSettings Settings { get; set; } = settings;

    /// <summary>The first rate, from a drift file. Before the first sample.</summary>
    public void Expect(DriftState drift) => _expected = (drift.Rate, drift.Sigma);

    /// <summary>What to write to the drift file; absent while nothing is known that is better than what was given.</summary>
    public DriftState? Drift => new(_expected.Rate, _expected.Sigma);

    /// <summary>Begins with a source that has neither samples nor state.</summary>
    /// <exception cref="ArgumentException">The id is in use.</exception>
    public void AddSource(SourceId id, SourceOptions options)
    {
        var estimator = new DelayEstimator(Settings);
        estimator.Expect(_expected.Rate, _expected.Sigma);
        _sources.Add(id.Value, new(id, options, estimator));
    }

    /// <summary>Forgets a source; an unknown one is no error.</summary>
    public void RemoveSource(SourceId id) => _sources.Remove(id.Value);

    /// <summary>Changes the options and keeps samples and state. Unknown ids are ignored.</summary>
    public void SetOptions(SourceId id, SourceOptions options)
    {
        if (_sources.TryGetValue(id.Value, out var source))
        {
            source.Options = options;
        }
    }

    /// <summary>A measurement came. Unknown ids are refused, as are late and too long ones.</summary>
    public SampleUse OnSample(SourceId id, in Sample sample) =>
        _sources.TryGetValue(id.Value, out var source) ? source.Estimator.Add(sample) : SampleUse.Refused;

    /// <summary>Reach, stratum, leap and so on have changed. Unknown ids are ignored.</summary>
    public void OnSourceState(SourceId id, SourceState state)
    {
        if (_sources.TryGetValue(id.Value, out var source))
        {
            source.State = state;
        }
    }

    /// <summary>Raw time stood still for an unknown while (suspend, migration): offsets are void, rates are kept, steps are allowed again.</summary>
    public void OnGap()
    {
        foreach (var source in _sources.Values)
        {
            source.Estimator.Restart();
        }
    }

    /// <summary>The samples kept of a source, for the history file; absent for unknown ids.</summary>
    public SourceHistory? ExportHistory(SourceId id) =>
        _sources.TryGetValue(id.Value, out var source) ? new(id, source.Estimator.History) : null;

    /// <summary>Takes samples of an earlier run of the same boot, before the first of this run.</summary>
    public void ImportHistory(SourceHistory history)
    {
        foreach (var sample in history.Samples)
        {
            OnSample(history.Id, sample);
        }
    }

    /// <summary>Weighs everything up at this moment.</summary>
    /// <param name="clock">A fresh reading of the clock that is steered.</param>
    /// <param name="now">The present, not before the reading.</param>
    public Outcome Update(in LocalClock clock, Instant<Raw> now)
    {
        List<SourceReport> reports = [];
        SourceEstimate? chosen = null;
        SourceId? selected = null;
        foreach (var source in _sources.Values)
        {
            bool known = source.Estimator.TryEstimate(clock.At, out var estimate);
            bool usable = known && chosen is null && estimate.SampleCount >= Settings.MinSamples;
            chosen = usable ? estimate : chosen;
            selected = usable ? source.Id : selected;
            reports.Add(new()
            {
                Id = source.Id,
                Estimate = known ? estimate : null,
                Verdict = usable ? Verdict.Selected : Verdict.Candidate,
                Reason = "",
                Weight = usable ? 1 : 0,
                PollInterval = source.Options.MinPoll,
            });
        }

        var error = chosen is { } e ? e.Utc - clock.Reading : Duration.Zero;
        bool step = error.Magnitude > Settings.StepRatherThanSlew.At(Settings.MaxSlewRate);
        return new()
        {
            Correction = chosen is null ? null : new()
            {
                Frequency = chosen.Value.Rate.ClampTo(Settings.MaxFrequency),
                Phase = step ? null : error,
                PhaseDuration = step ? Duration.Zero : Duration.FromSeconds(10L),
                Step = step ? error : null,
            },
            Announcement = new()
            {
                Synchronized = chosen is not null,
                Bound = chosen?.MaxError ?? Duration.FromSeconds(16L),
                Sigma = chosen?.Covariance.OffsetSigma ?? Duration.FromSeconds(16L),
                BoundGrowth = Settings.MinBoundGrowth,
                Interval = Settings.MaxAnnouncementInterval,
                Leap = LeapSecond.None,
            },
            Selected = selected,
            Sources = reports,
            Tracking = new() { Offset = error },
        };
    }

    private sealed class Tracked(SourceId id, SourceOptions options, ISourceEstimator estimator)
    {
        public SourceId Id => id;

        public SourceOptions Options { get; set; } = options;

        public SourceState State { get; set; } = new();

        public ISourceEstimator Estimator => estimator;
    }
}
