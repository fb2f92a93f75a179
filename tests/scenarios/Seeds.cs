using System.Collections.Concurrent;
using System.Globalization;
using TimeSuite.Simulation;

namespace TimeSuite.Scenarios.Tests;

/// <summary>How many seeds, and who plays them.</summary>
internal static class Seeds
{
    private const int Quick = 1;

    private static readonly ConcurrentDictionary<(string Row, Actuator Actuator, int Count), Lazy<IReadOnlyList<Figures>>> s_rows = new();

    /// <summary>Seeds of each scenario.</summary>
    public static int Count { get; } = int.TryParse(Environment.GetEnvironmentVariable("SCENARIO_SEEDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : Quick;

    /// <summary>The figures of a row with an actuator, for all tests that judge it: seeds 1 to <paramref name="count"/>, played once.</summary>
    public static IReadOnlyList<Figures> Figures(string row, Actuator actuator, int count) => s_rows.GetOrAdd((row, actuator, count), key => new(() =>
    {
        var scenario = Simulation.Scenarios.Find(key.Row)!;
        return [.. Play(scenario with { Setup = scenario.Setup with { Actuator = key.Actuator } }, key.Count).Select(run => run.Figures)];
    })).Value;

    /// <summary>Seeds 1 to <paramref name="count"/> of a scenario.</summary>
    public static IEnumerable<Run> Play(Scenario scenario, int count) => Play(count, seed => scenario.Play(seed));

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
