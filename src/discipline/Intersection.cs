namespace TimeSuite.Discipline;

/// <summary>The interval in which the most sources agree true time to be (Marzullo; RFC 5905 section 11.2.1).</summary>
/// <remarks>
/// Unlike the RFC's, this does not ask that the middles lie inside: of two sources, a distant one with an honest wide interval would
/// otherwise make a falseticker of the near one. Positions are in s from any common origin.
/// </remarks>
internal static class Intersection
{
    /// <summary>One source's claim.</summary>
    public readonly record struct Claim(double Low, double High);

    /// <summary>
    /// With the fewest falsetickers f, less than half of all, the interval from the lowest point in n - f claims to the highest one.
    /// False if there is none: <paramref name="agreeing"/> is then the most that overlap.
    /// </summary>
    public static bool TryFind(IReadOnlyList<Claim> claims, out double low, out double high, out int agreeing)
    {
        int n = claims.Count;
        agreeing = 0;
        (low, high) = (0, 0);
        if (n == 0)
        {
            return false;
        }

        double[] lows = [.. claims.Select(c => c.Low).Order()];
        double[] highs = [.. claims.Select(c => c.High).Order()];
        foreach (double at in lows)
        {
            agreeing = Math.Max(agreeing, claims.Count(c => c.Low <= at && at <= c.High));
        }

        for (int falsetickers = 0; 2 * falsetickers < n; falsetickers++)
        {
            int wanted = n - falsetickers;
            double first = lows.FirstOrDefault(at => claims.Count(c => c.Low <= at && at <= c.High) >= wanted, double.NaN);
            double last = highs.LastOrDefault(at => claims.Count(c => c.Low <= at && at <= c.High) >= wanted, double.NaN);
            if (first <= last)
            {
                (low, high, agreeing) = (first, last, Math.Max(wanted, agreeing));
                return true;
            }
        }

        return false;
    }
}
