using System.Collections.Concurrent;
using System.Globalization;
using TimeSuite.Simulation;

namespace TimeSuite.Scenarios.Tests;

/// <summary>How many seeds, and who plays them.</summary>
internal static class Seeds
{
    private const int Quick = 1;

    private static readonly ConcurrentDictionary<(string Name, Actuator Actuator, ulong Seed), Lazy<Played>> s_played = new();

    /// <summary>Seeds of each scenario.</summary>
    public static int Count { get; } = int.TryParse(Environment.GetEnvironmentVariable("SCENARIO_SEEDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : Quick;

    /// <summary>Seeds 1 to <paramref name="count"/> of a scenario. Each is played once, whichever of its tests asks first.</summary>
    public static IReadOnlyList<Played> Of(Scenario scenario, int count) =>
        [.. Play(count, seed => s_played.GetOrAdd((scenario.Name, scenario.Setup.Actuator, seed), _ => new(() => Played.Of(scenario, seed))).Value)];

    /// <summary>The figures of a row with an actuator.</summary>
    public static IReadOnlyList<Figures> Figures(string row, Actuator actuator, int count)
    {
        var scenario = Simulation.Scenarios.Find(row)!;
        return [.. Of(scenario with { Setup = scenario.Setup with { Actuator = actuator } }, count).Select(seed => seed.Figures)];
    }

    /// <summary>Seeds 1 to <paramref name="count"/>, in their order; side by side if they are many.</summary>
    public static IEnumerable<T> Play<T>(int count, Func<ulong, T> play)
    {
        if (count <= 2)
        {
            return Enumerable.Range(1, count).Select(seed => play((ulong)seed));
        }

        var runs = new ConcurrentDictionary<int, T>();
        Parallel.For(1, count + 1, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed => runs[seed] = play((ulong)seed));
        return runs.OrderBy(run => run.Key).Select(run => run.Value);
    }
}
