using System.Text;
using TimeSuite.Simulation;

namespace TimeSuite.Simulate;

/// <summary>What an accuracy target costs in packets, and whether it is met, by the daemon's own word and in truth; bench/results/targets.md.</summary>
internal static class TargetsTable
{
    private const string DefaultFile = "bench/results/targets.md";

    private static readonly string[] s_targets = ["none", "10 us", "20 us", "50 us", "100 us", "200 us", "500 us", "1 ms", "2 ms", "5 ms", "10 ms"];

    private static readonly (string Name, Scenario Scenario)[] s_networks = [Network("A"), Network("B"), Network("wide-area")];

    public static int Make(CommandLine line)
    {
        string file = line.Out ?? DefaultFile;
        ResultFile.Check("--out", file); // bench/results is there in the repository's root only
        var networks = s_networks.Select(network => (network.Name, Scenario: line.Apply(network.Scenario))).ToList();
        var text = new StringBuilder();
        foreach (var (name, scenario) in networks)
        {
            foreach (string target in s_targets)
            {
                var setup = Parameters.Set(scenario.Setup, "accuracy-target", target);
                Append(text, name, target, setup, Player.Play($"{name}, {target}", line.Seeds, seed => Played.Of(scenario with { Setup = setup }, seed)));
            }
        }

        string table = $"""
            # Packets against the accuracy target

            Made by `dotnet run -c Release --project bench/simulate -- targets`, seeds {line.Seeds[0]}-{line.Seeds[^1]} ({line.Seeds.Count}); ideal actuator, 100,000 s each, polls of 16 s to 16,384 s, iburst. A: base delay and jitter of 100 us, wander of 1e-9.
            B: jitter of 1 ms. wide-area: four servers 20 ms away, jitter of 1 ms. Medians over all seeds: requests over all servers from beginning to end, and the RMS error from a fifth of the run on.
            "daemon says": in how much of that time ntpd itself called its target met, and its own last word of the first seed. "kept" is whether the RMS error was within the target indeed, in how many of the seeds.

            | network | target | packets | per hour | RMS error | kept | daemon says: met | last word |
            |---|---|---|---|---|---|---|---|

            """;
        File.WriteAllText(file, table + text);
        Console.Write(table + text);
        return 0;
    }

    private static (string Name, Scenario Scenario) Network(string name)
    {
        var scenario = Scenarios.Find(name)!;
        var keys = scenario.Setup.Keys.WithPolls(4, 14).With("source.iburst", "true");
        return (name, scenario with { Setup = scenario.Setup with { Limit = 100_000, From = -1, Keys = keys }, Expectations = [] });
    }

    private static void Append(StringBuilder text, string name, string target, Setup setup, Played[] played)
    {
        var figures = played.Select(seed => seed.Figures).ToList();
        double packets = Statistic.Of(figures, run => run.Packets).Median;
        text.Append($"| {name} | {target} | {packets:F0} | {packets * 3600 / setup.Limit:F1} | {Words.Time(Statistic.Of(figures, run => run.Rms).Median)} |");
        text.Append(setup.ToConfig().Selection.AccuracyTarget is { } goal
            ? $" {figures.Count(run => run.Rms <= goal.Seconds)} of {figures.Count} | {played.Average(seed => seed.Met):P1} | {played[0].LastWord} |\n"
            : " - | - | - |\n");
    }

    /// <summary>A seed, with what ntpd said of its target.</summary>
    /// <param name="Figures">The numbers.</param>
    /// <param name="Met">Share of the scored seconds in which it was called met.</param>
    /// <param name="LastWord">At the end, with the reason.</param>
    private sealed record Played(Figures Figures, double Met, string LastWord)
    {
        public static Played Of(Scenario scenario, ulong seed)
        {
            int scored = 0, met = 0;
            var run = scenario.Play(seed, watch: world => world.Second += now =>
            {
                bool counts = now >= scenario.Setup.ScoreFrom;
                scored += counts ? 1 : 0;
                met += counts && world.Client.Outcome?.Accuracy is { IsMet: true } ? 1 : 0;
            });
            return new(run.Figures, (double)met / Math.Max(scored, 1), run.Client.Outcome?.Accuracy is { } last ? $"{(last.IsMet ? "met" : "not met")}: {last.Reason}" : "");
        }
    }
}
