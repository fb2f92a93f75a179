using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>Makes a PHC follow a PTP master: the halves of what a port measures in, frequency and phase out. Pure, deterministic, fixed memory.</summary>
/// <remarks>
/// The estimator of decision 0003 works on the PHC's bare oscillator (<see cref="PhcLine"/>), to which steering is unknown, and on TAI, which is as even a line as the UTC that it is
/// named after. The controller works off the whole difference until the next Sync is due: the estimate has weighed old against new already. Decision 0010.
/// <para>After <see cref="Update"/> asks for a steering, say <see cref="Steered"/> with what was done before further stamps are given.</para>
/// </remarks>
public sealed class PhcServo
{
    /// <summary>Nothing is said of the master's time by fewer samples.</summary>
    private const int Enough = 3;

    /// <summary>What temperature may do to a rate within a master's change, s/s.</summary>
    private const double ShortDoubt = 1e-8;

    /// <summary>What it may be off by in holdover if it was not watched for long: decision 0004, s/s.</summary>
    private const double Unwatched = 2.9e-7;

    /// <summary>After so long in full, s: temperature needs time, and a Sync that is missing is no holdover.</summary>
    private const double DoubtedAfter = 1000;

    /// <summary>An error within its bound and this is called locked.</summary>
    private static readonly Duration Near = Duration.FromNanoseconds(1_000);

    /// <summary>Of the expected time to the next Sync, in which phase is worked off: a little more, so that a late Sync finds it still at work and not over.</summary>
    private const double PhaseShare = 1.25;

    /// <summary>An error of so many sigma does not wait for its turn.</summary>
    private const double Urgent = 8;

    /// <summary>Share of sigma that is not worth a message.</summary>
    private const double Negligible = 0.05;

    private static readonly Duration ShortestPhase = Duration.FromNanoseconds(50_000_000), Watched = Duration.FromSeconds(64L), AtLeast = Duration.FromSeconds(1L), HeldAgain = Duration.FromSeconds(16L);

    private readonly PhcServoSettings _settings;
    private readonly PhcLine _line = new();
    private readonly PhcSamples _samples = new();
    private readonly DelayEstimator _estimator;
    private readonly LongTermRate _longTerm = new();
    private SourceEstimate? _trusted; // the line of TAI that the PHC follows, at the last sample
    private SourceEstimate _held; // the same when holdover began
    private Instant<Raw> _used; // the last sample that was
    private Instant<Raw> _heard; // the last one
    private Instant<Raw> _watched;
    private Instant<Phc> _steered;
    private bool _isHeld;
    private bool _wasLocked;
    private bool _isNear;

    /// <param name="settings">Limits and thresholds.</param>
    public PhcServo(PhcServoSettings settings)
    {
        _settings = settings;
        _estimator = new(new DisciplineSettings { UnknownRateSigma = settings.UnknownRateSigma });
    }

    /// <summary>How wrong the master may be by its own word: in the bound. Not negative.</summary>
    public Duration MastersError { get; set; }

    /// <summary>Boundary clocks between the grandmaster and us, not negative. They do not say how wrong they are: each is taken for as wrong as we may be of what is before us.</summary>
    public int ClocksBetween { get; set; }

    /// <summary>Another master, or another way to it: what is known of its time is kept only until the new one is known.</summary>
    public void Follow()
    {
        _estimator.Restart();
        _samples.Restart();
        if (_trusted is { } known)
        {
            _estimator.Expect(known.Rate, FrequencyOffset.FromFraction(Math.Sqrt(known.Covariance.Rate + (ShortDoubt * ShortDoubt))));
        }
    }

    /// <summary>False: every error is slewed, whatever the settings say. Default true.</summary>
    public bool MayStep { get; set; } = true;

    /// <summary>A Sync came.</summary>
    /// <param name="sent">By the master, corrections added.</param>
    /// <param name="received">By the PHC.</param>
    /// <param name="stampError">How wrong the stamp may be, half-width.</param>
    public void Sync(Instant<Tai> sent, Instant<Phc> received, Duration stampError)
    {
        if (_samples.TryMake(sent, _line.ToBare(received), stampError, MastersError, _trusted?.Rate, out var sample))
        {
            Take(sample);
        }
    }

    /// <summary>A Delay_Req was answered.</summary>
    /// <param name="sent">By the PHC.</param>
    /// <param name="received">By the master, corrections taken off.</param>
    /// <param name="stampError">How wrong the stamp may be, half-width.</param>
    public void Delay(Instant<Phc> sent, Instant<Tai> received, Duration stampError) => _samples.Take(_line.ToBare(sent), received, stampError);

    /// <summary>The delay of the link was measured, one way; it takes the place of Delay_Req.</summary>
    public void LinkDelay(Duration mean) => _samples.Take(mean);

    /// <summary>What was done to the PHC.</summary>
    /// <param name="at">By the PHC, just before: the stated steering holds from here.</param>
    /// <param name="done">What clockd and the driver accepted.</param>
    public void Steered(Instant<Phc> at, in PhcSteering done)
    {
        if (done.Step is { } step)
        {
            _line.Step(at, step);
            _samples.Stepped();
            at += step;
        }

        _steered = at;
        _line.Turn(at, done.Turned);
        if (done.PhaseDuration > Duration.Zero)
        {
            _line.Turn(at + done.PhaseDuration, done.Frequency);
        }
    }

    /// <summary>Somebody else set the PHC: found by comparing it with another clock. Nothing that is known of the master's time is lost by it.</summary>
    /// <param name="at">By the PHC, just before.</param>
    /// <param name="by">Positive: forwards.</param>
    public void Jumped(Instant<Phc> at, Duration by)
    {
        _line.Step(at, by);
        _samples.Stepped();
    }

