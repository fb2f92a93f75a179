using System.Collections.Concurrent;
using System.Globalization;
using TimeSuite.Simulation;

namespace TimeSuite.Scenarios.Tests;

/// <summary>How many seeds, and who plays them.</summary>
internal static class Seeds
{
    private const int Quick = 1;

    /// <summary>Seeds of each scenario.</summary>
    public static int Count { get; } = int.TryParse(Environment.GetEnvironmentVariable("SCENARIO_SEEDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : Quick;

    /// <summary>Seeds 1 to <paramref name="count"/>, in their order; side by side if they are many.</summary>
    public static IEnumerable<Run> Play(Scenario scenario, int count)
    {
        if (count <= 2)
        {
            return Enumerable.Range(1, count).Select(seed => scenario.Play((ulong)seed));
        }

        var runs = new ConcurrentDictionary<int, Run>();
        Parallel.For(1, count + 1, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed => runs[seed] = scenario.Play((ulong)seed));
        return runs.OrderBy(run => run.Key).Select(run => run.Value);
    }
}
