using System.Text;
using TimeSuite.Simulation;

namespace TimeSuite.Simulate;

/// <summary>Not fitted to one generator: every row with delays of other shapes and equal mean, beside the yardstick; bench/results/shapes.md.</summary>
internal static class ShapesTable
{
    private const string DefaultFile = "bench/results/shapes.md";
    private const double Even = 1.005; // what is shown as 1.00

    private static readonly DelayShape[] s_shapes = [DelayShape.Exponential, DelayShape.Lognormal, DelayShape.Weibull, DelayShape.Bimodal, DelayShape.Quantised];

    /// <summary>All but G, in which no server tells the truth to the end.</summary>
    private static IEnumerable<IGrouping<string, TableRow>> Rows => TableRow.All.Where(row => row.Name != "G").GroupBy(row => row.Name);

    public static int Make(CommandLine line)
    {
        string file = line.Out ?? DefaultFile;
        ResultFile.Check("--out", file); // bench/results is there in the repository's root only
        var rows = Rows.Select(rows => (Scenario: line.Apply(rows.First().Scenario), Figures: rows.ToList())).ToList();
        var text = new StringBuilder();
        int worse = 0;
        foreach (var (scenario, figures) in rows)
        {
            foreach (var shape in s_shapes)
            {
                var played = Player.Play(
                    $"{scenario.Name}, {shape}", line.Seeds, seed => Beside.Play(scenario with { Setup = scenario.Setup with { Delay = shape } }, seed));
                worse += figures.Count(row => Append(text, row, shape, played));
            }
        }

        string table = $"""
            # Delays of other shapes, equal mean

            Made by `dotnet run -c Release --project bench/simulate -- shapes`, seeds {line.Seeds[0]}-{line.Seeds[^1]} ({line.Seeds.Count}); ideal actuator. Medians over all seeds of the row's figure: the RMS error of the steered clock,
            or what the row is judged by. The yardstick is a regression weighted by minimum delay (tests/simulation/scores/Yardstick.cs): it is fed the very same exchanges, knows which servers lie, is read in the
            same seconds of a clock that is slewed to it as fast as policy lets any be (500 ppm; from when ntpd has first set its own: how many exchanges a step takes is policy, not estimation), and looks back over as many samples ("length") as were best in hindsight for the row and shape. Disturbances of a row stay as they are; only its jitter
            changes its shape. "ratio" is ours over the yardstick's. In HWTS delays of whole microseconds do not vary at all. "inside" is the least share of time inside the claimed bound of all seeds.

            {worse} of {rows.Sum(row => row.Figures.Count) * s_shapes.Length} are worse than the yardstick.

            | row | shape | figure | ours | yardstick | length | ratio | packets | inside | |
            |---|---|---|---|---|---|---|---|---|---|

            """;
        File.WriteAllText(file, table + text);
        Console.Write(table + text);
        return worse == 0 ? 0 : 1;
    }

    /// <summary>Whether ours is worse.</summary>
    private static bool Append(StringBuilder text, TableRow row, DelayShape shape, IReadOnlyList<Beside> played)
    {
        string Show(double value) => row.Name == "cold-start" ? Words.Seconds(value) : Words.Time(value);
        double ours = Statistic.Of(played.Select(seed => seed.Ours), row.Judged).Median;
        var (length, theirs) = Beside.Best(played, row.Judged);
        bool isWorse = ours > theirs * Even;
        double packets = Statistic.Of(played.Select(seed => seed.Ours), run => run.Packets).Median;
        text.Append($"| {row.Name} | {shape.ToString().ToLowerInvariant()} | {(row.What.Length > 0 ? row.What : "RMS error")} | **{Show(ours)}** | {Show(theirs)} | {length} | {ours / theirs:F2} | {packets:F0} | {played.Min(seed => seed.Ours.InsideBound):P1} | {(isWorse ? "worse" : "")} |\n");
        return isWorse;
    }
}
