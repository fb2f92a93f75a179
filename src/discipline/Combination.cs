using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>One line of time out of several sources'.</summary>
/// <remarks>
/// Weights 1 / (variance + doubt^2 + k^2 h^2), with h the source's largest error and k^2 such that the disagreement beyond what their own
/// variance accounts for is explained: the random-effects estimate of DerSimonian and Laird (Controlled Clinical Trials 7, 1986) for biases
/// in proportion to what a path can hide. So sources that disagree by more than they admit are weighed more evenly, the distant ones less,
/// and the result admits it. One of three or more that alone disagrees tells nothing of the others: its difference is its own doubt.
/// Offset and rate are weighed apart: rates of sources with biased paths agree.
/// </remarks>
public static class Combination
{
    /// <summary>No two sources' errors are taken to be more alike: correlation.</summary>
    private const double MostAlike = 0.95;

    /// <summary>Share of the round trip that asymmetry of the path typically is: counts in weights, not in sigma.</summary>
    private const double TypicalAsymmetry = 0.01;

    /// <summary>Q beyond its expectation that chance does not give.</summary>
    private const double Significant = 12;

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
    /// <param name="common">What the errors of two of them, by their places, have in common.</param>
    /// <param name="weights">Of each, in order; sum 1.</param>
    internal static SourceEstimate Combine(
        IReadOnlyList<SourceEstimate> estimates, Instant<Utc> earliest, Instant<Utc> latest, Func<int, int, CrossCovariance> common, out IReadOnlyList<double> weights)
    {
        var first = estimates[0];
        int n = estimates.Count;
        double[] offsets = [.. estimates.Select(e => (e.Utc - first.Utc).Seconds)];
        double[] variances = [.. estimates.Select(e => Doubt(e) * Doubt(e))];
        double[] reaches = [.. estimates.Select(e => e.MaxError.Seconds * e.MaxError.Seconds)];
        Outlier(offsets, variances);
        double between = Between(offsets, variances, reaches);
        var shared = Shared(estimates, common);
        double[] a = Weights.Least(n, (i, j) => i == j ? variances[i] + (between * reaches[i]) : shared[i, j].Offsets);
        double[] b = Weights.Least(n, (i, j) => i == j ? estimates[i].Covariance.Rate + 1e-24 : shared[i, j].Rates);
        double offset = 0;
        double rate = 0;
        double wander = 0;
        double spread = 0;
        double unseen = 0;
        double tail = 0; // in what the least bound is
        for (int i = 0; i < n; i++)
        {
            offset += a[i] * offsets[i];
            rate += b[i] * estimates[i].Rate.Fraction;
            wander += b[i] * estimates[i].WanderVariance;
            spread += a[i] * a[i] * between * reaches[i];
            unseen += a[i] * estimates[i].Unseen.Seconds;
            tail += a[i] * (estimates[i].Tail.Reach.Seconds / Math.Max(estimates[i].Covariance.OffsetSigma.Seconds * SourceEstimate.ErrorSigmas, 1e-12));
        }

        var covariance = Covariance(estimates, a, b, shared);
        covariance = covariance with { Offset = covariance.Offset + spread };
        var utc = first.Utc + Duration.FromSeconds(offset);
        int best = Array.IndexOf(a, a.Max());
        var statistical = covariance.OffsetSigma.Times(SourceEstimate.ErrorSigmas * Math.Max(1, tail));
        var longest = estimates[best].Tail.Times(tail * covariance.OffsetSigma.Seconds * SourceEstimate.ErrorSigmas / Math.Max(estimates[best].Tail.Reach.Seconds, 1e-12));
        var reach = Duration.Max(latest - utc, utc - earliest);
        bool agree = latest - earliest <= estimates.Min(e => e.MaxError).Times(2.001); // else there is nothing that all vouch for
        if (agree)
        {
            reach = Duration.Min(reach, Duration.FromSeconds(unseen) + statistical);
        }

        weights = a;
        return estimates[best] with
        {
            Utc = utc,
            Rate = FrequencyOffset.FromFraction(rate),
            Covariance = covariance,
            WanderVariance = wander,
            Tail = longest,
            MaxError = Duration.Max(reach, statistical),
        };
    }

