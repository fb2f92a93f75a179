using System.Text;
using TimeSuite.Simulation;

namespace TimeSuite.Simulate;

/// <summary>The table of the discipline, beside chrony's figures: bench/results/discipline.md.</summary>
internal static class DisciplineTable
{
    private const string DefaultFile = "bench/results/discipline.md", ReasonsName = "misses.txt";

    public static int Make(CommandLine line)
    {
        string file = line.Out ?? DefaultFile;
        ResultFile.Check("--out", file); // bench/results is there in the repository's root only
        _ = TableRow.All.Select(row => line.Apply(row.Scenario)).ToList(); // what cannot be set is told before any is played
        var text = new StringBuilder();
        text.Append("# The discipline in simulation\n\n");
        text.Append($"Made by `dotnet run -c Release --project bench/simulate -- table`, seeds {line.Seeds[0]}-{line.Seeds[^1]} ({line.Seeds.Count}). The medians of all seeds; errors at 1 Hz of true time from 20 % of the run on\n");
        text.Append("(G from 1,000 s, cold start from 0, holdover in its 1,000 s). \"rate\" is the RMS of the clock's total rate error, \"inside\" the mean share of time in which the error was within the claimed bound,\n");
        text.Append("\"true/claimed\" RMS(true error) / RMS(claimed sigma) over all seeds, \"bound\" the claimed bound, \"rtt/2+4sigma\" what it may be: half of the least round trip and four claimed sigmas. \"ideal\" is a clock that obeys at once (clockd's shadow), \"kernel\" the phase-locked loop in whole seconds.\n");
        text.Append("chrony: git 8f2db839, measured in clknetsim (the scenarios are its). Delays of other shapes: shapes.md; the accuracy target: targets.md.\n\n");
        text.Append("| row | what | chrony | packets | target | actuator | ours | p10..p90 | max | rate | settled | packets | inside | true/claimed | bound | rtt/2+4sigma | |\n");
        text.Append("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        var reasons = Reasons();
        Dictionary<(string, Actuator), List<Figures>> played = [];
        int missed = 0;
        foreach (var row in TableRow.All)
        {
            foreach (var actuator in Enum.GetValues<Actuator>())
            {
                if (!played.TryGetValue((row.Name, actuator), out var figures))
                {
                    Player.Progress($"{row.Name}, {actuator}");
                    figures = Played(line, row, actuator);
                    played.Add((row.Name, actuator), figures);
                }

                missed += Append(text, row, actuator, figures, reasons) ? 0 : 1;
            }
        }

        File.WriteAllText(file, text.ToString());
        Console.Write(text);
        return missed == 0 ? 0 : 1;
    }

    private static List<Figures> Played(CommandLine line, TableRow row, Actuator actuator)
    {
        var scenario = line.Apply(row.Scenario);
        return [.. Player.Play(scenario with { Setup = scenario.Setup with { Actuator = actuator } }, line.Seeds).Select(seed => seed.Figures)];
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
        string endures = row.What.Length > 0 ? row.What : row.Scenario.Endures;
        text.Append($"| {row.Name} | {endures} | {Show(row.Chrony)} | {(row.ChronyPackets == 0 ? "-" : row.ChronyPackets)} | {Show(row.Target)} | {actuator.ToString().ToLowerInvariant()} | **{Show(judged.Median)}** | {Show(judged.P10)}..{Show(judged.P90)} |");
        text.Append($" {Median(figures, run => run.Max, Words.Time)} | {Median(figures, run => run.FreqRms, Words.Rate)} | {Median(figures, run => run.Settle, Words.Seconds)} | {packets:F0} | {inside:P2} | {ratio:F2} | {Median(figures, run => run.MedianBound, Words.Time)} | {Median(figures, run => run.BoundLimit, Words.Time)} | {verdict} |\n");
        return isMet;
    }

    private static string Median(List<Figures> figures, Func<Figures, double> figure, Func<double, string> show) => show(Statistic.Of(figures, figure).Median);

    /// <summary>Why a row misses, a line each: <c>ROW: reason</c>. Of bench/results/misses.txt, which is built in: the table may be made anywhere.</summary>
    internal static Dictionary<string, string> Reasons()
    {
        using var reader = new StreamReader(typeof(DisciplineTable).Assembly.GetManifestResourceStream(ReasonsName)!);
        return reader.ReadToEnd().Split('\n').Select(entry => entry.Split(": ", 2)).Where(parts => parts.Length == 2).ToDictionary(parts => parts[0], parts => parts[1]);
    }
}
