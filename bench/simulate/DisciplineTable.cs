using System.Text;
using TimeSuite.Simulation;

namespace TimeSuite.Simulate;

/// <summary>A row of the issue's table.</summary>
/// <param name="Name">Of the scenario.</param>
/// <param name="Chrony">What chrony scored, s; in reference/simulation.md.</param>
/// <param name="Target">What we want, s.</param>
/// <param name="ChronyPackets">What chrony sent; 0: not known.</param>
/// <param name="Judged">By which figure.</param>
/// <param name="What">What the figure is, if not the RMS error.</param>
internal sealed record TableRow(string Name, double Chrony, double Target, int ChronyPackets, Func<Figures, double> Judged, string What = "");

/// <summary>The table of the discipline, beside chrony's figures: bench/results/discipline.md.</summary>
internal static class DisciplineTable
{
    private const string DefaultFile = "bench/results/discipline.md", ReasonsFile = "bench/results/misses.txt";

    private static readonly TableRow[] s_rows =
    [
        new("A", 74e-6, 30e-6, 36, run => run.Rms),
        new("A1", 9.9e-6, 5e-6, 619, run => run.Rms),
        new("B", 162e-6, 95e-6, 38, run => run.Rms),
        new("C", 13.4e-6, 7.5e-6, 155, run => run.Rms),
        new("D", 96e-6, 48e-6, 320, run => run.Rms),
        new("E", 83e-6, 30e-6, 108, run => run.Rms),
        new("E3", 71e-6, 25e-6, 146, run => run.Rms),
        new("F", 73e-6, 35e-6, 254, run => run.Rms),
        new("F2", 116e-6, 45e-6, 111, run => run.Rms),
        new("F3", 144e-6, 60e-6, 122, run => run.Rms),
        new("HWTS", 35e-9, 8e-9, 9949, run => run.Rms), // chrony's 9.9e+03 was rounded
        new("cold-start", 5, 5, 28, run => run.Below1Ms, "below 1 ms for good after"),
        new("cold-start", 74, 20, 28, run => run.Below100Us, "below 100 us for good after"),
        new("holdover", 46e-6, 20e-6, 0, run => run.Drift, "drift in 1,000 s"),
        new("G", 34.9e-6, double.NaN, 0, run => run.Rms, "against UTC; chrony's against the server that stepped"),
        new("G3", double.NaN, double.NaN, 0, run => run.Rms, "two other servers"),
    ];

    private static readonly DelayShape[] s_shapes = [DelayShape.Exponential, DelayShape.Lognormal, DelayShape.Weibull, DelayShape.Bimodal, DelayShape.Quantised];

