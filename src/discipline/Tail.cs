using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>What an error may still be that its variance makes light of: the models of the oscillator that are improbable and not ruled out.</summary>
/// <param name="Covariance">Of the models that an error beyond the bound would speak for.</param>
/// <param name="WanderVariance">Theirs: growth of the rate's variance, 1/s.</param>
/// <param name="Sigmas">So many of their standard deviations leave one in a thousand outside, over all models.</param>
public readonly record struct Tail(Covariance Covariance, double WanderVariance, double Sigmas)
{
    /// <summary>Probability left outside, and the standard deviations of one normal distribution that leave it.</summary>
    private const double Outside = 1e-3, Normal = 3.29;

    /// <summary>What is ahead is taken for larger by this factor: temperature and load move a crystal in ways that are no random walk.</summary>
    internal const double Unforeseen = 1.12;

    /// <summary>Half-width of the interval that leaves one in a thousand outside.</summary>
    public Duration Reach => Covariance.OffsetSigma.Times(Sigmas);

    /// <summary>Lets time pass.</summary>
    public Tail After(Duration elapsed) => this with { Covariance = Covariance.After(elapsed, WanderVariance) };

    /// <summary>All errors larger or smaller by this factor, positive.</summary>
    public Tail Times(double factor)
    {
        double square = factor * factor;
        return this with { Covariance = new(Covariance.Offset * square, Covariance.OffsetRate * square, Covariance.Rate * square) };
    }

    /// <summary>Of several models of one error.</summary>
    /// <param name="models">Their states at one instant.</param>
    /// <param name="wanders">Growth of each one's rate's standard deviation, 1/sqrt(s).</param>
    /// <param name="weights">What each one's probability may be; sum 1.</param>
    /// <param name="merged">What all together say; errors count from there.</param>
    /// <param name="ahead">For an error so long after, s.</param>
    internal static Tail Of(ReadOnlySpan<OscillatorModel> models, ReadOnlySpan<double> wanders, ReadOnlySpan<double> weights, in OscillatorModel merged, double ahead)
    {
        int n = models.Length;
        Span<double> sigmas = stackalloc double[n];
        Spread(models, wanders, merged, 0, sigmas);
        double now = Quantile(sigmas, weights) / Normal;
        Spread(models, wanders, merged, ahead, sigmas);
        double later = Quantile(sigmas, weights);
        double offsetRate = 0;
        double rate = 0;
        double wander = 0;
        for (int i = 0; i < n; i++)
        {
            double share = weights[i] * DelayLikelihood.UpperTail(later / sigmas[i]); // what an error so large speaks for
            var own = Of(models[i], merged);
            (offsetRate, rate, wander) = (offsetRate + (share * own.OffsetRate), rate + (share * own.Rate), wander + (share * wanders[i] * wanders[i]));
        }

        later *= Unforeseen / Normal;
        double grown = (2 * ahead * offsetRate) + (ahead * ahead * rate) + (wander * ahead * ahead * ahead / 3);
        double scale = grown > 0 ? Math.Max((later * later) - (now * now), 0) / grown : 0;
        return new(new(now * now, scale * offsetRate, scale * rate), scale * wander, Normal);
    }

    private static void Spread(ReadOnlySpan<OscillatorModel> models, ReadOnlySpan<double> wanders, in OscillatorModel merged, double ahead, Span<double> sigmas)
    {
        for (int i = 0; i < sigmas.Length; i++)
        {
            sigmas[i] = Math.Sqrt(Of(models[i], merged).After(Duration.FromSeconds(ahead), wanders[i] * wanders[i]).Offset);
        }
    }

    private static double Quantile(ReadOnlySpan<double> sigmas, ReadOnlySpan<double> weights)
    {
        double low = 0;
        double high = 0;
        foreach (double sigma in sigmas)
        {
            high = Math.Max(high, sigma * Normal);
        }

        for (int i = 0; i < 14; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = IsExceeded(middle, sigmas, weights) ? (middle, high) : (low, middle);
        }

        return high;
    }

    private static Covariance Of(in OscillatorModel model, in OscillatorModel merged)
    {
        double offset = model.Offset - merged.Offset;
        double rate = model.Rate - merged.Rate;
        return new(Math.Max(model.P00, 0) + (offset * offset), model.P01 + (offset * rate), model.P11 + (rate * rate));
    }

    /// <summary>Whether a larger error is more probable than <see cref="Outside"/>.</summary>
    private static bool IsExceeded(double error, ReadOnlySpan<double> sigmas, ReadOnlySpan<double> weights)
    {
        double sum = 0;
        for (int i = 0; i < sigmas.Length && sum <= Outside; i++)
        {
            sum += weights[i] < 1e-6 ? 0 : weights[i] * 2 * DelayLikelihood.UpperTail(error / sigmas[i]);
        }

        return sum > Outside;
    }
}
