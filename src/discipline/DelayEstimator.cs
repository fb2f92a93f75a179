using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>Estimates UTC, the oscillator's rate and the path's base delay from legs with positive, long-tailed delays.</summary>
/// <remarks>
/// State: offset o of UTC from a reference line, rate f (a random walk), base one-way delay b (nearly constant). A forward leg shows
/// o + b + e1, a backward one o - b - e2, with excess delays e1, e2 >= 0 (<see cref="DelayLikelihood"/>) of scales J1, J2 that are
/// learnt. An excess cannot be negative: each leg cuts off a half-space of what is possible, so short delays tell much and long ones
/// almost nothing, and in the limit of a steady oscillator the error falls like 1/N and not like 1/sqrt(N). Unknown unsteadiness:
/// <see cref="ModelBank"/>. A difference between the base delays of the two directions cannot be seen; it is in the bound.
/// <para>
/// Numbers: exact <see cref="Duration"/>s up to the difference from a reference pair (raw, UTC) that moves with the samples; doubles
/// hold only that small difference.
/// </para>
/// </remarks>
public sealed class DelayEstimator(DisciplineSettings settings) : ISourceEstimator
{
    /// <summary>Below this, differences are the machine's and not the path's: the standard deviation of what lies between two stamps of whole nanoseconds, s.</summary>
    private const double Grain = 0.4e-9;

    /// <summary>Impossible is what lies so many standard deviations beyond the possible.</summary>
    private const double SuspectSigmas = 6;

    /// <summary>What temperature may do to the rate while nobody looks, s/s.</summary>
    internal const double RateDoubt = 1e-6;

    /// <summary>
    /// Change of the rate between two samples that is rather taken for the oscillator's (a fan, a draught, another host) than for a
    /// step of the source, s/s.
    /// </summary>
    internal const double PlausibleChange = 2e-6;

    /// <summary>And more with the time between them, 1/sqrt(s).</summary>
    internal const double PlausibleWander = 1e-7;

    /// <summary>No oscillator and no drift file are off by more, s/s.</summary>
    internal const double WildestRate = 1e-3;

    /// <summary>The line is laid anew when the state has left it by more: s, s/s.</summary>
    private const double FarOff = 1e-3, Skewed = 1e-6;

    /// <summary>
    /// Scales learnt from few samples are poor, and what was concluded with them is too: up to here, and at some counts after, all
    /// samples are gone through again with the scales known by then.
    /// </summary>
    private const int AlwaysRehearsed = 8;

    /// <summary>While all samples are kept, it is looked at each so many whether the scales are longer by this factor than the samples suggest: then they are gone through again too.</summary>
    private const int Reviewed = 8;

    private const double OutOfProportion = 30;

    /// <summary>For so many samples after a change of the path another one is expected.</summary>
    private const int Restless = SampleRing.Capacity;

    private readonly SampleRing _history = new();

    private readonly ModelBank _bank = new();

    private readonly Suspects _suspects = new();

    private SourceEstimate? _newest; // at the newest sample, once it was asked for

    private PathWatch _path;

    /// <summary>Round trips before this were on another route.</summary>
    private Instant<Raw> _pathSince;

    /// <summary>Samples since the path was seen to change.</summary>
    private int _sinceChange = Restless;

    private Instant<Raw> _raw;

    private Instant<Utc> _utc;

    private double _lineRate; // UTC gained per raw second on the reference line, s/s

    private double _rateSigma; // what the next sample says that the rate may have changed by, s/s

    private double _offsetSigma; // by how much the line may have been off on a route that is no longer taken, s

    private bool _wild; // the rate was seen to change by more than a crystal's does

    private (double Rate, double Sigma) _expected = (0, settings.UnknownRateSigma.Fraction);

    /// <inheritdoc/>
    public int Suspects => _suspects.Count;

    /// <inheritdoc/>
    public Duration SuspectOffset => _suspects is [.., var last] && TryEstimate(last.At, out var estimate)
        ? last.Middle - estimate.Utc
        : Duration.Zero;

    /// <inheritdoc/>
    public IReadOnlyList<Sample> History => _history;

    /// <inheritdoc/>
    public void Expect(FrequencyOffset rate, FrequencyOffset sigma) => _expected = (rate.Fraction, sigma.Fraction);

    /// <inheritdoc/>
    public SampleUse Add(in Sample sample)
    {
        if ((sample.Forward is null && sample.Backward is null)
            || (_history.Count > 0 && sample.At <= _history[_history.Count - 1].At)
            || (_suspects is [.., var last] && sample.At <= last.At))
        {
            return SampleUse.Refused;
        }

        if (_history.Count > 0 && Misfit(sample) is > 0 and var misfit)
        {
            if (Shortened(sample) is var less && misfit <= less)
            {
                _suspects.Clear();
                _offsetSigma = less;
                Use(sample);
                return SampleUse.Used;
            }

            double elapsed = (sample.At - _raw).Seconds;
            double change = misfit / elapsed; // s/s
            if (change > PlausibleChange + (PlausibleWander * Math.Sqrt(elapsed)))
            {
                return OnSuspect(sample);
            }

            _rateSigma = change;
            _bank.Doubt();
        }

        _suspects.Clear();
        var use = _rateSigma == 0 ? SampleUse.Used : SampleUse.RateChanged;
        Use(sample);
        return use;
    }

