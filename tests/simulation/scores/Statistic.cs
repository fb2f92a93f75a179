namespace TimeSuite.Simulation;

/// <summary>One figure over all seeds.</summary>
/// <param name="Median">Half of the seeds are below.</param>
/// <param name="P10">A tenth of them.</param>
/// <param name="P90">Nine tenths.</param>
public readonly record struct Statistic(double Median, double P10, double P90)
{
    /// <summary>Of one figure, linearly between the nearest two; what is not a number is left out.</summary>
    public static Statistic Of(IEnumerable<Figures> runs, Func<Figures, double> figure)
    {
        double[] sorted = [.. runs.Select(figure).Where(value => !double.IsNaN(value)).Order()];
        return new(At(sorted, 0.5), At(sorted, 0.1), At(sorted, 0.9));
    }

    private static double At(double[] sorted, double share)
    {
        if (sorted.Length == 0)
        {
            return double.NaN;
        }

        double place = share * (sorted.Length - 1);
        int low = (int)place;
        int high = Math.Min(low + 1, sorted.Length - 1);
        return low == high || double.IsInfinity(sorted[high])
            ? sorted[(int)Math.Round(place, MidpointRounding.ToEven)]
            : sorted[low] + ((place - low) * (sorted[high] - sorted[low]));
    }
}
