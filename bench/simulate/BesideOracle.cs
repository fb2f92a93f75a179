using TimeSuite.Simulation;

namespace TimeSuite.Simulate;

/// <summary>--oracle: the errors of each seed beside those of the exact filter that is told how the world is made.</summary>
internal static class BesideOracle
{
    public static int Play(CommandLine line)
    {
        var scenario = line.Scenario();
        Check(scenario);
        var played = Player.Play(scenario.Name, line.Seeds, seed => Beside.PlayOracle(scenario, seed));
        Console.WriteLine($"{scenario.Name}: {scenario.Endures}; RMS errors beside the exact filter's, which is told jitter, wander and base delay, and nothing of spikes, congestion or queues");
        Console.WriteLine(Row("seed", "ours", "oracle", "ratio"));
        for (int i = 0; i < played.Length; i++)
        {
            Console.WriteLine(Row($"{line.Seeds[i]}", played[i].Ours.Rms, played[i].Theirs[0].Rms));
        }

        var ours = Statistic.Of(played.Select(seed => seed.Ours), run => run.Rms);
        var theirs = Statistic.Of(played.Select(seed => seed.Theirs[0]), run => run.Rms);
        Console.WriteLine(Row("median", ours.Median, theirs.Median));
        Console.WriteLine(Row("p10", ours.P10, theirs.P10));
        Console.WriteLine(Row("p90", ours.P90, theirs.P90));
        return 0;
    }

    /// <exception cref="FormatException">The filter is not exact, or not defined, for such delays.</exception>
    private static void Check(Scenario scenario)
    {
        if (scenario.Setup.Delay != DelayShape.Exponential)
        {
            throw new FormatException($"--oracle: delay = {scenario.Setup.Delay.ToString().ToLowerInvariant()} in {scenario.Name}: the filter is exact for exponential delays only");
        }

        if (scenario.Setup.Jitter <= 0 || Math.Abs(scenario.Setup.Asymmetry) >= 0.5)
        {
            throw new FormatException($"--oracle: jitter = {scenario.Setup.Jitter}, asymmetry = {scenario.Setup.Asymmetry} in {scenario.Name}: the filter needs some jitter in each direction");
        }
    }

    private static string Row(string head, double ours, double theirs) => Row(head, Words.Time(ours), Words.Time(theirs), $"{ours / theirs:F2}");

    private static string Row(string head, string ours, string theirs, string ratio) => $"{head,7}{ours,13}{theirs,13}{ratio,13}";
}
