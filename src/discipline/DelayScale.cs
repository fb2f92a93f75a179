namespace TimeSuite.Discipline;

/// <summary>Learns the mean excess delays of both directions: the maximisation step of expectation maximisation, with slow forgetting.</summary>
/// <remarks>
/// With few samples "the way out is slow and the way back is quick" explains a wrong offset as well as a right one, and feeds itself.
/// So the directions are taken to be alike until the likelihood of two different means beats that of one by more than what another
/// free parameter costs (the Bayesian information criterion, Schwarz, Annals of Statistics 6, 1978). And a mean is taken for a little
/// longer than it seems: too long a scale learns slowly, too short a one is sure of the wrong thing.
/// </remarks>
internal struct DelayScale
{
    /// <summary>After about 44 samples half of what was learnt before the window is forgotten.</summary>
    private const double Keep = 1 - (1.0 / 64);

    /// <summary>A direction's mean counts as if so many more had been seen, of the mean of both.</summary>
    private const double PriorWeight = 2;

    /// <summary>The first guess counts as much as so many samples.</summary>
    private const double GuessWeight = 1;

    /// <summary>Logarithm of the odds, beforehand, that the directions are alike: 7 to 1.</summary>
    private const double Alike = 2;

    private const double Doubt = 2;

    private ExcessSum _first, _second; // of before the window

    private double _guess; // s

    /// <summary>Of the first direction, s.</summary>
    public double First { get; private set; }

    /// <summary>Of the second direction, s.</summary>
    public double Second { get; private set; }

    /// <summary>Forgets all and begins with guesses, in s, positive.</summary>
    public void Begin(double first, double second) =>
        (_first, _second, _guess, First, Second) = (default, default, (first + second) / 2, first, second);

    /// <summary>These leave the window.</summary>
    public void Remember(in ExcessSum first, in ExcessSum second) =>
        (_first, _second) = (Sum(_first, Keep, first), Sum(_second, Keep, second));

    /// <summary>With these in the window.</summary>
    /// <param name="first">First legs.</param>
    /// <param name="second">Second legs.</param>
    /// <param name="floor">No smaller mean is believed, s.</param>
    public void Learn(in ExcessSum first, in ExcessSum second, double floor)
    {
        var a = Sum(_first, 1, first);
        var b = Sum(_second, 1, second);
        double both = (a.Total + b.Total + (_guess * GuessWeight)) / (a.Count + b.Count + GuessWeight);
        double cost = Alike + (Math.Log(1 + a.Count + b.Count) / 2);
        double apart = 1 / (1 + Math.Exp(cost - Gain(a, both) - Gain(b, both)));
        First = Mean(a, both, apart, floor);
        Second = Mean(b, both, apart, floor);
    }

    /// <summary>Logarithm of the likelihood of exponential delays with their own mean over that with a common one.</summary>
    private static double Gain(in ExcessSum sum, double both)
    {
        double own = (sum.Total + both) / (sum.Count + 1);
        return (sum.Count * Math.Log(both / own)) + (sum.Total / both) - (sum.Total / own);
    }

    private static double Mean(in ExcessSum sum, double both, double apart, double floor)
    {
        double count = sum.Count + PriorWeight;
        double own = (sum.Total + (both * PriorWeight)) / count;
        return Math.Max(((own * apart) + (both * (1 - apart))) * (1 + (Doubt / count)), floor);
    }

    private static ExcessSum Sum(in ExcessSum a, double share, in ExcessSum b) =>
        new() { Count = (a.Count * share) + b.Count, Total = (a.Total * share) + b.Total };
}
