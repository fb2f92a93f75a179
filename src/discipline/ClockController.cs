using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>Makes a clock follow an estimate: rate, slewed phase, and steps where policy allows.</summary>
/// <remarks>
/// The estimate has already weighed old against new, so nothing is filtered again here: the whole difference is worked off before
/// the next samples are due. Only how fast is chosen: a difference within the estimate's own noise in a good part of the poll
/// interval, so that the rate stays quiet, a larger one as fast as the slew rate allows.
/// </remarks>
public sealed class ClockController
{
    /// <summary>Up to so many sigmas a difference is taken for noise; beyond, it is worked off the faster the larger it is.</summary>
    private const double Noise = 3;

    /// <summary>Share of the estimate's own sigma that is not worth a correction: it adds 2 % to the error and spares most messages.</summary>
    private const double Negligible = 0.2;

    /// <summary>
    /// Samples that come faster than this, s, are not worth more corrections each: the share grows as they come faster, up to so many
    /// times. What waits is seen by the next sample; at one a second the error grows by a hundredth.
    /// </summary>
    private const double Frequent = 2, MostFrequent = 8;

    /// <summary>Updates until that holds in full: at the start the clock is steered closely.</summary>
    private const int Settled = 64;

    /// <summary>Share of the update interval in which noise is worked off.</summary>
    private const double NoiseShare = 0.125;

    /// <summary>No kernel loop does 95 % of a phase in less, s.</summary>
    private const double Shortest = 1;

    private const double Longest = 128;

    /// <summary>
    /// The first step is made when at least half of it is beyond the bound. Else it waits for so many updates at most, and only where the path is so noisy, in standard
    /// deviations of a sample, that better samples are to be expected: one made from packets that were held up would have to be slewed back.
    /// </summary>
    private const double Certain = 2, Noisy = 8;

    private const int Patience = 5;

    /// <summary>A clock that gains more than this on its prediction, s per s and s, was moved by somebody, or has a rate of its own.</summary>
    private const double SurprisingRate = 2e-6, SurprisingPhase = 1e-5;

    /// <summary>No clock's own rate is further from what was commanded: the kernel takes ticks of 9 to 11 ms (adjtimex(2)), and somebody may have left one.</summary>
    private const double MaxBias = 0.11;

    /// <summary>
    /// What is known of the clock's own rate before it was watched, s/s. A kernel's is below 0.1 ppm (decision 0002), but a shadow may
    /// run on a made-up oscillator, and one look settles it.
    /// </summary>
    private const double UnwatchedSigma = 100e-6;

    /// <summary>It is never known better than this, so that a change is followed, s/s.</summary>
    private const double BestSigma = 1e-10;

    /// <summary>A phase on its way is known to this share: the kernel works it off in steps of a second.</summary>
    private const double PhaseDoubt = 0.25;

    /// <summary>A rate so near to what was commanded is that, s/s; one so far from it and from the one before is somebody else's.</summary>
    private const double Obeyed = 1e-9, Turned = 1e-6;

    /// <summary>The kernel's frequency is turned by no more, s/s; a clock that gained more was stepped.</summary>
    private const double MaxTurn = 500e-6;

    /// <summary>Share of what policy allows that will not be refused, a moment later, for being a little more.</summary>
    private const double Sure = 0.9;

    /// <summary>How long somebody else's hand is expected back, s.</summary>
    private const double Grudge = 3600;

    private LocalClock? _last;

    private (FrequencyOffset Frequency, Duration Pending) _commanded;

    private double _bias; // s/s, beyond what was commanded
    private double _biasVariance = UnwatchedSigma * UnwatchedSigma; // (s/s)^2
    private double? _surprise; // s/s, the rate of the last one
    private int _updates, _waited;
    private double _sinceMeddled = double.PositiveInfinity; // s

    /// <summary>How much faster the clock runs than commanded, by observation.</summary>
    public FrequencyOffset Bias => FrequencyOffset.FromFraction(_bias);

    /// <summary>Standard deviation of <see cref="Bias"/>.</summary>
    public FrequencyOffset BiasSigma => FrequencyOffset.FromFraction(Math.Sqrt(_biasVariance));

    /// <summary>What the clock gained since the last update by somebody else's hand, zero if nothing beyond doubt.</summary>
    public Duration Interference { get; private set; }

    /// <summary>What somebody else does to the rate between two looks, by what was seen of it within the last hour, not negative.</summary>
    public FrequencyOffset Meddling { get; private set; }

    /// <summary>Somebody else moved the clock or turned its rate within the last hour.</summary>
    public bool IsMeddledWith => _sinceMeddled < Grudge;