    public static int Make(CommandLine line)
    {
        string file = line.Out ?? DefaultFile;
        ResultFile.Check("--out", file); // bench/results is there in the repository's root only
        _ = s_rows.Select(row => line.Apply(Scenarios.Find(row.Name)!)).ToList(); // what cannot be set is told before any is played
        var text = new StringBuilder();
        text.Append("# The discipline in simulation\n\n");
        text.Append($"Made by `dotnet run -c Release --project bench/simulate -- table`, seeds {line.Seeds[0]}-{line.Seeds[^1]} ({line.Seeds.Count}). The medians of all seeds; errors at 1 Hz of true time from 20 % of the run on\n");
        text.Append("(G from 1,000 s, cold start from 0, holdover in its 1,000 s). \"rate\" is the RMS of the clock's total rate error, \"inside\" the mean share of time in which the error was within the claimed bound,\n");
        text.Append("\"true/claimed\" RMS(true error) / RMS(claimed sigma) over all seeds, \"bound\" the claimed bound. \"ideal\" is a clock that obeys at once (clockd's shadow), \"kernel\" the phase-locked loop in whole seconds.\n");
        text.Append("chrony: git 8f2db839, measured in clknetsim (the scenarios are its).\n\n");
        text.Append("| row | what | chrony | packets | target | actuator | ours | p10..p90 | max | rate | settled | packets | inside | true/claimed | bound | |\n");
        text.Append("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        var reasons = Reasons();
        Dictionary<(string, Actuator), List<Figures>> played = [];
        int missed = 0;
        foreach (var row in s_rows)
        {
            foreach (var actuator in Enum.GetValues<Actuator>())
            {
                if (!played.TryGetValue((row.Name, actuator), out var figures))
                {
                    Player.Progress($"{row.Name}, {actuator}");
                    figures = Played(line, row.Name, setup => setup with { Actuator = actuator });
                    played.Add((row.Name, actuator), figures);
                }

                missed += Append(text, row, actuator, figures, reasons) ? 0 : 1;
            }
        }

        AppendShapes(text, line, played);
        File.WriteAllText(file, text.ToString());
        Console.Write(text);
        return missed == 0 ? 0 : 1;
    }

    private static List<Figures> Played(CommandLine line, string name, Func<Setup, Setup> change)
    {
        var scenario = line.Apply(Scenarios.Find(name)!);
        return [.. Player.Play(scenario with { Setup = change(scenario.Setup) }, line.Seeds).Select(seed => seed.Figures)];
    }

    /// <summary>Whether the row is met: the figure, and no more packets than chrony sent.</summary>
    private static bool Append(StringBuilder text, TableRow row, Actuator actuator, List<Figures> figures, Dictionary<string, string> reasons)
    {
        string Show(double value) => row.Name == "cold-start" ? Words.Seconds(value) : Words.Time(value);
        var judged = Statistic.Of(figures, row.Judged);
        double packets = Statistic.Of(figures, run => run.Packets).Median;
        bool isTooMany = row.ChronyPackets > 0 && packets > row.ChronyPackets;
        bool isMet = (double.IsNaN(row.Target) || judged.Median <= row.Target) && !isTooMany;
        string verdict = isMet ? "" : (isTooMany ? "too many packets" : "misses") + ": " + reasons.GetValueOrDefault(row.Name, "no reason is known yet");
        double inside = figures.Average(run => run.InsideBound);
        double ratio = Math.Sqrt(figures.Sum(run => run.TrueSquare) / Math.Max(figures.Sum(run => run.ClaimedSquare), 1e-300));
        string endures = row.What.Length > 0 ? row.What : Scenarios.Find(row.Name)!.Endures;
        text.Append($"| {row.Name} | {endures} | {Show(row.Chrony)} | {(row.ChronyPackets == 0 ? "-" : row.ChronyPackets)} | {Show(row.Target)} | {actuator.ToString().ToLowerInvariant()} | **{Show(judged.Median)}** | {Show(judged.P10)}..{Show(judged.P90)} |");
        text.Append($" {Median(figures, run => run.Max, Words.Time)} | {Median(figures, run => run.FreqRms, Words.Rate)} | {Median(figures, run => run.Settle, Words.Seconds)} | {packets:F0} | {inside:P2} | {ratio:F2} | {Median(figures, run => run.MedianBound, Words.Time)} | {verdict} |\n");
        return isMet;
    }

    /// <summary>Not fitted to one generator: the same rows with delays of other shapes and equal mean.</summary>
    private static void AppendShapes(StringBuilder text, CommandLine line, Dictionary<(string, Actuator), List<Figures>> played)
    {
        text.Append("\n## Delays of other shapes, equal mean\n\nMedian RMS error (drift for holdover), and the least share of time inside the bound of all seeds; ideal actuator.\n\n");
        text.Append($"| row | {string.Join(" | ", s_shapes.Select(shape => shape.ToString().ToLowerInvariant()))} |\n|---|{string.Concat(s_shapes.Select(_ => "---|"))}\n");
        foreach (var row in s_rows.Where(row => row.Name != "cold-start" && !row.Name.StartsWith('G')))
        {
            text.Append($"| {row.Name} |");
            foreach (var shape in s_shapes)
            {
                Player.Progress($"{row.Name}, {shape}");
                var figures = shape == DelayShape.Exponential ? played[(row.Name, Actuator.Ideal)] : Played(line, row.Name, setup => setup with { Delay = shape });
                text.Append($" {Words.Time(Statistic.Of(figures, row.Judged).Median)}, {figures.Min(run => run.InsideBound):P1} |");
            }

            text.Append('\n');
        }
    }

    private static string Median(List<Figures> figures, Func<Figures, double> figure, Func<double, string> show) => show(Statistic.Of(figures, figure).Median);

    /// <summary>Why a row misses, a line each: <c>ROW: reason</c>.</summary>
    private static Dictionary<string, string> Reasons() => !File.Exists(ReasonsFile) ? [] : File.ReadLines(ReasonsFile)
        .Select(entry => entry.Split(": ", 2)).Where(parts => parts.Length == 2).ToDictionary(parts => parts[0], parts => parts[1]);
}
