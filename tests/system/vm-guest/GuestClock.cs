using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.System.VmGuest;

/// <summary>The kernel's clock of this virtual machine, bare: what a check sets up, and what it measures.</summary>
internal static class GuestClock
{
    private static readonly KernelAdjtimex Kernel = new();

    /// <summary>How far the clock is ahead of the raw oscillator. Its change is what a slew or a step did.</summary>
    public static Duration AheadOfRaw
    {
        get
        {
            var triple = Clocks.Read();
            return triple.Realtime.SinceEpoch - triple.Raw.SinceEpoch;
        }
    }

    public static Timex Read() => Adjust(default);

    public static Timex Adjust(Timex timex)
    {
        Kernel.Adjust(ref timex);
        return timex;
    }

    /// <summary>No slew, no frequency, no leap, unsynchronised, the loop on: the same start for each check.</summary>
    public static void Reset()
    {
        Adjust(new() { modes = Timex.ADJ_STATUS | Timex.ADJ_NANO, status = 0 }); // forgets a leap and its state
        Adjust(new()
        {
            modes = Timex.ADJ_STATUS | Timex.ADJ_NANO | Timex.ADJ_FREQUENCY | Timex.ADJ_OFFSET | Timex.ADJ_TICK,
            status = Timex.STA_PLL | Timex.STA_FREQHOLD | Timex.STA_UNSYNC,
            tick = 10_000,
        });
        Adjust(new() { modes = Timex.ADJ_TAI | Timex.ADJ_NANO, constant = 37 });
        WaitForFraction(0.1); // what ran in this second runs out with it
    }

    /// <summary>Sets the clock, bare.</summary>
    public static void SetTo(Instant<Utc> time)
    {
        var offset = time - Clocks.Realtime();
        Adjust(new() { modes = Timex.ADJ_SETOFFSET | Timex.ADJ_NANO, seconds = offset.WholeSeconds, subseconds = offset.NanosecondOfSecond });
    }

    /// <summary>Sleeps until the clock's own second is this old; always into a later second.</summary>
    public static void WaitForFraction(double fraction)
    {
        var now = Clocks.Realtime().SinceEpoch;
        var target = Duration.FromSeconds(now.WholeSeconds + 1) + Duration.FromSeconds(fraction);
        Sleep(target - now);
    }

    /// <summary>Idle time costs nothing: the machine skips it.</summary>
    public static void Sleep(Duration length)
    {
        if (length.Sign > 0)
        {
            Thread.Sleep(TimeSpan.FromSeconds(length.Seconds));
        }
    }
}