    /// <summary>The clock is off by more than policy lets be slewed, and is left so.</summary>
    public bool IsRefraining { get; private set; }

    /// <summary>The clock may have to be stepped, and is left alone until it is surer by how much. Whoever calls it synchronised now gives the step away.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Steps are allowed as at the start, after a gap in time.</summary>
    public void Restart() => (_updates, _waited, _last, _surprise) = (0, 0, null, null);

    /// <summary>The last correction was not carried out: what the clock does next says nothing about it.</summary>
    public void Forget() => _last = null;

    /// <summary>Compares the reading with what the last command should have led to. Before <see cref="Steer"/>.</summary>
    public void Observe(in LocalClock clock)
    {
        Interference = Duration.Zero;
        double turned = (clock.Frequency - _commanded.Frequency).Magnitude.Fraction; // s/s
        if (_last is { } last && clock.At > last.At)
        {
            var elapsed = clock.At - last.At;
            Forgive(elapsed.Seconds);
            var worked = _commanded.Pending - clock.PendingPhase;
            double gained = (clock.Reading - last.Reading - elapsed - elapsed.At(_commanded.Frequency) - worked).Seconds;

            // The command took up to 0.1 s to arrive, and nobody can say how much of the present second's part of a slew is done.
            double late = (_commanded.Frequency - last.Frequency).Magnitude.Fraction * 0.1; // s
            double slewing = (last.PendingPhase.Magnitude + clock.PendingPhase.Magnitude).Seconds / 4;
            double doubt = (clock.ReadError + last.ReadError).Seconds + late + slewing + 1e-8; // s
            if (turned < Obeyed)
            {
                Learn(gained, elapsed.Seconds, doubt);
            }
            else if (turned > Turned && (clock.Frequency - last.Frequency).Magnitude.Fraction > Turned)
            {
                Interference = Duration.FromSeconds(gained); // and otherwise the command never arrived
                Expect(turned);
            }

            _sinceMeddled = Interference == Duration.Zero ? _sinceMeddled : 0;
        }

        Remember(clock, clock.Frequency, clock.PendingPhase);
    }

    /// <summary>What to do now.</summary>
    /// <param name="estimate">For the reading's instant.</param>
    /// <param name="clock">The reading.</param>
    /// <param name="interval">Expected time until new samples.</param>
    /// <param name="fresh">Samples have come since the last call.</param>
    /// <param name="settings">Limits.</param>
    /// <returns>Nothing, if the clock does already what it should.</returns>
    public Correction? Steer(
        in SourceEstimate estimate, in LocalClock clock, Duration interval, bool fresh, DisciplineSettings settings)
    {
        var error = estimate.Utc - clock.Reading;
        var frequency = (estimate.Rate - Bias).ClampTo(settings.MaxFrequency);
        double sigma = estimate.Covariance.OffsetSigma.Seconds; // s
        bool first = settings.StepLimit < 0 || _updates < settings.StepLimit;
        var limit = Duration.Min(settings.StepThreshold, settings.StepRatherThanSlew.At(settings.MaxSlewRate));
        IsWaiting = first && _updates == 0 && _waited < Patience && IsDoubtful(Duration.Max(error.Magnitude, limit.Times(Noisy)), estimate);
        if (IsWaiting)
        {
            _waited += fresh ? 1 : 0;
            Remember(clock, clock.Frequency, clock.PendingPhase);
            return null;
        }

        _updates += fresh && _updates < int.MaxValue ? 1 : 0;
        var tolerance = Duration.FromSeconds(Math.Max(clock.ReadError.Seconds * 4, sigma * Tolerated(interval.Seconds, fresh)));
        double gained = (frequency - clock.Frequency).Magnitude.Fraction * Math.Max(interval.Seconds, 1); // s, until new samples
        bool refrained = IsRefraining;
        IsRefraining = false;
        if ((error - clock.PendingPhase).Magnitude <= tolerance && gained <= Math.Max(tolerance.Seconds, 1e-10))
        {
            return null;
        }

        if (first && error.Magnitude > Duration.Max(limit, estimate.Covariance.OffsetSigma))
        {
            Remember(clock with { Reading = clock.Reading + error }, frequency, Duration.Zero);
            return new() { Frequency = frequency, Step = error };
        }

        // What would be refused is not asked for; with room for noise, so that this does not change with each sample.
        if (settings.MaxPhase is { } most && error.Magnitude > (refrained ? most.Times(Sure) : most))
        {
            IsRefraining = true;
            Remember(clock, frequency, clock.PendingPhase);
            return gained <= Math.Max(tolerance.Seconds, 1e-10) ? null : new() { Frequency = frequency };
        }

        Remember(clock, frequency, error);
        return new() { Frequency = frequency, Phase = error, PhaseDuration = SlewTime(error, estimate.Covariance.OffsetSigma, interval, settings) };
    }

