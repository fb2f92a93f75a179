using System.Diagnostics;
using TimeSuite.Simulation;

foreach (var scenario in Scenarios.All.Where(s => args.Length == 0 || args.Any(a => s.Name.Contains(a, StringComparison.OrdinalIgnoreCase))))
{
    for (ulong seed = 1; seed <= 1; seed++)
    {
        var watch = Stopwatch.StartNew();
        Run run;
        try
        {
            run = scenario.Play(seed);
        }
        catch (Exception e)
        {
            Console.WriteLine($"{scenario.Name}: {e}");
            continue;
        }

        var f = run.Figures;
        Console.WriteLine(FormattableString.Invariant($"{scenario.Name,-28} rms {f.Rms:E2} max {f.Max:E2} freq {f.FreqRms:E2} settle {f.Settle,6} packets {f.Packets,5} inside {f.InsideBound:F4} claimed {f.Claimed:F3} sigma {f.SigmaRatio:F2} bound {f.MedianBound:E2} steps {f.Steps} lines {run.Log.Count} {watch.ElapsedMilliseconds} ms"));
        foreach (var fault in scenario.Faults(run))
        {
            Console.WriteLine($"    {fault}");
        }

        foreach (var line in run.Log.Lines.Where(_ => args.Length > 0).Take(30))
        {
            Console.WriteLine($"  {line.Time:F3} {line.Text}");
        }
    }
}
