namespace TimeSuite.Discipline;

/// <summary>The one-way delay beyond the path's base: exponential, with a share of much longer ones.</summary>
/// <remarks>
/// f(e) = (1 - p) exp(-e/J)/J + p exp(-e/(kJ))/(kJ) for e >= 0, nothing below. Met by a normal prior N(c, V) for e, each part's
/// posterior is a normal distribution cut off at zero, N(c - V/J, V) for e >= 0, whose moments are known in closed form
/// (Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, section 13.10). Matching the first two moments of the
/// mixture is assumed density filtering (Minka, "A family of algorithms for approximate Bayesian inference", 2001, section 3.2).
/// </remarks>
internal static class DelayLikelihood
{
    /// <summary>Share of long delays.</summary>
    private const double LongShare = 0.03;

    /// <summary>How much longer they are.</summary>
    private const double LongFactor = 30;

    private static readonly double s_logCore = Math.Log(1 - LongShare), s_logLong = Math.Log(LongShare);

    /// <summary>Posterior moments of one excess delay.</summary>
    /// <param name="mean">c: prior mean, s.</param>
    /// <param name="variance">V: prior variance, s^2, positive.</param>
    /// <param name="scale">J.</param>
    public static Mixture Match(double mean, double variance, in Scale scale)
    {
        double sigma = Math.Sqrt(variance);
        var core = Met(mean, variance, sigma, scale.Ordinary, scale.LogOrdinary);
        var tail = Met(mean, variance, sigma, scale.Long, scale.LogLong);
        double a = core.LogEvidence + s_logCore;
        double b = tail.LogEvidence + s_logLong;
        double evidence = Math.Max(a, b) + Math.Log(1 + Math.Exp(-Math.Abs(a - b)));
        return new(evidence, Math.Exp(a - evidence), core);
    }

    private static Part Met(double mean, double variance, double sigma, double scale, double logScale)
    {
        double shifted = mean - (variance / scale);
        double cut = -shifted / sigma; // standard deviations from the mean up to the border
        if (cut < -6)
        {
            double free = (-mean / scale) + (variance / (2 * scale * scale)) - logScale;
            return new(free, shifted, variance);
        }

        double tail = ScaledTail(cut); // exp(cut^2/2) Q(cut)
        double hazard = 1 / (Math.Sqrt(2 * Math.PI) * tail);
        double squared = 1 / (cut * cut);
        double kept = cut > 12 ? squared * (1 - (6 * squared)) : 1 - (hazard * (hazard - cut));
        double above = cut > 12 ? sigma * squared * cut * (1 - (2 * squared)) : shifted + (sigma * hazard);
        double evidence = (-mean * mean / (2 * variance)) + Math.Log(tail) - logScale;
        return new(evidence, above, variance * kept);
    }

    /// <summary>The normal distribution's upper tail.</summary>
    public static double UpperTail(double x) => Math.Exp(-x * x / 2) * ScaledTail(x);

    /// <summary>exp(x^2/2) times the normal distribution's upper tail; error 1.2e-7 of the value.</summary>
    /// <remarks>Chebyshev fit of erfc, Press et al., Numerical Recipes, section 6.2, without its factor exp(-x^2).</remarks>
    private static double ScaledTail(double x)
    {
        double z = Math.Abs(x) / Math.Sqrt(2);
        double t = 1 / (1 + (0.5 * z));
        double fit = t * Math.Exp(-1.26551223 + (t * (1.00002368 + (t * (0.37409196 + (t * (0.09678418
            + (t * (-0.18628806 + (t * (0.27886807 + (t * (-1.13520398 + (t * (1.48851587
            + (t * (-0.82215223 + (t * 0.17087277))))))))))))))))));
        return x >= 0 ? fit / 2 : Math.Exp(x * x / 2) - (fit / 2);
    }

    /// <summary>The mean excess of a direction, with the logarithms that every leg needs of it.</summary>
    /// <param name="mean">J, s, positive.</param>
    public readonly struct Scale(double mean)
    {
        /// <summary>s.</summary>
        public double Ordinary { get; } = mean;

        /// <summary>Of the long delays, s.</summary>
        public double Long { get; } = mean * LongFactor;

        public double LogOrdinary { get; } = Math.Log(mean);

        public double LogLong { get; } = Math.Log(mean * LongFactor);
    }

    /// <summary>What is known of one excess delay after it was seen, if it is of one kind.</summary>
    /// <param name="LogEvidence">Logarithm of the probability density that the prior gave to what was seen, up to a constant.</param>
    /// <param name="Mean">s.</param>
    /// <param name="Variance">s^2, at most the prior's.</param>
    public readonly record struct Part(double LogEvidence, double Mean, double Variance);

    /// <summary>What is known of one excess delay after it was seen.</summary>
    /// <param name="LogEvidence">As in <see cref="Part"/>.</param>
    /// <param name="CoreShare">Probability that the delay was not one of the long ones.</param>
    /// <param name="Core">If not.</param>
    public readonly record struct Mixture(double LogEvidence, double CoreShare, Part Core);
}
