using TimeSuite.Linux;
using TimeSuite.Time;
using static TimeSuite.Linux.Timex;

namespace TimeSuite.System.VmGuest;

/// <summary>The kernel's clock of this virtual machine, bare: what a check sets up, and what it measures.</summary>
internal static class GuestClock
{
    private static readonly KernelAdjtimex Kernel = new();

    /// <summary>Unix seconds at the end of the day on which the machine was started: the last of a December.</summary>
    public static readonly long Midnight = ((Clocks.Realtime().SinceEpoch.WholeSeconds / 86_400) + 1) * 86_400;

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

    /// <summary>The same start for each check: noon, no slew, no frequency, no leap, unsynchronised, the loop on.</summary>
    public static void Reset()
    {
        Adjust(new() { modes = ADJ_STATUS | ADJ_NANO, status = 0 }); // forgets a leap and its state
        Adjust(new()
        {
            modes = ADJ_STATUS | ADJ_NANO | ADJ_FREQUENCY | ADJ_OFFSET | ADJ_TICK,
            status = STA_PLL | STA_FREQHOLD | STA_UNSYNC,
            tick = 10_000,
        });
        Adjust(new() { modes = ADJ_TAI | ADJ_NANO, constant = 37 });
        SetBeforeMidnight(43_200);
        WaitForFraction(0.1); // what ran in this second runs out with it
    }

    /// <summary>Sets the clock, bare, to a time before <see cref="Midnight"/>.</summary>
    public static void SetBeforeMidnight(long seconds) => SetTo(new(Duration.FromSeconds(Midnight - seconds)));

    /// <summary>Sets the clock, bare.</summary>
    public static void SetTo(Instant<Utc> time) => StepBy(time - Clocks.Realtime());

    /// <summary>Steps the clock, bare: somebody else's hand.</summary>
    public static void StepBy(Duration offset)
    {
        Adjust(new() { modes = ADJ_SETOFFSET | ADJ_NANO, seconds = offset.WholeSeconds, subseconds = offset.NanosecondOfSecond });
    }

    /// <summary>Sleeps until the clock's next second is this old; negative: until just before it.</summary>
    public static void WaitForFraction(double fraction)
    {
        var now = Clocks.Realtime().SinceEpoch;
        var target = Duration.FromSeconds(now.WholeSeconds + 1) + Duration.FromSeconds(fraction);
        Sleep(target - now);
    }

    /// <summary>
    /// Suspends the machine for about a second: devices and clocks are stopped as for suspend to memory, and then the kernel waits by itself
    /// instead of asking the firmware, whose alarm would never come in virtual time.
    /// </summary>
    public static void Suspend()
    {
        File.WriteAllText("/sys/power/pm_test", "core");
        File.WriteAllText("/sys/module/suspend/parameters/pm_test_delay", "1"); // s
        File.WriteAllText("/sys/power/state", "mem");
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
