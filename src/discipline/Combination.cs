using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>One line of time out of several sources'.</summary>
/// <remarks>
/// Weights 1 / (variance + doubt^2 + t^2), with t^2 the variance between the sources beyond what their own accounts for: the
/// random-effects estimate of DerSimonian and Laird (Controlled Clinical Trials 7, 1986). So sources that disagree by more than they
/// admit are weighed more evenly, and the result admits it. Offset and rate are weighed apart: rates of sources with biased paths agree.
/// </remarks>
public static class Combination
{
    /// <summary>Correlation of two sources' errors: both saw the same oscillator wander. In simulation 0 (noise dominates) to 0.4.</summary>
    private const double Shared = 0.2;

    /// <summary>Share of the round trip that asymmetry of the path typically is: counts in weights, not in sigma.</summary>
    private const double TypicalAsymmetry = 0.01;

    /// <summary>What a source's time may be off by in practice, s, positive.</summary>
    public static double Doubt(in SourceEstimate estimate)
    {
        double path = TypicalAsymmetry * (estimate.MinDelay + estimate.RootDelay).Seconds;
        double own = estimate.RootDispersion.Seconds / 3;
        return Math.Sqrt(estimate.Covariance.Offset + (path * path) + (own * own)) + 1e-12;
    }

    /// <summary>Combines estimates of one instant.</summary>
    /// <param name="estimates">At least one.</param>
    /// <param name="earliest">True time is not before, by the intersection.</param>
    /// <param name="latest">Nor after.</param>
    /// <param name="weights">Of each, in order; sum 1.</param>
    public static SourceEstimate Combine(
        IReadOnlyList<SourceEstimate> estimates, Instant<Utc> earliest, Instant<Utc> latest, out IReadOnlyList<double> weights)
    {
        var first = estimates[0];
        int n = estimates.Count;
        double[] offsets = [.. estimates.Select(e => (e.Utc - first.Utc).Seconds)];
        double[] variances = [.. estimates.Select(e => Doubt(e) * Doubt(e))];
        double between = Between(offsets, variances);
        double[] a = Normalised([.. variances.Select(v => 1 / (v + between))]);
        double[] b = Normalised([.. estimates.Select(e => 1 / (e.Covariance.Rate + 1e-24))]);
        double offset = 0;
        double rate = 0;
        double wander = 0;
        double spread = 0;
        for (int i = 0; i < n; i++)
        {
            offset += a[i] * offsets[i];
            rate += b[i] * estimates[i].Rate.Fraction;
            wander += b[i] * estimates[i].WanderVariance;
            spread += a[i] * a[i] * between;
        }

        double own = 0;
        double ownRate = 0;
        double cross = 0;
        double sigma = 0;
        double sigmaRate = 0;
        for (int i = 0; i < n; i++)
        {
            var c = estimates[i].Covariance;
            own += a[i] * a[i] * c.Offset;
            ownRate += b[i] * b[i] * c.Rate;
            cross += a[i] * b[i] * c.OffsetRate;
            sigma += a[i] * Math.Sqrt(c.Offset);
            sigmaRate += b[i] * Math.Sqrt(c.Rate);
        }

        var covariance = new Covariance(
            ((1 - Shared) * own) + (Shared * sigma * sigma) + spread,
            cross,
            ((1 - Shared) * ownRate) + (Shared * sigmaRate * sigmaRate));
        var utc = first.Utc + Duration.FromSeconds(offset);
        int best = Array.IndexOf(a, a.Max());
        weights = a;
        return estimates[best] with
        {
            Utc = utc,
            Rate = FrequencyOffset.FromFraction(rate),
            Covariance = covariance,
            WanderVariance = wander,
            MaxError = Duration.Max(Duration.Max(latest - utc, utc - earliest), covariance.OffsetSigma.Times(SourceEstimate.ErrorSigmas)),
        };
    }

    private static double Between(double[] offsets, double[] variances)
    {
        double sum = 0;
        double squares = 0;
        double mean = 0;
        for (int i = 0; i < offsets.Length; i++)
        {
            double w = 1 / variances[i];
            sum += w;
            squares += w * w;
            mean += w * offsets[i];
        }

        mean /= sum;
        double q = 0;
        for (int i = 0; i < offsets.Length; i++)
        {
            q += (offsets[i] - mean) * (offsets[i] - mean) / variances[i];
        }

        double scale = sum - (squares / sum);
        return scale <= 0 ? 0 : Math.Max(0, (q - (offsets.Length - 1)) / scale);
    }

    private static double[] Normalised(double[] weights)
    {
        double sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }
}
