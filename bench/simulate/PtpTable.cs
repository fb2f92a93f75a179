using System.Text;
using TimeSuite.Simulation;

namespace TimeSuite.Simulate;

/// <summary>The table of PTP, beside linuxptp's figures: bench/results/ptp.md.</summary>
internal static class PtpTable
{
    private const string DefaultFile = "bench/results/ptp.md";

    public static int Make(CommandLine line)
    {
        string file = line.Out ?? DefaultFile;
        ResultFile.Check("--out", file); // bench/results is there in the repository's root only
        var rows = PtpRow.All.Select(row => (Row: row, Scenario: line.Apply(row.Scenario))).ToList(); // what cannot be set is told before any is played
        var reasons = DisciplineTable.Reasons();
        var text = new StringBuilder();
        int missed = 0;
        foreach (var (row, scenario) in rows)
        {
            foreach (var actuator in row.Actuators)
            {
                var figures = Player.Play(scenario with { Setup = scenario.Setup with { Actuator = actuator } }, line.Seeds).Select(seed => seed.Figures).ToList();
                missed += Append(text, row, actuator, figures, reasons) ? 0 : 1;
            }
        }

        string table = $"""
            # PTP in simulation

            Made by `dotnet run -c Release --project bench/simulate -- ptp`, seeds {line.Seeds[0]}-{line.Seeds[^1]} ({line.Seeds.Count}). A grandmaster on true time and two slaves (one in H_phc2sys, where the system's clock follows the grandmaster's PHC); the first slave is judged.
            The networks are those in which linuxptp (git e312b959) was measured in clknetsim: base delay and jitter 100 ns, exponential, each way (H_sw: 50 us and 10 us), wander 1e-9, 0.1 s and 100 ppm off at the start, one Sync a second (H_fast: eight). The medians of all seeds; errors at
            1 Hz of true time from 20 % of the run on (H_holdover: the 1,000 s without network, after 4,000 s with it). "settled" counts from the start; the slaves start at 9 s, and a master counts after two Announces, 2 s apart (ptp4l: 28 s in H). "inside" is the share of time in which
            the error was within the claimed bound: the mean, and the least of all seeds. "true/claimed" is RMS(true error) / RMS(claimed sigma) over all seeds. A PHC obeys at once; where ntpd steers the system's clock, by clockd's ideal clock or by the kernel's phase-locked loop.
            In H_phc2sys the PHC is read four times a second, 25 readings at once of which the narrowest counts (phc2sys: five readings once a second).
            linuxptp is ptp4l with its PI servo; with its linear regression H has 47 ns. Decision 0010 says how.

            | row | figure | linuxptp | target | actuator | ours | p10..p90 | max | rate RMS | settled | inside | least | true/claimed | bound | rtt/2+4sigma | |
            |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|

            """;
        File.WriteAllText(file, table + text);
        Console.Write(table + text);
        return missed == 0 ? 0 : 1;
    }

    /// <summary>Whether the row is met.</summary>
    private static bool Append(StringBuilder text, PtpRow row, Actuator actuator, List<Figures> figures, Dictionary<string, string> reasons)
    {
        var judged = Statistic.Of(figures, row.Judged);
        bool isMet = judged.Median <= row.Target;
        string by = row.HasActuators ? actuator.ToString().ToLowerInvariant() : "PHC";
        double ratio = Math.Sqrt(figures.Sum(run => run.TrueSquare) / Math.Max(figures.Sum(run => run.ClaimedSquare), 1e-300));
        text.Append($"| {row.Name} | {row.What} | {Words.Time(row.Ptp4l)} | {Words.Time(row.Target)} | {by} | **{Words.Time(judged.Median)}** | {Words.Time(judged.P10)}..{Words.Time(judged.P90)} |");
        text.Append($" {Median(figures, run => run.Max, Words.Time)} | {Median(figures, run => run.FreqRms, Words.Rate)} | {Median(figures, run => run.Settle, Words.Seconds)} | {figures.Average(run => run.InsideBound):P2} | {figures.Min(run => run.InsideBound):P1} | {ratio:F2} |");
        text.Append($" {Median(figures, run => run.MedianBound, Words.Time)} | {Median(figures, run => run.BoundLimit, Words.Time)} | {(isMet ? "" : "misses: " + reasons.GetValueOrDefault(row.Name, "no reason is known yet"))} |\n");
        return isMet;
    }

    private static string Median(List<Figures> figures, Func<Figures, double> figure, Func<double, string> show) => show(Statistic.Of(figures, figure).Median);
}
