namespace TimeSuite.Simulation;

/// <summary>How the part of a delay that varies is distributed. All have mean 1, so that "jitter" means the same for each.</summary>
public enum DelayShape
{
    /// <summary>clknetsim's.</summary>
    Exponential,

    /// <summary>Sum of two exponentials: gamma with k = 2, two queues in a row.</summary>
    Erlang2,

    /// <summary>Sum of four.</summary>
    Erlang4,

    /// <summary>exp(N(0, 1)), over its mean.</summary>
    Lognormal,

    /// <summary>Weibull with k = 0.6: a heavier tail than the exponential's.</summary>
    Weibull,

    /// <summary>70 % around 0.3, 30 % around 2.63: two routes or two queues.</summary>
    Bimodal,

    /// <summary>Exponential, the whole delay rounded to whole microseconds.</summary>
    Quantised,

    /// <summary>Always 1.</summary>
    Constant,
}

/// <summary>Draws from a <see cref="DelayShape"/>.</summary>
public static class DelayShapes
{
    private const double WeibullMean = 1.5045754888; // Gamma(1 + 1/0.6)

    /// <summary>Not negative, mean 1.</summary>
    public static double Draw(this DelayShape shape, Dice dice) => shape switch
    {
        DelayShape.Erlang2 => (dice.Exponential() + dice.Exponential()) / 2,
        DelayShape.Erlang4 => (dice.Exponential() + dice.Exponential() + dice.Exponential() + dice.Exponential()) / 4,
        DelayShape.Lognormal => Math.Exp(dice.Normal() - 0.5), // the mean of exp(N) is exp(1/2)
        DelayShape.Weibull => Math.Pow(dice.Exponential(), 1 / 0.6) / WeibullMean,
        DelayShape.Bimodal => dice.Uniform() <= 0.7 ? 0.3 * dice.Exponential() : 2.2 + (0.43333333333 * dice.Exponential()),
        DelayShape.Constant => 1,
        _ => dice.Exponential(),
    };
}
