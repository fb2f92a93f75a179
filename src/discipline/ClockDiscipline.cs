using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>From samples of many sources to what to do with one clock. Sees no clock, socket or timer: all is given to it.</summary>
/// <remarks>
/// The driver adds sources, reports samples and state as they come, and calls <see cref="Update"/> after each sample and
/// at least every <see cref="Announcement.Horizon"/>; it carries out the correction and publishes the announcement.
/// Not safe for several threads at once.
/// </remarks>
public sealed partial class ClockDiscipline(DisciplineSettings settings)
{
    private static readonly Duration OneSecond = Duration.FromSeconds(1L);

    /// <summary>Samples are missed for so many polls before their absence is looked at.</summary>
    private const double PollsAhead = 2;

    /// <summary>What temperature may do to the rate while nobody looks, standard deviation, s/s: with a bound of 3.5 of these, 1 ppm.</summary>
    private const double Unwatched = 2.9e-7;

    /// <summary>Where samples come more often than this, not each of them is worth a message.</summary>
    private static readonly Duration SaidAgain = Duration.FromSeconds(3L);

    private readonly List<Source> _sources = [];

    private readonly Selection _selection = new();

    private readonly ClockController _controller = new();

    private readonly TrackingRecord _tracking = new();

    private readonly LongTermRate _longTerm = new();

    private readonly CommonErrors _common = new();

    private DriftState? _expected;

    /// <summary>What is followed, from the last time that something could be selected; null after a gap.</summary>
    private SourceEstimate? _line;

    /// <summary>Who says it; empty in holdover.</summary>
    private IReadOnlyList<Source> _followed = [];

    private Instant<Raw>? _heldSince;

    private bool _fresh;

    private LeapSecond _leap;

    /// <summary>In force; set it to change any of it at run time. Sources added before keep their <see cref="DisciplineSettings.UnknownRateSigma"/>.</summary>
    public DisciplineSettings Settings { get; set; } = settings;

    /// <summary>The rate to begin with, from a drift file. Sources that already have samples know better and ignore it.</summary>
    public void Expect(DriftState drift)
    {
        _expected = drift;
        foreach (var source in _sources.Where(s => s.Estimator.History.Count == 0))
        {
            source.Estimator.Expect(drift.Rate, drift.Sigma);
        }
    }

    /// <summary>For the drift file: the best that is known of the rate; absent while nothing is.</summary>
    public DriftState? Drift => _line is { } line ? new(line.Rate, line.Covariance.RateSigma) : _expected;

    /// <summary>How much faster the steered clock runs than commanded: the constant of docs/decisions/0002, as measured.</summary>
    public FrequencyOffset ClockBias => _controller.Bias;

    /// <summary>Begins with a source that has neither samples nor state.</summary>
    /// <exception cref="ArgumentException">The id is in use.</exception>
    public void AddSource(SourceId id, SourceOptions options)
    {
        if (Find(id) is not null)
        {
            throw new ArgumentException($"source {id} exists", nameof(id));
        }

        var source = new Source(id, options, new DelayEstimator(Settings));
        if (Drift is { } drift)
        {
            source.Estimator.Expect(drift.Rate, drift.Sigma);
        }

        _sources.Add(source);
    }

    /// <summary>Forgets a source; an unknown one is no error.</summary>
    public void RemoveSource(SourceId id)
    {
        _sources.RemoveAll(s => s.Id == id);
        _common.Remove(id);
    }

    /// <summary>Changes the options and keeps samples and state. Unknown ids are ignored.</summary>
    public void SetOptions(SourceId id, SourceOptions options)
    {
        if (Find(id) is { } source)
        {
            source.Options = options;
        }
    }

    /// <summary>A measurement came. Of unknown ids it is refused, and so are late ones and those with a longer round trip than allowed.</summary>
    public SampleUse OnSample(SourceId id, in Sample sample)
    {
        if (Find(id) is not { } source)
        {
            return SampleUse.Refused;
        }

        Compare(source, sample.At);
        var use = source.Take(sample);
        _fresh |= use != SampleUse.Refused;
        Share(source, use);
        return use;
    }

