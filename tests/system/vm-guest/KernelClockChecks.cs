using System.Globalization;
using TimeSuite.Linux;
using TimeSuite.Time;
using static TimeSuite.Linux.Timex;

namespace TimeSuite.System.VmGuest;

/// <summary><see cref="KernelClock"/> on a real kernel.</summary>
internal static class KernelClockChecks
{
    private static readonly FrequencyOffset MaxRate = FrequencyOffset.FromPpm(500);
    private static readonly Duration Rounding = Duration.FromNanoseconds(20_000); // as in KernelTraps

    public static IEnumerable<(string Name, Action Run)> All =>
    [
        (nameof(The_frequency_is_what_was_asked_for), The_frequency_is_what_was_asked_for),
        (nameof(A_slew_that_nobody_watches_stops_where_it_should), A_slew_that_nobody_watches_stops_where_it_should),
        (nameof(A_long_slew_goes_on_only_while_it_is_renewed), A_long_slew_goes_on_only_while_it_is_renewed),
        (nameof(A_slew_that_is_ended_ends_with_the_second), A_slew_that_is_ended_ends_with_the_second),
        (nameof(An_announcement_leaves_the_slew_alone), An_announcement_leaves_the_slew_alone),
        (nameof(A_step_is_exact_and_leaves_the_status_as_it_was), A_step_is_exact_and_leaves_the_status_as_it_was),
        (nameof(A_step_and_only_a_step_rings_the_alarm), A_step_and_only_a_step_rings_the_alarm),
        (nameof(A_loop_that_somebody_stopped_is_noticed_and_cancels_the_slew), A_loop_that_somebody_stopped_is_noticed_and_cancels_the_slew),
        (nameof(A_tick_that_somebody_left_behind_is_put_right), A_tick_that_somebody_left_behind_is_put_right),
        (nameof(Without_the_capability_the_kernel_refuses), Without_the_capability_the_kernel_refuses),
        (nameof(A_second_is_inserted_at_the_end_of_the_day), A_second_is_inserted_at_the_end_of_the_day),
        (nameof(A_second_is_deleted_at_the_end_of_the_day), A_second_is_deleted_at_the_end_of_the_day),
        (nameof(A_leap_second_survives_a_step_before_it), A_leap_second_survives_a_step_before_it),
        (nameof(A_leap_second_that_is_taken_back_does_not_come), A_leap_second_that_is_taken_back_does_not_come),
        (nameof(The_hardware_clock_follows_a_synchronised_clock), The_hardware_clock_follows_a_synchronised_clock),
    ];

    private static Moment Now => new(Clocks.Raw(), Clocks.Boot(), Clocks.Realtime(), Clocks.Suspended());

    private static void The_frequency_is_what_was_asked_for()
    {
        foreach (double ppm in (double[])[100, -500, 0.5])
        {
            var clock = Begin();
            clock.Steer(FrequencyOffset.FromPpm(ppm), null, Now);
            GuestClock.WaitForFraction(0.1);
            var from = Clocks.Read();
            GuestClock.Sleep(Duration.FromSeconds(20L));
            var to = Clocks.Read();
            double seen = ((to.Realtime - from.Realtime) - (to.Raw - from.Raw)).Seconds / (to.Raw - from.Raw).Seconds * 1e6;
            Check.That(Math.Abs(seen - ppm) < 0.3, $"asked for {ppm} ppm, seen {seen} ppm");
            Check.That(Math.Abs(clock.Read(Now).Frequency.Ppm - ppm) < 1e-4, $"reads {clock.Read(Now).Frequency}");
        }
    }

    private static void A_slew_that_nobody_watches_stops_where_it_should()
    {
        foreach (double phase in (double[])[0.005, -0.005])
        {
            var clock = Begin();
            var start = GuestClock.AheadOfRaw;
            clock.Steer(FrequencyOffset.Zero, new Slew(Duration.FromSeconds(phase), Duration.Zero, MaxRate), Now);
            GuestClock.WaitForFraction(0.01);
            var from = Clocks.Read();
            GuestClock.Sleep(Duration.FromSeconds(0.9));
            var to = Clocks.Read();
            double rate = Math.Abs(((to.Realtime - from.Realtime) - (to.Raw - from.Raw)).Seconds) / (to.Raw - from.Raw).Seconds;
            Check.That(rate is > 200e-6 and < 501e-6, $"rate {rate}");
            GuestClock.Sleep(Duration.FromSeconds(150L)); // tc 2: all but 1/16000 of it
            Check.Near(Duration.FromSeconds(phase), GuestClock.AheadOfRaw - start, Rounding, "in the end");
        }
    }

