using TimeSuite.Simulation;

namespace TimeSuite.Scenarios.Tests;

/// <summary>What a scenario expects must hold for each seed. In classes, which run side by side.</summary>
/// <remarks>One seed in <c>make test</c>; <c>make scenarios</c> sets SCENARIO_SEEDS=25. One scenario by itself: bench/simulate.</remarks>
public abstract class Endured
{
    protected static TheoryData<string> NamesOf(IEnumerable<Scenario> scenarios) => [.. scenarios.Select(scenario => scenario.Name)];

    protected static void Play(string name)
    {
        var scenario = Simulation.Scenarios.Find(name)!;
        var played = Seeds.Of(scenario, Seeds.Count);
        List<string> faults = [.. played.SelectMany(seed => seed.Faults)];
        if (scenario.FaultOfAll([.. played.Select(seed => seed.Figures)]) is { } together)
        {
            faults.Add(together);
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }
}

/// <summary>Clocks and networks, with the daemons' own code in them.</summary>
public sealed class ClockAndNetworkTests : Endured
{
    public static TheoryData<string> Names => NamesOf(Simulation.Scenarios.Halves.Ours);

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_endured(string name) => Play(name);
}

/// <summary>Servers, liars, hosts and leap seconds.</summary>
public sealed class ServerAndHostTests : Endured
{
    public static TheoryData<string> Names => NamesOf(Simulation.Scenarios.Halves.Others);

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_endured(string name) => Play(name);
}

/// <summary>Clocks of PTP.</summary>
public sealed class PtpTests : Endured
{
    public static TheoryData<string> Names => NamesOf(Simulation.Scenarios.OfPtp);

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_endured(string name) => Play(name);

    /// <summary>linuxptp's PI servo is far worse than these in the same networks (bench/results/ptp.md).</summary>
    [Theory]
    [InlineData("H", 10)]
    [InlineData("H_fast", 5)]
    [InlineData("H_sw", 5)]
    [InlineData("H_holdover", 10)]
    [InlineData("H_phc2sys", 5)]
    public void The_rows_meet_their_targets_within_the_claimed_bound(string name, int seeds)
    {
        var row = PtpRow.All.First(row => row.Name == name);
        var figures = Seeds.Figures(name, Actuator.Ideal, Math.Max(Seeds.Count, seeds));

        Assert.InRange(Statistic.Of(figures, row.Judged).Median, 0, row.Target);
        Assert.All(figures, run => Assert.InRange(run.InsideBound, 0.999, 1));
    }

    [Theory]
    [InlineData("H", 10)]
    [InlineData("H_fast", 5)]
    public void What_is_claimed_of_a_phc_is_no_more_than_its_error(string name, int seeds)
    {
        var figures = Seeds.Figures(name, Actuator.Ideal, Math.Max(Seeds.Count, seeds));

        Assert.InRange(Statistic.Of(figures, run => run.MedianBound).Median, 0, 1.25 * Statistic.Of(figures, run => run.BoundLimit).Median);
        Assert.InRange(Math.Sqrt(figures.Sum(run => run.TrueSquare) / figures.Sum(run => run.ClaimedSquare)), 0.4, 1.5);
    }
}

/// <summary>The list of scenarios.</summary>
public sealed class CatalogueTests
{
    [Fact]
    public void No_two_scenarios_have_the_same_name() =>
        Assert.Equal(Simulation.Scenarios.All.Count, Simulation.Scenarios.All.Select(scenario => scenario.Name.ToUpperInvariant()).Distinct().Count());

    [Fact]
    public void Every_scenario_expects_something() => Assert.All(Simulation.Scenarios.All, scenario => Assert.NotEmpty(scenario.Expectations));

    [Fact]
    public void Every_scenario_can_be_found_whatever_its_letters_case() =>
        Assert.All(Simulation.Scenarios.All, scenario => Assert.Same(scenario, Simulation.Scenarios.Find(scenario.Name.ToUpperInvariant())));
}