    /// <summary>Reach, stratum, leap and so on have changed. Unknown ids are ignored.</summary>
    public void OnSourceState(SourceId id, SourceState state)
    {
        if (Find(id) is { } source)
        {
            source.State = state;
        }
    }

    /// <summary>Raw time stood still for an unknown while (suspend, migration): offsets are void, rates are kept, steps are allowed as at the start.</summary>
    public void OnGap()
    {
        _expected = Drift;
        _line = null;
        _heldSince = null;
        _longTerm.Restart();
        _controller.Restart();
        _selection.Restart();
        _guard.Restart();
        _common.Clear();
        foreach (var source in _sources)
        {
            source.Restart();
        }
    }

    /// <summary>A leap second has just taken place: what the sources say from now on is a second off what they said before, and that is right.</summary>
    /// <remarks>The clock may have taken the second too (the kernel does) or not: the next update compares it with the new UTC.</remarks>
    public void OnLeap(LeapSecond leap)
    {
        var by = leap switch { LeapSecond.Insert => -OneSecond, LeapSecond.Delete => OneSecond, _ => Duration.Zero };
        foreach (var source in _sources)
        {
            source.Shift(by);
        }

        _line = _line is { } line ? line with { Utc = line.Utc + by } : null;
        _guard.Shift(by);
        _controller.Forget();
    }

    /// <summary>The last correction was refused or lost on its way; without this it would look like somebody else's hand.</summary>
    public void OnCorrectionLost() => _controller.Forget();

    /// <summary>
    /// The samples kept of a source, for the history file; absent for unknown ids. While a jump is not followed, those before it: a new
    /// start confirms nothing.
    /// </summary>
    public SourceHistory? ExportHistory(SourceId id) =>
        Find(id) is { } source ? new(id, (_guard.Pending is null ? null : source.BeforeStep) ?? [.. source.Estimator.History]) : null;

    /// <summary>Takes samples of an earlier run of the same boot, before the first of this run.</summary>
    public void ImportHistory(SourceHistory history)
    {
        foreach (var sample in history.Samples)
        {
            Find(history.Id)?.Estimator.Add(sample);
        }
    }

    /// <summary>Weighs everything up at this moment.</summary>
    /// <param name="clock">A fresh reading of the clock that is steered.</param>
    /// <param name="now">The present, not before the reading.</param>
    public Outcome Update(in LocalClock clock, Instant<Raw> now)
    {
        _controller.Observe(clock);
        var at = clock.At;
        var result = _selection.Select([.. _sources.Select(s => s.Before(at))], Settings, _guard.IsSettled ? _line?.MovedTo(at) : null);
        if (_fresh)
        {
            SeeWhetherInTime(at);
        }

        var weights = Follow(result, at);
        _followed = weights.Count > 0 ? [.. result.Chosen.Select(i => _sources[i])] : [];
        var correction = Correct(clock, weights.Count > 0);
        var announcement = Announce(clock, correction);
        SetGoals();
        var selected = weights.Count > 0 ? _sources[result.Chosen[Best(weights)]] : null;
        string explanation = Explanation(selected is null ? Unfollowed() ?? result.Explanation : $"following {Followed(selected)}; {result.Explanation}", now);
        var outcome = new Outcome
        {
            Correction = correction,
            Announcement = announcement,
            Selected = selected?.Id,
            Sources = Report(result, weights, clock),
            Tracking = _tracking.Of(_line, clock, _fresh && weights.Count > 0, holdover: weights.Count == 0 && _line is not null, explanation),
            Accuracy = AccuracyNow(weights.Count > 0),
            Alarm = Alarm(result),
            Jump = Jump,
            News = _news,
        };
        (_fresh, _news) = (false, null);
        return outcome;
    }