    private static void A_long_slew_goes_on_only_while_it_is_renewed()
    {
        var whole = Duration.FromSeconds(0.6); // more than the kernel takes at once
        var clock = Begin();
        var start = GuestClock.AheadOfRaw;
        clock.Steer(FrequencyOffset.Zero, new Slew(whole, Duration.Zero, MaxRate), Now);
        for (int second = 0; second < 10; second++)
        {
            GuestClock.WaitForFraction(0.2);
            Check.That(clock.Tick(Now), "interference where there was none");
        }

        var pending = clock.Read(Now).PendingPhase;
        GuestClock.WaitForFraction(0.01); // the part that was running is through, the next has begun
        var gone = GuestClock.AheadOfRaw - start;
        Check.That(gone.Seconds is > 0.001 and < 0.006, $"gone {gone}");
        Check.Near(whole, gone + pending, Duration.FromNanoseconds(50_000), "gone and pending together");
        long atKernel = GuestClock.Read().offset;
        Check.That(atKernel is > 400_000_000 and <= 500_000_000, $"the kernel holds {atKernel} ns");
    }

    private static void A_slew_that_is_ended_ends_with_the_second()
    {
        var clock = Begin();
        clock.Steer(FrequencyOffset.Zero, new Slew(Duration.FromSeconds(0.1), Duration.Zero, MaxRate), Now);
        GuestClock.WaitForFraction(0.5);
        GuestClock.WaitForFraction(0.5);
        clock.EndSlew(Now);
        Check.That(clock.Read(Now).PendingPhase == Duration.Zero, $"pending {clock.Read(Now).PendingPhase}");
        GuestClock.WaitForFraction(0.1);
        var start = GuestClock.AheadOfRaw;
        GuestClock.Sleep(Duration.FromSeconds(10L));
        Check.Near(Duration.Zero, GuestClock.AheadOfRaw - start, Rounding, "after the second");
    }

    private static void An_announcement_leaves_the_slew_alone()
    {
        var clock = Begin();
        var start = GuestClock.AheadOfRaw;
        clock.Steer(FrequencyOffset.Zero, new Slew(Duration.FromSeconds(0.002), Duration.Zero, MaxRate), Now);
        GuestClock.WaitForFraction(0.5);
        clock.Announce(Synchronised with { TaiOffset = 38 });
        var timex = GuestClock.Read();
        Check.That(timex.tai == 38, $"TAI-UTC {timex.tai}");
        Check.That(timex.maxerror == 1000 && timex.esterror == 100, $"maximum error {timex.maxerror}, estimated {timex.esterror}");
        Check.That((timex.status & (STA_PLL | STA_NANO | STA_FREQHOLD | STA_UNSYNC)) == (STA_PLL | STA_NANO | STA_FREQHOLD), $"status {timex.status:x}");
        Check.That(timex.constant == clock.Read(Now).TimeConstant && timex.constant < 10, $"time constant {timex.constant}");
        GuestClock.Sleep(Duration.FromSeconds(100L));
        Check.Near(Duration.FromSeconds(0.002), GuestClock.AheadOfRaw - start, Rounding, "in the end");
        clock.Announce(Synchronised with { Synchronized = false });
        Check.That((GuestClock.Read().status & STA_UNSYNC) != 0, "unsynchronised again");
    }

    private static void A_step_is_exact_and_leaves_the_status_as_it_was()
    {
        foreach (double size in (double[])[1.5, -0.25, 86_400, -86_401.25])
        {
            var clock = Begin();
            clock.Announce(Synchronised);
            clock.Steer(FrequencyOffset.FromPpm(10), new Slew(Duration.FromSeconds(0.1), Duration.Zero, MaxRate), Now);
            var start = GuestClock.AheadOfRaw;
            clock.StepBy(Duration.FromSeconds(size), 1, Now);
            Check.Near(Duration.FromSeconds(size), GuestClock.AheadOfRaw - start, Rounding, "the step");
            var timex = GuestClock.Read();
            Check.That((timex.status & (STA_PLL | STA_NANO | STA_FREQHOLD | STA_UNSYNC)) == (STA_PLL | STA_NANO | STA_FREQHOLD), $"status {timex.status:x}");
            Check.That(timex.maxerror is >= 1000 and < 2000 && timex.offset == 0, $"maximum error {timex.maxerror}, offset {timex.offset}");
            Check.That(timex.freq == 10 << 16, $"frequency {timex.freq}");
            Check.That(clock.Read(Now).PendingPhase == Duration.Zero, "the slew is dropped");
        }
    }

    private static void A_step_and_only_a_step_rings_the_alarm()
    {
        var clock = Begin();
        using var alarm = new ClockStepAlarm();
        using var poller = new Poller();
        poller.Add(alarm.Descriptor, 1);
        clock.Steer(FrequencyOffset.FromPpm(10), new Slew(Duration.FromSeconds(0.001), Duration.Zero, MaxRate), Now);
        clock.Announce(Synchronised);
        Check.That(poller.Wait(Duration.FromSeconds(3L), new PollEvent[1]) == 0, "rung by a slew");
        for (int time = 0; time < 2; time++)
        {
            clock.StepBy(Duration.FromSeconds(0.001), 1, Now);
            Check.That(poller.Wait(Duration.FromSeconds(3L), new PollEvent[1]) == 1, $"step {time} unnoticed");
            Check.That(alarm.Drain() && !alarm.Drain(), "rings once");
        }
    }

