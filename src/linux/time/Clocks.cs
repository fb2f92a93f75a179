using System.Runtime.InteropServices;
using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>The kernel's clocks, read only. See clock_gettime(2).</summary>
public static partial class Clocks
{
    private const int ClockRealtime = 0, ClockMonotonic = 1, ClockMonotonicRaw = 4, ClockBoottime = 7;
    private const int Attempts = 3;

    /// <summary>The bare oscillator since boot: docs/decisions/0002.</summary>
    public static Instant<Raw> Raw() => new(Get(ClockMonotonicRaw));

    /// <summary>Time since boot, suspended time counted.</summary>
    public static Instant<Boot> Boot() => new(Get(ClockBoottime));

    /// <summary>The system's clock, as programs see it.</summary>
    public static Instant<Utc> Realtime() => new(Get(ClockRealtime));

    /// <summary>How long the machine has been suspended since boot: CLOCK_BOOTTIME minus CLOCK_MONOTONIC.</summary>
    /// <remarks>Two readings differ by the time between them, some microseconds on a busy machine: take a change below 10 ms as none.</remarks>
    public static Duration Suspended()
    {
        var (middle, boot, _) = ReadBetween(ClockMonotonic, ClockBoottime);
        return boot - middle;
    }

    /// <summary>The raw and the system clock at one moment: raw, realtime, raw, the narrowest of three attempts.</summary>
    public static ClockTriple Read()
    {
        var (middle, realtime, halfWidth) = ReadBetween(ClockMonotonicRaw, ClockRealtime);
        return new(new(middle), new(realtime), halfWidth);
    }

    /// <summary>For who looks thousands of times a second.</summary>
    public static ClockGlance Glance()
    {
        var steady = Get(ClockMonotonic);
        return new(Raw(), steady, Realtime());
    }

    private static (Duration Middle, Duration Inner, Duration HalfWidth) ReadBetween(int outer, int inner)
    {
        (Duration Middle, Duration Inner, Duration HalfWidth) best = default;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            // Nothing between the three but the readings themselves: what a conversion takes would widen the bracket.
            int result = ClockGettime(outer, out var first) | ClockGettime(inner, out var between) | ClockGettime(outer, out var last);
            if (result != 0)
            {
                throw Errno.Failure("clock_gettime");
            }

            var before = first.ToDuration();
            var halfWidth = (last.ToDuration() - before).Half();
            if (attempt == 0 || halfWidth < best.HalfWidth)
            {
                best = (before + halfWidth, between.ToDuration(), halfWidth);
            }
        }

        return best;
    }

    private static Duration Get(int clock)
    {
        int result = ClockGettime(clock, out var time);
        return result == 0 ? time.ToDuration() : throw Errno.Failure("clock_gettime");
    }

    // No thread transition for a call that never blocks and mostly stays in the vDSO.
    [SuppressGCTransition]
    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGettime(int clock, out TimeSpec time);
}
