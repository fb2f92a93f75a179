using TimeSuite.Simulation;

namespace TimeSuite.Scenarios.Tests;

/// <summary>Every scenario of tests/simulation/scenarios with the daemons' own code in it: what it expects must hold for each seed.</summary>
/// <remarks>A few seeds in <c>make test</c>; <c>make scenarios</c> sets SCENARIO_SEEDS=25. One of them by itself: bench/simulate.</remarks>
public sealed class ScenarioTests
{
    public static TheoryData<string> Names => [.. Simulation.Scenarios.All.Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_endured(string name)
    {
        var scenario = Simulation.Scenarios.Find(name)!;
        var faults = Seeds.Play(scenario, Seeds.Count).SelectMany(scenario.Faults).ToList();
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void No_two_scenarios_have_the_same_name() =>
        Assert.Equal(Simulation.Scenarios.All.Count, Simulation.Scenarios.All.Select(scenario => scenario.Name.ToUpperInvariant()).Distinct().Count());

    [Fact]
    public void Every_scenario_expects_something() => Assert.All(Simulation.Scenarios.All, scenario => Assert.NotEmpty(scenario.Expectations));
}