    /// <inheritdoc/>
    public bool TryEstimate(Instant<Raw> at, out SourceEstimate estimate)
    {
        estimate = default;
        if (_history.Count == 0)
        {
            return false;
        }

        _newest ??= EstimateAtNewest();
        estimate = _newest.Value.MovedTo(at);
        return true;
    }

    private SourceEstimate EstimateAtNewest()
    {
        var model = _bank.Merged;
        var newest = _history[_history.Count - 1];
        var shortest = RoundTrips.Shortest(_history, _pathSince);
        var least = Duration.Max(shortest, Duration.Zero);
        var contradiction = least - shortest; // by so much stamps are off together where round trips are negative, if they are not off by more
        var covariance = new Covariance(model.P00, model.P01, model.P11);
        double j1 = _bank.Scale.First;
        double j2 = _bank.Scale.Second;
        return new SourceEstimate
        {
            At = _raw,
            Utc = _utc + Duration.FromSeconds(model.Offset),
            Rate = FrequencyOffset.FromFraction(_lineRate + model.Rate),
            Covariance = covariance,
            WanderVariance = _bank.WanderVariance,
            MaxError = Asymmetry(least, model, (0.5 * Math.Max(j1, j2)) + (0.9 * Math.Min(j1, j2))) + contradiction.Half() + newest.RootDelay.Half() + newest.RootDispersion + newest.StampError + newest.Resolution
                + Duration.Max(covariance.OffsetSigma.Times(SourceEstimate.ErrorSigmas), _bank.Tail.Reach),
            Tail = _bank.Tail,
            MinDelay = least,
            Jitter = Duration.FromSeconds(Math.Sqrt((j1 * j1) + (j2 * j2)) / 2),
            SampleCount = _history.Count,
            Span = _history.Span,
            RootDelay = newest.RootDelay,
            RootDispersion = newest.RootDispersion,
        };
    }

    /// <inheritdoc/>
    public void Restart()
    {
        KeepRate();
        _history.Clear();
        _suspects.Clear();
    }

    /// <inheritdoc/>
    public void Shift(Duration by)
    {
        _utc += by;
        _newest = null;
        _history.Shift(by);
        _suspects.Clear();
    }

    /// <summary>
    /// What the two ways' base delays may differ by at most, halved: half of the least round trip that the path can have, which is the
    /// estimated base delay, as even the shortest of the round trips seen had some excess.
    /// </summary>
    private Duration Asymmetry(Duration least, in OscillatorModel model, double excess)
    {
        var claimed = Duration.Max(RoundTrips.Claimed(_history, _pathSince, least, excess), _sinceChange < Restless ? RoundTrips.LongestPair(_history) : Duration.Zero);
        return claimed > least || _sinceChange < RoundTrips.Lately ? claimed.Half() : Duration.Min(least.Half(), Duration.FromSeconds(Math.Max(model.Base, 0)));
    }

    /// <summary>Half of what this round trip is shorter than all of the last ones, s: so much may the line have been off by the old route's asymmetry.</summary>
    private double Shortened(in Sample sample) => sample.Delay is { } delay ? (RoundTrips.Shortest(_history, _pathSince, 0, RoundTrips.Lately) - delay).Half().Seconds : 0;

    private void KeepRate()
    {
        if (_history.Count > 1)
        {
            var model = _bank.Merged;
            _expected = (_lineRate + model.Rate, Math.Min(Math.Sqrt(model.P11 + (RateDoubt * RateDoubt)), settings.UnknownRateSigma.Fraction));
        }
    }

    private void Use(in Sample sample)
    {
        _newest = null;
        _history.Add(sample);
        if (_rateSigma == 0 && _offsetSigma == 0 && (_history.Count <= AlwaysRehearsed || _history.Count is 12 or 16 || IsOutOfProportion))
        {
            Rehearse();
        }
        else
        {
            Take(sample);
        }

        if (!_bank.Merged.IsSane)
        {
            // Numbers that no path and no clock give have eaten up all digits: what is left is this sample.
            _history.Clear();
            _history.Add(sample);
            Begin(sample, Floor(sample), Floor(sample));
            Take(sample);
        }
    }

    /// <summary>What something held up at the start was taken for ordinary, and would be forgotten slowly.</summary>
    private bool IsOutOfProportion => _history.Count is > AlwaysRehearsed and < SampleRing.Capacity && _history.Count % Reviewed == 0
        && _bank.Scale.First + _bank.Scale.Second > 2 * OutOfProportion * Math.Max(RoundTrips.GuessScale(_history), Floor(_history[0]));

    /// <summary>All samples from the beginning, with scales that the last time through taught.</summary>
    private void Rehearse()
    {
        double guess = Math.Max(RoundTrips.GuessScale(_history), Floor(_history[0]));
        Begin(_history[0], guess, guess);
        TakeAll();
        if (_history.Count > 1)
        {
            Begin(_history[0], _bank.Scale.First, _bank.Scale.Second);
            TakeAll();
        }
    }

