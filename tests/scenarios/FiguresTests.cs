using TimeSuite.Simulation;

namespace TimeSuite.Scenarios.Tests;

/// <summary>How runs are summed up.</summary>
public sealed class FiguresTests
{
    [Fact]
    public void Medians_and_tenths_are_between_the_nearest_seeds()
    {
        var runs = Enumerable.Range(1, 11).Select(seed => Blank((ulong)seed) with { Rms = seed });
        var statistic = Statistic.Of(runs, run => run.Rms);

        Assert.Equal((6, 2, 10), (statistic.Median, statistic.P10, statistic.P90));
    }

    [Fact]
    public void What_never_came_counts_as_never()
    {
        var runs = new[] { 1, 2, double.PositiveInfinity }.Select(settle => Blank(1) with { Settle = settle });
        var statistic = Statistic.Of(runs, run => run.Settle);

        Assert.Equal((2, double.PositiveInfinity), (statistic.Median, statistic.P90));
    }

    [Fact]
    public void A_clock_that_nobody_steers_is_scored_by_what_it_does()
    {
        var setup = new Setup { Servers = 0, Offset = 1e-3, Frequency = 1e-6, Wander = 0, Limit = 1000, From = 500 };
        var run = new Scenario("test", "a test") { Setup = setup }.Play(1);

        Assert.Equal(2e-3, run.Figures.Max, 9);
        Assert.Equal(1e-6, run.Figures.FreqRms, 12);
        Assert.InRange(run.Figures.Rms, 1.7e-3, 1.8e-3); // from 1.5 ms to 2 ms
        Assert.Equal((0, 0), (run.Figures.Packets, run.Figures.Claimed));
        Assert.Equal(1, run.Score.GoodFrom(0.01));
        Assert.Equal(double.PositiveInfinity, run.Score.GoodFrom(1e-4));
        Assert.Equal(1.1e-3, run.Score.ErrorAt(100), 9);
    }

    [Theory]
    [InlineData(0.96, 1, true)] // one run of 25 is chance
    [InlineData(0.96, 12, false)]
    [InlineData(0.9995, 25, true)]
    public void One_run_outside_the_bound_is_chance_and_many_are_not(double inside, int runs, bool holds)
    {
        var scenario = new Scenario("test", "a test") { InsideOverAll = 0.999 };
        List<Figures> seeds = [.. Enumerable.Range(1, 25).Select(seed => Blank((ulong)seed) with { InsideBound = seed <= runs ? inside : 1 })];

        Assert.Equal(holds, scenario.FaultOfAll(seeds) is null);
        Assert.Null(scenario.FaultOfAll(seeds[..5])); // too few to tell
    }

    private static Figures Blank(ulong seed) => new()
    {
        Seed = seed, Rms = 0, Max = 0, FreqRms = 0, FreqMax = 0, Settle = 0, Packets = 0, InsideBound = 1, Claimed = 1, TrueSquare = 0, ClaimedSquare = 0,
        MedianBound = 0, MedianSigma = 0, Unseen = 0, Below1Ms = 0, Below100Us = 0, Drift = 0, FinalError = 0, Steps = 0,
    };
}