    private Duration ShortestPoll => _sources.Count == 0 ? Settings.MaxAnnouncementInterval : _sources.Min(s => s.PollInterval);

    private Source? Find(SourceId id) => _sources.Find(s => s.Id == id);

    /// <summary>Sets the line to the combination of the chosen, or moves the old one on. Returns their weights.</summary>
    private IReadOnlyList<double> Follow(SelectionResult result, Instant<Raw> at)
    {
        ForgetTheSilent(result);
        if (result.Chosen.Count > 0 && Combination.Combine(
            [.. result.Chosen.Select(i => _sources[i].EstimateAt(at)!.Value)], result.Earliest, result.Latest, (i, j) => Common(_sources[result.Chosen[i]], _sources[result.Chosen[j]], at), out var weights) is var said && MayFollow(result, said))
        {
            _line = said;
            _heldSince = null;
            _leap = LeapOf(result);
            if (_fresh)
            {
                _longTerm.See(_line.Value);
            }

            return weights;
        }

        if (_line is { } line)
        {
            if (_heldSince is null)
            {
                _heldSince = at;
                line = line.Doubting(FrequencyOffset.FromFraction(Math.Max(Unwatched, _longTerm.Spread.Fraction))); // it may be anything that it was seen to be
            }

            _line = line.MovedTo(at) with { Rate = _longTerm.After(line.Rate, Duration.Max(at - line.At, Duration.Zero)) };
        }

        return [];
    }

    /// <summary>More than half of the chosen must announce it.</summary>
    private LeapSecond LeapOf(SelectionResult result)
    {
        foreach (var leap in (ReadOnlySpan<LeapSecond>)[LeapSecond.Insert, LeapSecond.Delete])
        {
            if (2 * result.Chosen.Count(i => _sources[i].State.Leap == leap) > result.Chosen.Count)
            {
                return leap;
            }
        }

        return LeapSecond.None;
    }

    private Correction? Correct(in LocalClock clock, bool selected)
    {
        if (_line is not { } line)
        {
            return _expected is { } expected ? _controller.Begin(expected, clock, Settings) : null;
        }

        return _controller.Steer(line, clock, ShortestPoll, selected && _fresh, Settings);
    }

    private Announcement Announce(in LocalClock clock, Correction? correction)
    {
        if (_line is not { } line)
        {
            return new()
            {
                Synchronized = false,
                Bound = Unknown,
                Sigma = Unknown,
                BoundGrowth = Settings.MinBoundGrowth,
                Interval = Settings.MaxAnnouncementInterval,
                Horizon = Settings.MaxAnnouncementInterval,
                Leap = LeapSecond.None,
            };
        }

        var planned = correction?.Phase ?? correction?.Step ?? clock.PendingPhase;
        var left = (line.Utc - clock.Reading - planned).Magnitude;
        var bound = line.MaxError + left + clock.ReadError + (Jump ?? Duration.Zero).Magnitude; // it may be the sources that are right
        var suspected = Suspected(line.At);
        bound += suspected.Size;
        var interval = NextAnnouncement(line);
        var horizon = Duration.Min(interval, Duration.Max(ShortestPoll.Times(PollsAhead), SaidAgain));
        var later = line.MovedTo(line.At + horizon);
        double growth = ((later.MaxError - line.MaxError).Seconds / horizon.Seconds) + FrequencyLimitExcess(line)
            + (_controller.BiasSigma.Fraction * SourceEstimate.ErrorSigmas) + _controller.Meddling.Fraction + suspected.Rate;
        return new()
        {
            Synchronized = !_controller.IsWaiting && (bound <= Settings.MaxHoldoverBound || (_heldSince is null && !_controller.IsRefraining)),
            Bound = bound,
            Sigma = Claimed(line, clock, correction, left, horizon),
            BoundGrowth = FrequencyOffset.FromFraction(Math.Max(Settings.MinBoundGrowth.Fraction, growth)),
            Interval = interval,
            Horizon = horizon,
            Leap = _leap,
        };
    }

