using System.Diagnostics;

namespace TimeSuite.Load;

/// <summary>Asks a server for a while and tells what came of it.</summary>
internal static class Load
{
    public static LoadResult Run(LoadOptions options)
    {
        // Open loop: what is under way is bounded by what can come back within the time after which a request is taken for lost.
        var askers = Enumerable.Range(0, options.Threads).Select(number => new Asker(options, number, options.Rate > 0 ? options.Requests?.Count ?? 4096 : options.Outstanding)).ToArray();
        using var start = new Barrier(options.Threads + 1);
        bool stopped = false;
        var threads = askers.Select(asker => new Thread(() =>
        {
            start.SignalAndWait();
            if (options.Rate > 0)
            {
                AskAtRate(asker, options.Rate / options.Threads, ref stopped);
            }
            else
            {
                AskAlways(asker, ref stopped);
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        start.SignalAndWait();
        Thread.Sleep(TimeSpan.FromSeconds(Math.Min(0.3, options.Seconds / 4))); // warm
        var before = Snapshot(options, askers);
        Thread.Sleep(TimeSpan.FromSeconds(options.Seconds));
        var after = Snapshot(options, askers);
        Volatile.Write(ref stopped, true);
        Array.ForEach(threads, thread => thread.Join());
        Array.ForEach(askers, asker => asker.Dispose());
        return after - before;
    }

    /// <summary>Asks every 0.2 ms until somebody answers.</summary>
    /// <returns>Then, in nanoseconds since 1970.</returns>
    public static long FirstAnswer(LoadOptions options)
    {
        using var asker = new Asker(options, 0, 4096);
        for (int tries = 0; asker.Answered == 0 && tries < 50_000; tries++)
        {
            long now = Stopwatch.GetTimestamp();
            asker.GiveUp(now);
            if (asker.HasRoom)
            {
                asker.Ask(now);
                asker.Flush();
            }

            Thread.Sleep(TimeSpan.FromMicroseconds(200));
            asker.Look();
        }

        return (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
    }

    private static void AskAlways(Asker asker, ref bool stopped)
    {
        for (long turn = 0; !Volatile.Read(ref stopped); turn++)
        {
            long now = Stopwatch.GetTimestamp();
            while (asker.HasRoom)
            {
                asker.Ask(now);
            }

            asker.Flush();
            asker.Look();
            if (turn % 4096 == 0)
            {
                asker.GiveUp(now);
            }
        }
    }

    private static void AskAtRate(Asker asker, double rate, ref bool stopped)
    {
        long began = Stopwatch.GetTimestamp(), asked = 0, lookedAt = began;
        while (!Volatile.Read(ref stopped))
        {
            long now = Stopwatch.GetTimestamp();
            long due = (long)(Stopwatch.GetElapsedTime(began, now).TotalSeconds * rate);
            for (; asked < due && asker.HasRoom; asked++)
            {
                asker.Ask(now);
            }

            asker.Flush();
            asker.Look();
            if (now - lookedAt > Stopwatch.Frequency / 100)
            {
                asker.GiveUp(now);
                lookedAt = now;
            }
        }
    }

    private static LoadResult Snapshot(LoadOptions options, Asker[] askers) => new(
        Stopwatch.GetTimestamp(),
        askers.Sum(asker => asker.Sent),
        askers.Sum(asker => asker.Answered),
        askers.Sum(asker => asker.Lost),
        askers.Sum(asker => asker.Wrong),
        askers.Sum(asker => asker.Looks.All),
        askers.Sum(asker => asker.Looks.Empty),
        options.Process == 0 ? 0 : ProcessCost.CpuNanoseconds(options.Process),
        options.Process == 0 ? 0 : ProcessCost.PssKib(options.Process));
}

/// <summary>What was counted, and when.</summary>
/// <param name="Ticks">Of the stopwatch.</param>
/// <param name="Sent">Datagrams.</param>
/// <param name="Answered">Replies to our open requests.</param>
/// <param name="Lost">Requests without a reply for 0.1 s.</param>
/// <param name="Wrong">Other datagrams that came.</param>
/// <param name="Looks">Into the sockets.</param>
/// <param name="EmptyLooks">Looks that found nothing.</param>
/// <param name="Cpu">The server's, ns.</param>
/// <param name="Pss">The server's, KiB, at the end.</param>
internal readonly record struct LoadResult(long Ticks, long Sent, long Answered, long Lost, long Wrong, long Looks, long EmptyLooks, long Cpu, long Pss)
{
    public double Seconds => (double)Ticks / Stopwatch.Frequency;

    public static LoadResult operator -(LoadResult after, LoadResult before) => new(
        after.Ticks - before.Ticks, after.Sent - before.Sent, after.Answered - before.Answered, after.Lost - before.Lost, after.Wrong - before.Wrong,
        after.Looks - before.Looks, after.EmptyLooks - before.EmptyLooks, after.Cpu - before.Cpu, after.Pss);

    public override string ToString() => FormattableString.Invariant(
        $"replies/s {Answered / Seconds:F0} cpu-us/reply {Cpu / 1e3 / Answered:F4} busy {Cpu / 1e9 / Seconds:F3} sent {Sent} answered {Answered} lost {Lost} wrong {Wrong} idle-looks {100.0 * EmptyLooks / Looks:F1} pss-kib {Pss}");
}