    /// <summary>What is to be done, and what may be said of the PHC. After each Sync, and when <see cref="PhcOutcome.Until"/> is over.</summary>
    /// <param name="now">By the PHC.</param>
    public PhcOutcome Update(Instant<Phc> now)
    {
        var bare = _line.ToBare(now);
        if (_trusted is null)
        {
            return new() { State = PhcState.Unlocked, Until = AtLeast, PathDelay = _samples.LinkDelay };
        }

        var line = LineAt(bare, out bool isHeld);
        var error = line.Utc.SinceEpoch - now.SinceEpoch; // what the PHC lacks
        var steering = Steer(line, error, now);
        var left = steering?.Step is null ? error.Magnitude : Duration.Zero;
        _isNear = left <= (line.MaxError + Near).Times(_isNear ? 10 : 1);
        _wasLocked |= _isNear && !isHeld;
        var until = isHeld ? HeldAgain : Patience;
        var later = line.MovedTo(bare + until);
        var suspected = _estimator.Suspects > 0 ? Suspicion.Of(_estimator.SuspectOffset.Magnitude, _used, _heard, bare) : default;
        var bound = line.MaxError + Between(line) + left + suspected.Size;
        bool isKnown = _isNear && (!isHeld || bound <= _settings.MaxHoldoverBound);
        return new()
        {
            State = !isKnown ? PhcState.Unlocked : isHeld ? PhcState.Holdover : PhcState.Locked,
            Steering = steering,
            Bound = bound,
            Sigma = Duration.FromSeconds(Math.Sqrt(((1 + ClocksBetween) * line.SquareUntil(isHeld ? HeldAgain : Pace)) + (left.Seconds * left.Seconds / 3))), // worked off evenly
            BoundGrowth = FrequencyOffset.FromFraction(Math.Max((later.MaxError - line.MaxError).Seconds / until.Seconds, 0) + suspected.Rate),
            Offset = -error,
            Frequency = line.Rate,
            PathDelay = _samples.LinkDelay ?? line.MinDelay.Half(),
            Until = until,
        };
    }

    /// <summary>Until it is steered again.</summary>
    private Duration Pace => _wasLocked ? Duration.Max(_samples.Interval, _settings.LeastBetween) : _samples.Interval;

    /// <summary>What the clocks between may add to the bound: in full what no statistics tell, in squares what they do.</summary>
    private Duration Between(in SourceEstimate line) => (line.Unseen - MastersError).Times(ClocksBetween) + line.Seen.Times(Math.Sqrt(1 + ClocksBetween) - 1);

    private Duration Patience => Duration.Max(_samples.Interval.Times(_settings.HoldoverIntervals), AtLeast);

    private void Take(in Sample sample)
    {
        if (_samples.IsTurned && _estimator.History.Count == 0 && _trusted is null)
        {
            _estimator.Expect(_samples.CrudeRate, _settings.UnknownRateSigma);
        }

        _heard = sample.At;
        if (_estimator.Add(sample) is SampleUse.Refused or SampleUse.Suspect || _estimator.History.Count < Enough || !_estimator.TryEstimate(sample.At, out var estimate))
        {
            return;
        }

        (_trusted, _used, _isHeld) = (estimate, sample.At, false);
        if (sample.At - _watched > Watched)
        {
            _longTerm.See(estimate);
            _watched = sample.At;
        }
    }

    /// <summary>The line of TAI: of the estimate, or, in holdover, by what the oscillator was found to be.</summary>
    private SourceEstimate LineAt(Instant<Raw> at, out bool isHeld)
    {
        var line = _trusted!.Value;
        isHeld = at - _used > Patience;
        if (!isHeld)
        {
            return line.MovedTo(at);
        }

        if (!_isHeld)
        {
            (_isHeld, _held) = (true, line);
        }

        // The rate goes where it was found to come back to; what it may be off by grows with the time that nobody sees it.
        _trusted = line = line.MovedTo(at) with { Rate = _longTerm.After(line.Rate, Duration.Max(at - line.At, Duration.Zero)) };
        double doubt = (_longTerm.Spread is { Fraction: > 0 } seen ? seen.Fraction : Unwatched) * Math.Min((at - _held.At).Seconds / DoubtedAfter, 1);
        return _held.Doubting(FrequencyOffset.FromFraction(doubt)).MovedTo(at) with { Utc = line.Utc, Rate = line.Rate };
    }

    private PhcSteering? Steer(in SourceEstimate line, Duration error, Instant<Phc> now)
    {
        var frequency = line.Rate.ClampTo(_settings.MaxFrequency);
        var sigma = line.Covariance.OffsetSigma;
        if (MayStep && (_wasLocked ? _settings.StepThreshold : _settings.FirstStepThreshold) is { } threshold && error.Magnitude > Duration.Max(threshold, sigma.Times(4)))
        {
            return new() { Frequency = frequency, Step = error };
        }

        if (_wasLocked && now - _steered < _settings.LeastBetween && error.Magnitude < sigma.Times(Urgent))
        {
            return null;
        }

        double room = Math.Min(_settings.MaxSlewRate.Fraction, _settings.MaxFrequency.Fraction - frequency.Magnitude.Fraction); // s/s
        if (room <= 0)
        {
            return new() { Frequency = frequency };
        }

        var calm = Duration.Max(Pace.Times(PhaseShare), ShortestPhase);
        var duration = Duration.Max(calm, error.Magnitude.Times(1 / room));
        var steering = new PhcSteering { Frequency = frequency, Phase = error, PhaseDuration = duration };
        double gained = (steering.Turned - _line.FrequencyAt(now)).Magnitude.Fraction * calm.Seconds; // s, until the next Sync
        return gained < Negligible * sigma.Seconds ? null : steering;
    }
}
