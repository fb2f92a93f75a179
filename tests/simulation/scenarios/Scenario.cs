using System.Globalization;

namespace TimeSuite.Simulation;

/// <summary>Something that must hold after a run.</summary>
/// <param name="What">In words.</param>
/// <param name="Value">Of a run.</param>
/// <param name="Low">At least.</param>
/// <param name="High">At most.</param>
public sealed record Expectation(string What, Func<Run, double> Value, double Low, double High)
{
    /// <summary>What is wrong with a run; null if nothing is.</summary>
    public string? Fault(Run run)
    {
        double value = Value(run);
        return value >= Low && value <= High
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"seed {run.Figures.Seed}: {What} is {value:G5}, not within {Low:G5} to {High:G5}");
    }
}

/// <summary>A story with an end: what the world is made of, what befalls it, and what must hold afterwards.</summary>
/// <param name="Name">For the command line.</param>
/// <param name="Endures">What the daemons have to endure, in a few words.</param>
public sealed record Scenario(string Name, string Endures)
{
    private const int Many = 20;

    public Setup Setup { get; init; } = new();

    /// <summary>Prepares what no parameter says, before time begins.</summary>
    public Action<World> Script { get; init; } = _ => { };

    public IReadOnlyList<Expectation> Expectations { get; init; } = [];

    /// <summary>
    /// Share of time in which the error shall be no larger than claimed, over all seeds. One run may have less by chance, as what is wrong stays so until the next poll.
    /// 0: nothing is asked.
    /// </summary>
    public double InsideOverAll { get; init; }

    /// <summary>Runs one seed.</summary>
    /// <param name="seed">Of all chances.</param>
    /// <param name="traceEvery">For a plot: a point each so many seconds; 0: none.</param>
    /// <param name="watch">May look at the world too, from its beginning.</param>
    public Run Play(ulong seed, int traceEvery = 0, Action<World>? watch = null)
    {
        var world = new World(Setup, seed);
        var score = new Score(Setup, traceEvery);
        world.Second = _ => score.See(world);
        Script(world);
        watch?.Invoke(world);
        world.RunTo(Setup.Limit);
        return new(score.Finish(seed, world), world, score);
    }

    /// <summary>What does not hold after a run.</summary>
    public IEnumerable<string> Faults(Run run) => Expectations.Select(expectation => expectation.Fault(run)).OfType<string>();

    /// <summary>What does not hold of all seeds together; null if nothing is. What two standard errors of the mean may make of it is chance; fewer than <see cref="Many"/> seeds tell nothing.</summary>
    public string? FaultOfAll(IReadOnlyCollection<Figures> seeds)
    {
        if (seeds.Count < Many)
        {
            return null;
        }

        double mean = seeds.Average(seed => seed.InsideBound);
        double error = Math.Sqrt(seeds.Average(seed => (seed.InsideBound - mean) * (seed.InsideBound - mean)) / seeds.Count);
        return mean + (2 * error) >= InsideOverAll
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"share of time inside the claimed bound over all {seeds.Count} seeds is {mean:G5}, less than {InsideOverAll:G5}");
    }

    /// <summary>One more thing that must hold: at least 0 and at most <paramref name="high"/>.</summary>
    public Scenario Expect(string what, Func<Run, double> value, double high) => Expect(what, value, 0, high);

    /// <summary>One more thing that must hold.</summary>
    public Scenario Expect(string what, Func<Run, double> value, double low, double high) =>
        this with { Expectations = [.. Expectations, new(what, value, low, high)] };

    /// <summary>Something that must be so.</summary>
    public Scenario Expect(string what, Func<Run, bool> holds) => Expect($"\"{what}\" (1: yes)", run => holds(run) ? 1 : 0, 1, 1);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
