using System.Diagnostics;
using TimeSuite.Simulation;

namespace TimeSuite.Simulate;

/// <summary>Plays seeds side by side, one on each core, and tells on standard error how far it is.</summary>
internal static class Player
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(3), s_between = TimeSpan.FromSeconds(1);

    /// <summary>In the order of the seeds.</summary>
    public static Played[] Play(Scenario scenario, IReadOnlyList<ulong> seeds) => Play(scenario.Name, seeds, seed => Played.Of(scenario, seed));

    /// <summary>Whatever is played of each seed, in their order.</summary>
    public static T[] Play<T>(string name, IReadOnlyList<ulong> seeds, Func<ulong, T> play)
    {
        var played = new T[seeds.Count];
        var watch = Stopwatch.StartNew();
        var said = s_quiet - s_between;
        int done = 0;
        var gate = new Lock();
        Parallel.For(0, seeds.Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, index =>
        {
            played[index] = play(seeds[index]);
            lock (gate)
            {
                done++;
                if (watch.Elapsed - said > s_between && done < seeds.Count)
                {
                    said = watch.Elapsed;
                    Progress($"{name}: {done} of {seeds.Count} seeds, {watch.Elapsed.TotalSeconds:F0} s");
                }
            }
        });
        Progress("");
        return played;
    }

    /// <summary>A line that the next one replaces, on a terminal; else lines.</summary>
    public static void Progress(string text)
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write($"\r{text,-78}\r");
        }
        else if (text.Length > 0)
        {
            Console.Error.WriteLine(text);
        }
    }
}
