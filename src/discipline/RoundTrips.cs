using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>What the round trips of the samples kept tell without any filter.</summary>
internal static class RoundTrips
{
    /// <summary>Samples that tell what the path is like now.</summary>
    public const int Lately = 6;

    /// <summary>
    /// Fewer in a row tell it too if they are longer, in what is clearly more of six: ordinary delays are so in one of 100 to 500 cases. A new route
    /// moves the line with each sample, and who waits for six has a line that is off before the bound takes it in. They have to be alike, as those of a
    /// route are: packets that something holds up for seconds are not.
    /// </summary>
    private static readonly (int Count, double Times)[] s_fewer = [(2, 4), (3, 2.6)];

    /// <summary>Differences that are looked at, and what the middle one of them is multiplied by: ordinary delays then count for no more than by their mean excess.</summary>
    private const int Neighbours = 16;

    private const double Room = 1.5;

    /// <summary>In what is clearly more: ordinary delays of three differ by more in one of a thousand cases.</summary>
    private const double Alike = 8;

    /// <summary>Of so many round trips or more a quarter are ordinary; and by so much the middle one does not exceed those, if it is one too.</summary>
    private const int Many = 8;

    private const double HeldUp = 60;

    /// <summary>
    /// Two or three round trips may be alike by chance. What one of them lets expect counts, as a power, as much as this for each that there is more.
    /// </summary>
    private const double Chance = 0.25;

    /// <summary>Smaller differences are the machine's, s.</summary>
    private const double Grain = 1e-9;

    /// <summary>The least of so many, without the last few; zero if there are none.</summary>
    /// <param name="history">Oldest first.</param>
    /// <param name="since">Older ones do not count: another route.</param>
    /// <param name="without">Of the last ones so many do not count.</param>
    /// <param name="count">At most so many do.</param>
    public static Duration Least(SampleRing history, Instant<Raw> since, int without = 0, int count = SampleRing.Capacity) =>
        Duration.Max(Shortest(history, since, without, count), Duration.Zero);

    /// <summary>The same, negative where stamps contradict each other.</summary>
    public static Duration Shortest(SampleRing history, Instant<Raw> since, int without = 0, int count = SampleRing.Capacity)
    {
        Duration? least = null;
        for (int i = Math.Max(0, history.Count - without - count); i < history.Count - without; i++)
        {
            if (history.TripOf(i).At >= since && history.TripOf(i).Delay is { } delay)
            {
                least = Duration.Min(least ?? delay, delay);
            }
        }

        return least ?? Duration.Zero;
    }

    /// <summary>
    /// The round trip that the bound goes by: the least of all, or, where it is clearly more, the least of the last ones. A route that became
    /// longer on one way shows in nothing else, and the line may be off by half of what was added. And for as many samples more as it takes
    /// to leave a line that was drawn on a longer route.
    /// </summary>
    /// <param name="history">Oldest first.</param>
    /// <param name="since">Older ones do not count.</param>
    /// <param name="least">Of all since then.</param>
    /// <param name="excess">
    /// What is clearly more, s: the mean excess of one way, as six ordinary round trips have it in one of six cases. The geometric mean of
    /// both ways, since that of the way that changed looks too long.
    /// </param>
    public static Duration Claimed(SampleRing history, Instant<Raw> since, Duration least, double excess)
    {
        excess = Math.Min(excess, Steady(history));
        var lately = Duration.Max(Least(history, since, 0, Lately), Least(history, since, Lately, Lately));
        var claimed = (lately - least).Seconds > excess ? lately : least;
        foreach (var (count, times) in s_fewer)
        {
            for (int without = 0; without < Lately; without++)
            {
                var run = Least(history, since, without, count);
                claimed = (run - least).Seconds > times * excess && (Most(history, without, count) - run).Seconds < Alike * excess ? Duration.Max(claimed, run) : claimed;
            }
        }

        return claimed;
    }

    /// <summary>
    /// What round trips of one route differ by, s: the middle one of the differences from each to the next, to which a few changes of the route add nothing,
    /// and with room, as of exponential delays it is 1.35 mean excesses of one way. Infinite while there are too few.
    /// </summary>
    private static double Steady(SampleRing history)
    {
        Span<double> differences = stackalloc double[Neighbours];
        int count = 0;
        for (int i = Math.Max(1, history.Count - Neighbours); i < history.Count; i++)
        {
            if (history.TripOf(i).Delay is { } delay && history.TripOf(i - 1).Delay is { } before)
            {
                differences[count++] = (delay - before).Magnitude.Seconds;
            }
        }

        differences[..count].Sort();
        return count < Neighbours / 2 ? double.PositiveInfinity : Room * differences[count / 2];
    }

    /// <summary>The longest of the last ones that two in a row reached: where routes change, that is what a line may still come of.</summary>
    public static Duration LongestPair(SampleRing history)
    {
        var longest = Duration.Zero;
        for (int without = 0; without < Lately; without++)
        {
            longest = Duration.Max(longest, Least(history, default, without, 2));
        }

        return longest;
    }

    private static Duration Most(SampleRing history, int without, int count)
    {
        var most = Duration.Zero;
        for (int i = Math.Max(0, history.Count - without - count); i < history.Count - without; i++)
        {
            most = Duration.Max(most, history.TripOf(i).Delay ?? Duration.Zero);
        }

        return most;
    }

    /// <summary>
    /// A first guess of the mean excess of one way, s: from the middle round trip above the least one, as a few very long ones do not count; where more
    /// than half may be such, which ordinary delays look like in less than one of a thousand cases, from the shorter ones.
    /// </summary>
    public static double GuessScale(SampleRing history)
    {
        double[] delays = [.. history.Where(s => s.Delay is not null).Select(s => s.Delay!.Value.Seconds).Order()];
        int count = delays.Length;
        if (count < 2)
        {
            return count == 0 ? 0 : delays[0] / 4;
        }

        double middle = ((delays[count / 2] + delays[(count - 1) / 2]) / 2) - delays[0];
        double quarter = delays[count / 4] - delays[0];
        double guess = (count >= Many && middle > HeldUp * quarter ? quarter : middle / 1.7) * count / (count - 1);
        double alone = delays[0] / 4;
        return guess > alone ? guess : guess * Math.Pow(alone / Math.Max(guess, Grain), Math.Pow(Chance, count - 1));
    }
}
