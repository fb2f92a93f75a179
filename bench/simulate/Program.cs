using System.Diagnostics;
using TimeSuite.Simulation;

var setup = new Setup();
setup = args.Length > 0 && args[0] == "kernel" ? setup with { Actuator = Actuator.Kernel } : setup;
for (ulong seed = 1; seed <= 5; seed++)
{
    var watch = Stopwatch.StartNew();
    var run = new Scenario("A", "x") { Setup = setup }.Play(seed);
    Console.WriteLine(FormattableString.Invariant($"{seed} rms {run.Rms:E3} max {run.Max:E3} freq {run.FreqRms:E3} settle {run.Settle} packets {run.Packets} inside {run.InsideBound:F4} claimed {run.Claimed:F3} sigma {run.SigmaRatio:F2} bound {run.MedianBound:E2} steps {run.Steps} {watch.ElapsedMilliseconds} ms"));
    foreach (var line in run.Log.Lines.Where(_ => seed == 1))
    {
        Console.WriteLine($"  {line.Time:F3} {line.Text}");
    }
}
