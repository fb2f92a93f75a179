namespace TimeSuite.Discipline;

/// <summary>Learns the mean excess delay of one direction: the maximisation step of expectation maximisation, with slow forgetting.</summary>
internal struct DelayScale
{
    /// <summary>Samples after which half of what was learnt is forgotten, about 44.</summary>
    private const double Keep = 1 - (1.0 / 64);

    /// <summary>The first guess counts as much as so many samples.</summary>
    private const double GuessWeight = 2;

    private const double Doubt = 1;

    private double _sum;

    private double _weight;

    /// <summary>s, and larger by the doubt of few samples: too long a scale learns slowly, too short a one is sure of the wrong thing.</summary>
    public readonly double Mean => _sum / _weight * (1 + (Doubt / _weight));

    /// <summary>Forgets all; <paramref name="guess"/> in s, positive.</summary>
    public void Begin(double guess) => (_sum, _weight) = (guess * GuessWeight, GuessWeight);

    /// <summary>One excess delay.</summary>
    /// <param name="share">Probability that it was not one of the long ones.</param>
    /// <param name="mean">Its expectation, s.</param>
    /// <param name="floor">No smaller mean is believed, s.</param>
    public void Learn(double share, double mean, double floor)
    {
        _sum = (_sum * Keep) + (share * Math.Max(mean, floor));
        _weight = (_weight * Keep) + share;
    }
}
