using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>Second moments of an estimate's error.</summary>
/// <param name="Offset">Variance of the offset, s^2.</param>
/// <param name="OffsetRate">Covariance of offset and rate, s.</param>
/// <param name="Rate">Variance of the rate, dimensionless (s/s)^2.</param>
public readonly record struct Covariance(double Offset, double OffsetRate, double Rate)
{
    /// <summary>Standard deviation of the offset.</summary>
    public Duration OffsetSigma => Duration.FromSeconds(Math.Sqrt(Math.Max(0, Offset)));

    /// <summary>Standard deviation of the rate.</summary>
    public FrequencyOffset RateSigma => FrequencyOffset.FromFraction(Math.Sqrt(Math.Max(0, Rate)));

    /// <summary>Lets time pass: F P F^T + Q with F = [1 t; 0 1] and Q of a rate that walks at random.</summary>
    /// <param name="elapsed">Time since, not negative.</param>
    /// <param name="wanderVariance">Growth of the rate's variance, 1/s.</param>
    public Covariance After(Duration elapsed, double wanderVariance)
    {
        double t = elapsed.Seconds; // s
        double q = wanderVariance * t; // (s/s)^2
        return new(
            Offset + (2 * t * OffsetRate) + (t * t * Rate) + (q * t * t / 3),
            OffsetRate + (t * Rate) + (q * t / 2),
            Rate + q);
    }
}

/// <summary>What one source's samples say of UTC at one raw instant, and how sure that is.</summary>
public readonly record struct SourceEstimate
{
    /// <summary>The instant it holds for.</summary>
    public required Instant<Raw> At { get; init; }

    /// <summary>UTC at that instant.</summary>
    public required Instant<Utc> Utc { get; init; }

    /// <summary>UTC gained per raw second: positive, the oscillator is slow.</summary>
    public required FrequencyOffset Rate { get; init; }

    /// <summary>Of the statistical error in <see cref="Utc"/> and <see cref="Rate"/>. Asymmetry of the path is not in it.</summary>
    public required Covariance Covariance { get; init; }

    /// <summary>How unsteady the oscillator has been: growth of the rate's variance, 1/s.</summary>
    public required double WanderVariance { get; init; }

    /// <summary>
    /// Half-width of the interval around <see cref="Utc"/> that this source vouches for: half of root delay and own least round
    /// trip, root dispersion, stamp error and resolution, and <see cref="Seen"/>.
    /// </summary>
    public required Duration MaxError { get; init; }

    /// <summary>The part of <see cref="MaxError"/> that no statistics tell: asymmetry of the paths, the source's own error, stamps.</summary>
    public Duration Unseen => Duration.Max(MaxError - Seen, Duration.Zero);

    /// <summary>The part of <see cref="MaxError"/> that is statistics.</summary>
    public Duration Seen => Duration.Max(Covariance.OffsetSigma.Times(ErrorSigmas), Tail.Reach);

    /// <summary>Of the same error, what is improbable and not ruled out.</summary>
    public Tail Tail { get; init; }

    /// <summary>The least round trip the path can have, by the estimate.</summary>
    public Duration MinDelay { get; init; }

    /// <summary>Standard deviation of a single sample's half-sum: how noisy the path is.</summary>
    public Duration Jitter { get; init; }

    /// <summary>Samples that the estimate rests on, 0 to 64; older ones count only through the state.</summary>
    public int SampleCount { get; init; }

    /// <summary>From the oldest of them to the newest.</summary>
    public Duration Span { get; init; }

    /// <summary>The newest sample's <see cref="Sample.RootDelay"/>.</summary>
    public Duration RootDelay { get; init; }

    /// <summary>The newest sample's <see cref="Sample.RootDispersion"/>.</summary>
    public Duration RootDispersion { get; init; }

    /// <summary>The same line of time at another instant; the covariance grows forwards and is kept backwards.</summary>
    public SourceEstimate MovedTo(Instant<Raw> at)
    {
        var elapsed = at - At;
        if (elapsed.Sign <= 0)
        {
            return this with { At = at, Utc = Utc + elapsed + elapsed.At(Rate) };
        }

        var moved = this with
        {
            At = at,
            Utc = Utc + elapsed + elapsed.At(Rate),
            Covariance = Covariance.After(elapsed, WanderVariance),
            Tail = Tail.After(elapsed),
        };
        return moved with { MaxError = MaxError + Duration.Max(moved.Seen - Seen, Duration.Zero) };
    }

    /// <summary>The same with a rate that is less sure.</summary>
    /// <param name="sigma">By so much, standard deviation.</param>
    public SourceEstimate Doubting(FrequencyOffset sigma)
    {
        double more = sigma.Fraction * sigma.Fraction;
        return this with
        {
            Covariance = Covariance with { Rate = Covariance.Rate + more },
            Tail = Tail with { Covariance = Tail.Covariance with { Rate = Tail.Covariance.Rate + more } },
        };
    }

    /// <summary>
    /// Mean square of the statistical error from now until so long after, s^2: of the sigma of which four reach as far as the bound does,
    /// if that is more than the variance says.
    /// </summary>
    /// <remarks>By Simpson's rule, which is exact for a polynomial of third degree.</remarks>
    public double SquareUntil(Duration end) => Math.Max((Square + (4 * MovedTo(At + end.Half()).Square) + MovedTo(At + end).Square) / 6, 0);

    private double Square
    {
        get
        {
            double variance = Math.Max(Covariance.Offset, 0);
            double heard = Math.Clamp((SampleCount - ModelBank.Unheard) / (ModelBank.Heard - ModelBank.Unheard), 0, 1);
            double most = LeastBeyond + ((MostBeyond - LeastBeyond) * heard);
            return Math.Clamp(Math.Pow(Seen.Seconds / Reached, 2), variance, variance * most * most);
        }
    }

    /// <summary>The bound reaches four sigmas at most.</summary>
    private const double Reached = 4;

    /// <summary>
    /// What is improbable makes the claimed sigma larger than the variance's by this factor at most: it is to be right on average. By less while the bound still takes all
    /// oscillators for as common: most are not.
    /// </summary>
    private const double LeastBeyond = 1.3, MostBeyond = 1.8;

    /// <summary>
    /// Standard deviations that go into a bound at least. Normal errors would need 3.3 for one in a thousand; ours have longer tails, of
    /// which <see cref="Tail"/> knows those that come of the oscillator's unsteadiness.
    /// </summary>
    public const double ErrorSigmas = 3.5;
}
