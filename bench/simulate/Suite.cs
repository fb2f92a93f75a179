using System.Diagnostics;
using TimeSuite.Simulation;

namespace TimeSuite.Simulate;

/// <summary>Every scenario, and what of it did not hold.</summary>
internal static class Suite
{
    public static int Play(CommandLine line)
    {
        var watch = Stopwatch.StartNew();
        int faulty = 0;
        foreach (var scenario in Scenarios.All.Select(line.Apply).ToList()) // what cannot be set is told before any is played
        {
            var played = Player.Play(scenario, line.Seeds);
            var figures = played.Select(seed => seed.Figures).ToList();
            List<string> faults = [.. played.SelectMany(seed => seed.Faults)];
            if (scenario.FaultOfAll(figures) is { } together)
            {
                faults.Insert(0, together);
            }

            faulty += faults.Count > 0 ? 1 : 0;
            string cells = string.Concat(Column.All.Take(9).Select(column => $"{column.Show(Statistic.Of(figures, column.Value).Median),13}"));
            Console.WriteLine($"{scenario.Name,-30}{cells}{(faults.Count == 0 ? "" : $"  does not hold in {played.Count(seed => seed.Faults.Count > 0)} of {played.Length} seeds, e.g. {faults[0]}")}");
        }

        Console.WriteLine($"{Scenarios.All.Count} scenarios, {line.Seeds.Count} seeds each, {watch.Elapsed.TotalSeconds:F0} s; {faulty} do not hold");
        return faulty == 0 ? 0 : 1;
    }
}