    private static void A_loop_that_somebody_stopped_is_noticed_and_cancels_the_slew()
    {
        var clock = Begin();
        clock.Steer(FrequencyOffset.Zero, new Slew(Duration.FromSeconds(0.1), Duration.Zero, MaxRate), Now);
        GuestClock.WaitForFraction(0.5);
        GuestClock.Adjust(new() { modes = ADJ_STATUS, status = 0 });
        Check.That(!clock.Tick(Now), "unnoticed");
        Check.That((GuestClock.Read().status & (STA_PLL | STA_NANO)) == (STA_PLL | STA_NANO), $"status {GuestClock.Read().status:x}");
        GuestClock.WaitForFraction(0.1);
        var start = GuestClock.AheadOfRaw;
        GuestClock.Sleep(Duration.FromSeconds(10L));
        Check.Near(Duration.Zero, GuestClock.AheadOfRaw - start, Rounding, "after the second");
        Check.That(clock.Tick(Now), "put right for good");
    }

    private static void A_tick_that_somebody_left_behind_is_put_right()
    {
        GuestClock.Reset();
        GuestClock.Adjust(new() { modes = ADJ_TICK, tick = 10_100 }); // 1 % fast
        Begin();
        Check.That(GuestClock.Read().tick == 10_000, $"tick {GuestClock.Read().tick}");
    }

    private static void Without_the_capability_the_kernel_refuses()
    {
        var clock = Begin();
        string seen = "nothing";
        var thread = new Thread(() =>
        {
            try
            {
                Capabilities.DropSysTime();
                Capabilities.AssertCannotSetClock();
                clock.Steer(FrequencyOffset.FromPpm(1), null, Now);
            }
            catch (Exception failure)
            {
                seen = failure.Message;
            }
        });
        thread.Start();
        thread.Join();
        Check.That(seen.Contains("Operation not permitted", StringComparison.Ordinal), seen);
        Check.That(GuestClock.Read().freq == 0, "frequency untouched");
    }

    private static void A_second_is_inserted_at_the_end_of_the_day() => Leap(LeapSecond.Insert, Duration.FromSeconds(-1L), taiAfter: 38, _ => { });

    private static void A_second_is_deleted_at_the_end_of_the_day() => Leap(LeapSecond.Delete, Duration.FromSeconds(1L), taiAfter: 36, _ => { });

    private static void A_leap_second_survives_a_step_before_it() =>
        Leap(LeapSecond.Insert, Duration.FromSeconds(-1L), taiAfter: 38, clock => clock.StepBy(Duration.FromSeconds(0.25), 1, Now));

    private static void A_leap_second_that_is_taken_back_does_not_come() =>
        Leap(LeapSecond.Insert, Duration.Zero, taiAfter: 37, clock => clock.Announce(Synchronised));

    private static void Leap(LeapSecond leap, Duration jump, int taiAfter, Action<KernelClock> afterAnnouncement)
    {
        var clock = Begin();
        GuestClock.SetBeforeMidnight(6);
        clock.Announce(Synchronised with { Leap = leap });
        GuestClock.WaitForFraction(0.5);
        afterAnnouncement(clock);
        using var alarm = new ClockStepAlarm();
        var start = GuestClock.AheadOfRaw;
        GuestClock.Sleep(Duration.FromSeconds(10L));
        Check.Near(jump, GuestClock.AheadOfRaw - start, Rounding, "over midnight");
        Check.That(GuestClock.Read().tai == taiAfter, $"TAI-UTC {GuestClock.Read().tai}");
        Check.That(alarm.Drain() == (jump != Duration.Zero), "the alarm rings at the leap");
        clock.Announce(Synchronised);
        Check.That((GuestClock.Read().status & (STA_INS | STA_DEL)) == 0, "the flag is gone");
    }

    private static void The_hardware_clock_follows_a_synchronised_clock()
    {
        var clock = Begin();
        clock.StepBy(Duration.FromSeconds(100 - HardwareClockBehind()), 1, Now);
        double before = HardwareClockBehind();
        Check.That(before is > 98 and < 102, $"behind by {before} s before");
        clock.Announce(Synchronised);
        GuestClock.Sleep(Duration.FromSeconds(700L)); // eleven minutes and a bit
        double after = HardwareClockBehind();
        Check.That(Math.Abs(after) < 2, $"behind by {after} s after");
    }

    private static double HardwareClockBehind()
    {
        long seconds = long.Parse(File.ReadAllText("/sys/class/rtc/rtc0/since_epoch"), CultureInfo.InvariantCulture);
        return Clocks.Realtime().SinceEpoch.Seconds - seconds;
    }

    private static readonly Announcement Synchronised = new()
    {
        Synchronized = true,
        Bound = Duration.FromSeconds(0.001),
        Sigma = Duration.FromSeconds(0.0001),
        Growth = FrequencyOffset.FromPpm(1),
        Interval = Duration.FromSeconds(64L),
    };

    private static KernelClock Begin()
    {
        GuestClock.Reset();
        var clock = new KernelClock(new KernelAdjtimex(), setsRtc: true);
        clock.Adopt();
        return clock;
    }
}
