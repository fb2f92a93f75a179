using TimeSuite.Simulation;
using Xunit;

namespace TimeSuite.Scenarios.Tests;

/// <summary>How near the estimator is to the exact filter that is told how the world is made, on the very same exchanges.</summary>
public class OracleTests
{
    [Theory]
    [InlineData("A", 1.15)]
    [InlineData("B", 1.25)]
    [InlineData("C", 1.15)]
    public void The_estimator_that_is_told_nothing_is_nearly_as_good_as_the_exact_one_that_is_told_all(string name, double ratio)
    {
        var played = Enumerable.Range(1, 8).Select(seed => Beside.PlayOracle(Simulation.Scenarios.Find(name)!, (ulong)seed)).ToList();
        double mean = Math.Exp(played.Average(seed => Math.Log(seed.Ours.Rms / seed.Theirs[0].Rms)));
        Assert.InRange(mean, 0.9, ratio); // below 1 only by chance: the oracle is the best on average
    }
}
