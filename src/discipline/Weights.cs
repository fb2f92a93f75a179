namespace TimeSuite.Discipline;

/// <summary>Weights of a mean.</summary>
internal static class Weights
{
    /// <summary>Not negative, sum 1, such that the weighted mean of values with these covariances varies least.</summary>
    /// <param name="n">How many, positive.</param>
    /// <param name="covariance">Of two errors by their places; symmetric, positive in the diagonal.</param>
    /// <remarks>
    /// Proportional to the inverse's row sums; whose weight would be negative is left out. That is not always the best set, but few sources
    /// are so alike that it matters.
    /// </remarks>
    public static double[] Least(int n, Func<int, int, double> covariance)
    {
        List<int> kept = [.. Enumerable.Range(0, n)];
        while (true)
        {
            double[] solved = Solve(kept, covariance);
            int worst = Array.IndexOf(solved, solved.Min());
            if (solved[worst] >= 0 || kept.Count == 1)
            {
                var weights = new double[n];
                double sum = solved.Sum();
                for (int k = 0; k < kept.Count; k++)
                {
                    weights[kept[k]] = kept.Count == 1 ? 1 : solved[k] / sum;
                }

                return weights;
            }

            kept.RemoveAt(worst);
        }
    }

    /// <summary>x with C x = 1, by Gauss's elimination; units do not matter, so it is scaled by the diagonal.</summary>
    private static double[] Solve(List<int> kept, Func<int, int, double> covariance)
    {
        int n = kept.Count;
        double[] scale = [.. kept.Select(i => Math.Sqrt(covariance(i, i)))];
        var rows = new double[n, n + 1];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                rows[i, j] = i == j ? 1 : covariance(kept[i], kept[j]) / (scale[i] * scale[j]);
            }

            rows[i, n] = 1 / scale[i];
        }

        for (int i = 0; i < n; i++)
        {
            rows[i, i] = Math.Max(rows[i, i], 1e-9); // covariances that cannot be, by rounding or by limits
            for (int k = i + 1; k < n; k++)
            {
                double factor = rows[k, i] / rows[i, i];
                for (int j = i; j <= n; j++)
                {
                    rows[k, j] -= factor * rows[i, j];
                }
            }
        }

        var solved = new double[n];
        for (int i = n - 1; i >= 0; i--)
        {
            double rest = rows[i, n];
            for (int j = i + 1; j < n; j++)
            {
                rest -= rows[i, j] * solved[j];
            }

            solved[i] = rest / rows[i, i];
        }

        for (int i = 0; i < n; i++)
        {
            solved[i] /= scale[i];
        }

        return solved;
    }
}
