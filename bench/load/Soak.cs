using System.Diagnostics;

namespace TimeSuite.Load;

/// <summary>Asks at a modest rate for a long time, leaving the processor to others in between, and counts from the first request to the last reply.</summary>
internal static class Soak
{
    private const double LongestBurst = 0.05; // s: what was missed beyond it is not made up for

    public static string Run(LoadOptions options)
    {
        using var asker = new Asker(options, 0, 4096);
        long began = Stopwatch.GetTimestamp();
        double asked = 0;
        for (double elapsed = 0; elapsed < options.Seconds; elapsed = Stopwatch.GetElapsedTime(began).TotalSeconds)
        {
            double due = elapsed * options.Rate;
            asked = Math.Max(asked, due - Math.Max(options.Rate * LongestBurst, 1));
            long now = Stopwatch.GetTimestamp();
            for (; asked < due && asker.HasRoom; asked++)
            {
                asker.Ask(now);
            }

            Exchange(asker, now);
        }

        while (!asker.IsDone)
        {
            Exchange(asker, Stopwatch.GetTimestamp());
        }

        return FormattableString.Invariant($"sent {asker.Sent} answered {asker.Answered} lost {asker.Lost} wrong {asker.Wrong} inconsistent {asker.Inconsistent}");
    }

    private static void Exchange(Asker asker, long now)
    {
        asker.Flush();
        asker.LookWhileAny();
        asker.GiveUp(now);
        Thread.Sleep(1);
    }
}