    /// <summary>The estimate's, and what the clock is known to be away from the estimate until the next samples: left alone, or on its way.</summary>
    private Duration Claimed(in SourceEstimate line, in LocalClock clock, Correction? correction, Duration left, Duration horizon)
    {
        double known = left.Seconds * left.Seconds; // s^2
        if (correction is { Phase: null, Step: null } or null)
        {
            known += clock.PendingPhase.Seconds * clock.PendingPhase.Seconds / 2;
        }
        else if (correction.Phase is { } phase)
        {
            double share = Math.Min(1, correction.PhaseDuration.Seconds / Math.Max(ShortestPoll.Seconds, 1e-3));
            known += share * phase.Seconds * phase.Seconds / 3; // of a straight way to zero
        }

        return Duration.FromSeconds(Math.Sqrt(line.SquareUntil(horizon) + known));
    }

    /// <summary>Sigma must not grow by half before it is said again; and who expects another's hand looks often.</summary>
    private Duration NextAnnouncement(in SourceEstimate line)
    {
        var interval = _controller.IsMeddledWith ? Settings.MinAnnouncementInterval : Settings.MaxAnnouncementInterval;
        var allowed = line.Covariance.OffsetSigma.Times(1.5);
        while (interval > Settings.MinAnnouncementInterval && line.MovedTo(line.At + interval).Covariance.OffsetSigma > allowed)
        {
            interval = interval.Half();
        }

        return Duration.Max(interval, Settings.MinAnnouncementInterval);
    }

    /// <summary>What the clock is off beyond the largest correction, s/s.</summary>
    private double FrequencyLimitExcess(in SourceEstimate line) =>
        Math.Max(0, (line.Rate - _controller.Bias).Magnitude.Fraction - Settings.MaxFrequency.Fraction);

    private List<SourceReport> Report(SelectionResult result, IReadOnlyList<double> weights, LocalClock clock)
    {
        List<SourceReport> reports = [];
        for (int i = 0; i < _sources.Count; i++)
        {
            int place = -1;
            for (int k = 0; k < result.Chosen.Count; k++)
            {
                place = result.Chosen[k] == i ? k : place;
            }

            var judgement = place >= 0 && weights.Count == 0 ? NotConfirmed(result.Judgements[i]) : result.Judgements[i];
            reports.Add(_sources[i].Report(clock, judgement, place < 0 || weights.Count == 0 ? 0 : weights[place]));
        }

        return reports;
    }

    private string Explanation(string selection, Instant<Raw> now)
    {
        string held = _heldSince is { } since ? FormattableString.Invariant($"; holdover for {(now - since).Seconds:F0} s") : "";
        var moved = _controller.Interference;
        string meddled = moved == Duration.Zero ? "" : $"; somebody else moved the clock by {Words.Of(moved)}";
        string waiting = _controller.IsWaiting ? "; not stepped yet: the next samples tell better by how much" : "";
        var alarms = _sources.Where(s => s.Alarm is not null).Select(s => $"; {s.Name} {s.Alarm}");
        return selection + held + waiting + meddled + string.Concat(alarms);
    }

    /// <summary>By weight, as <see cref="Outcome.Selected"/> is: the order of merit may be another.</summary>
    private string Followed(Source selected) =>
        _followed.Count == 1 ? selected.Name : FormattableString.Invariant($"{_followed.Count} sources, {selected.Name} most");

    private static int Best(IReadOnlyList<double> weights)
    {
        int best = 0;
        for (int i = 1; i < weights.Count; i++)
        {
            best = weights[i] > weights[best] ? i : best;
        }

        return best;
    }

    /// <summary>RFC 5905's MAXDISP: nothing is known.</summary>
    private static Duration Unknown => Duration.FromSeconds(16L);
}