    /// <summary>What two errors have in common, no more than their own variances allow.</summary>
    private static CrossCovariance[,] Shared(IReadOnlyList<SourceEstimate> estimates, Func<int, int, CrossCovariance> common)
    {
        int n = estimates.Count;
        var shared = new CrossCovariance[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < i; j++)
            {
                var first = estimates[i].Covariance;
                var second = estimates[j].Covariance;
                var both = common(i, j);
                shared[i, j] = new(
                    Limited(both.Offsets, first.Offset, second.Offset), Limited(both.OffsetRate, first.Offset, second.Rate),
                    Limited(both.RateOffset, first.Rate, second.Offset), Limited(both.Rates, first.Rate, second.Rate));
                shared[j, i] = shared[i, j].Turned;
            }
        }

        return shared;
    }

    private static double Limited(double both, double first, double second)
    {
        double most = MostAlike * Math.Sqrt(Math.Max(first * second, 0));
        return Math.Clamp(both, -most, most);
    }

    /// <summary>Of weighted sums of offsets and of rates.</summary>
    private static Covariance Covariance(IReadOnlyList<SourceEstimate> estimates, double[] a, double[] b, CrossCovariance[,] shared)
    {
        double offset = 0;
        double cross = 0;
        double rate = 0;
        for (int i = 0; i < a.Length; i++)
        {
            var own = estimates[i].Covariance;
            offset += a[i] * a[i] * own.Offset;
            cross += a[i] * b[i] * own.OffsetRate;
            rate += b[i] * b[i] * own.Rate;
            for (int j = 0; j < a.Length; j++)
            {
                offset += i == j ? 0 : a[i] * a[j] * shared[i, j].Offsets;
                cross += i == j ? 0 : a[i] * b[j] * shared[i, j].OffsetRate;
                rate += i == j ? 0 : b[i] * b[j] * shared[i, j].Rates;
            }
        }

        offset = Math.Max(offset, 0);
        rate = Math.Max(rate, 0);
        double most = MostAlike * Math.Sqrt(offset * rate);
        return new(offset, Math.Clamp(cross, -most, most), rate);
    }

    /// <summary>Adds to the variance of the one source that alone is far from the others, if there is one, its distance from them.</summary>
    private static void Outlier(double[] offsets, double[] variances)
    {
        int n = offsets.Length;
        var all = Disagreement(offsets, variances, -1);
        if (n < 3 || all.Q < n - 1 + Significant)
        {
            return;
        }

        int odd = Enumerable.Range(0, n).MinBy(i => Disagreement(offsets, variances, i).Q);
        var rest = Disagreement(offsets, variances, odd);
        if (rest.Q < all.Q / 4)
        {
            double distance = offsets[odd] - rest.Mean;
            variances[odd] += distance * distance;
        }
    }

    /// <summary>k^2: share of the squares of the largest errors that the sources' biases are.</summary>
    private static double Between(double[] offsets, double[] variances, double[] reaches)
    {
        double sum = 0;
        double own = 0;
        double common = 0;
        for (int i = 0; i < offsets.Length; i++)
        {
            double w = 1 / variances[i];
            sum += w;
            own += w * reaches[i];
            common += w * w * reaches[i];
        }

        double scale = own - (common / sum);
        return scale <= 0 ? 0 : Math.Max(0, (Disagreement(offsets, variances, -1).Q - (offsets.Length - 1)) / scale);
    }

    /// <summary>Weighted mean, s, and Cochran's Q, without one of them (-1: with all).</summary>
    private static (double Mean, double Q) Disagreement(double[] offsets, double[] variances, int without)
    {
        double sum = 0;
        double mean = 0;
        double q = 0;
        for (int i = 0; i < offsets.Length; i++)
        {
            double w = i == without ? 0 : 1 / variances[i];
            double before = offsets[i] - mean;
            sum += w;
            mean += sum > 0 ? w / sum * before : 0;
            q += w * before * (offsets[i] - mean);
        }

        return (mean, q);
    }
}