    /// <summary>The rate to begin with, of a clock that has none yet: it was just booted. One that has a rate goes on with it: whoever set it last knew more.</summary>
    /// <param name="expected">From a drift file.</param>
    /// <param name="clock">The reading.</param>
    /// <param name="settings">Limits.</param>
    public Correction? Begin(DriftState expected, in LocalClock clock, DisciplineSettings settings)
    {
        var frequency = expected.Rate.ClampTo(settings.MaxFrequency);
        if (clock.Frequency != FrequencyOffset.Zero || frequency.Magnitude.Fraction <= expected.Sigma.Fraction + Obeyed)
        {
            return null;
        }

        Remember(clock, frequency, clock.PendingPhase);
        return new() { Frequency = frequency };
    }

    /// <summary>Whether a step of this size, or one that is still to be found out about, may be the path's noise.</summary>
    private static bool IsDoubtful(Duration size, in SourceEstimate estimate) => size < estimate.MaxError.Times(Certain) && size < estimate.Jitter.Times(Noisy);

    private void Forgive(double elapsed)
    {
        _sinceMeddled += elapsed;
        Meddling = IsMeddledWith ? Meddling : FrequencyOffset.Zero;
    }

    /// <summary>A Kalman filter for one constant. One surprise is somebody's hand; two in a row of the same rate are the clock's own.</summary>
    /// <param name="gained">Beyond what was commanded, s.</param>
    /// <param name="elapsed">In this time, s.</param>
    /// <param name="doubt">Standard deviation of <paramref name="gained"/>, s.</param>
    private void Learn(double gained, double elapsed, double doubt)
    {
        double rate = gained / elapsed; // s/s
        double noise = doubt * doubt / (elapsed * elapsed); // (s/s)^2
        double tolerance = (SurprisingRate * elapsed) + SurprisingPhase + (4 * doubt)
            + (SourceEstimate.ErrorSigmas * Math.Sqrt(_biasVariance) * elapsed); // s
        if (Math.Abs(gained - (_bias * elapsed)) <= tolerance)
        {
            double gain = _biasVariance / (_biasVariance + noise);
            _bias = Math.Clamp(_bias + (gain * (rate - _bias)), -MaxBias, MaxBias);
            _biasVariance = Math.Max((1 - gain) * _biasVariance, BestSigma * BestSigma);
            _surprise = null;
        }
        else if (_surprise is { } before && Math.Abs(rate - before) * elapsed <= tolerance && Math.Abs(rate) <= MaxBias)
        {
            (_bias, _biasVariance, _surprise) = (rate, noise, null);
        }
        else
        {
            _surprise = rate;
            Interference = Duration.FromSeconds(gained - (_bias * elapsed));
            if (Math.Abs(rate - _bias) <= MaxTurn)
            {
                Expect(Math.Abs(rate - _bias)); // what it is turned to now is only known when it is set again
            }
        }
    }

    /// <summary>What somebody else did to the rate, s/s, may be done twice before we look again.</summary>
    private void Expect(double turned) => Meddling = FrequencyOffset.FromFraction(Math.Max(Meddling.Fraction, 2 * turned));

    /// <summary>In sigmas. Between samples only what the clock did wrong remains to be corrected: less is tolerated where that is rare.</summary>
    private double Tolerated(double interval, bool fresh)
    {
        double rarer = 1 + ((Math.Clamp(Frequent / interval, 1, MostFrequent) - 1) * Math.Min((double)_updates / Settled, 1));
        return Negligible * (fresh || rarer > 1 ? rarer : 0.25);
    }

    private static Duration SlewTime(Duration error, Duration sigma, Duration interval, DisciplineSettings settings)
    {
        double fastest = error.Magnitude.Seconds / settings.MaxSlewRate.Fraction; // s
        double calm = Math.Clamp(interval.Seconds * NoiseShare, Shortest, Longest);
        double beyond = error.Magnitude.Seconds / Math.Max(sigma.Seconds * Noise, 1e-12);
        return Duration.FromSeconds(Math.Max(Math.Max(calm / Math.Max(beyond * beyond, 1), Shortest), fastest));
    }

    private void Remember(in LocalClock clock, FrequencyOffset frequency, Duration pending) =>
        (_last, _commanded) = (clock, (frequency, pending));
}