    private void TakeAll()
    {
        foreach (var sample in _history)
        {
            Take(sample);
        }
    }

    private void Begin(in Sample sample, double firstScale, double secondScale)
    {
        _path = default;
        _pathSince = default;
        _sinceChange = Restless;
        _raw = sample.At;
        _utc = sample.Middle;
        _lineRate = _expected.Rate;
        _rateSigma = 0;
        _offsetSigma = 0;
        double floor = Floor(sample);
        var roundTrip = sample.Delay ?? FirstDelay(); // a leg alone, and pairs behind it: the path is not known for that
        double seen = (roundTrip ?? Duration.Zero).Seconds;
        double delay = Math.Max(Math.Abs(seen), 2 * floor); // s
        bool paired = roundTrip is not null;
        var state = new OscillatorModel
        {
            Base = !paired ? 0 : seen < 0 ? seen / 2 : 0.25 * delay, // a path shorter than nothing is no path, but stamps that are off: there is no telling by how much of it they are held up
            P00 = 4 * delay * delay,
            P11 = _expected.Sigma * _expected.Sigma,
            P22 = paired ? 0.08 * delay * delay : 1e-24,
        };
        _bank.Begin(state, firstScale, secondScale, _wild);
    }

    private Duration? FirstDelay()
    {
        for (int i = 0; i < _history.Count; i++)
        {
            if (_history[i].Delay is { } delay)
            {
                return delay;
            }
        }

        return null;
    }

    /// <summary>Moves the line to the sample and lets both legs speak.</summary>
    private void Take(in Sample sample)
    {
        var elapsed = sample.At - _raw;
        double floor = Floor(sample);
        double doubt = sample.Delay is null ? 0 : 0.005 * Math.Min(_bank.Scale.First, _bank.Scale.Second);
        double change = WatchPath(sample, floor);
        _raw = sample.At;
        _utc += elapsed + elapsed.Times(_lineRate);
        _bank.Add(
            new(elapsed.Seconds, _rateSigma, Math.Sqrt((doubt * doubt) + (change * change) + (_offsetSigma * _offsetSigma)), _offsetSigma),
            Seen(sample.Forward, 1, floor),
            Seen(sample.Backward, -1, floor));
        _rateSigma = 0;
        _offsetSigma = 0;
        var state = _bank.Merged;
        if (state.IsSane && (Math.Abs(state.Offset) > FarOff || Math.Abs(state.Rate) > Skewed))
        {
            _bank.Rebase(state.Offset, state.Rate);
            _utc += Duration.FromSeconds(state.Offset);
            _lineRate += state.Rate;
        }
    }

    /// <summary>By how much the base delay may just have changed, s.</summary>
    private double WatchPath(in Sample sample, double floor)
    {
        if (sample.Delay is not { } delay)
        {
            return 0;
        }

        var model = _bank.Merged;
        double change = _path.See(
            delay.Seconds - (2 * model.Base), _bank.Scale.First + _bank.Scale.Second, 2 * Math.Sqrt(model.P22 + (floor * floor)));
        _pathSince = change > 0 ? sample.At : _pathSince;
        _sinceChange = change != 0 ? 0 : Math.Min(_sinceChange + 1, Restless);
        return change;
    }

    private Crossing Seen(in Leg? leg, int direction, double floor)
    {
        if (leg is not { } there)
        {
            return default;
        }

        var lag = there.Local - _raw;
        return new()
        {
            Seen = (there.Remote - _utc - lag).Seconds - (lag.Seconds * _lineRate),
            Lag = lag.Seconds,
            Direction = direction,
            Noise = floor * floor,
        };
    }

    /// <summary>How far the sample lies outside of what is thought possible, s; zero if it is inside.</summary>
    private double Misfit(in Sample sample)
    {
        TryEstimate(sample.At, out var expected);
        var (earliest, latest) = sample.Limits;
        double outside = Math.Max((earliest - expected.Utc).Seconds, (expected.Utc - latest).Seconds);
        return outside > (SuspectSigmas * Math.Sqrt(expected.Covariance.Offset)) + (4 * Floor(sample)) ? outside : 0;
    }

    private SampleUse OnSuspect(in Sample sample)
    {
        _suspects.Add(sample, FrequencyOffset.FromFraction(_lineRate + _bank.Merged.Rate));
        if (settings.StepConfirmation == 0 || _suspects.Count < settings.StepConfirmation)
        {
            return SampleUse.Suspect;
        }

        KeepRate();
        _expected.Sigma = _suspects.IsSteady ? _expected.Sigma : WildestRate;
        _wild |= !_suspects.IsSteady;
        _history.Clear();
        foreach (var confirmed in _suspects)
        {
            Use(confirmed);
        }

        _suspects.Clear();
        return SampleUse.FollowedStep;
    }

    /// <summary>Noise of the stamps, standard deviation, s.</summary>
    private static double Floor(in Sample sample) =>
        Math.Max((sample.StampError + sample.Resolution).Seconds / 2, Grain);
}
