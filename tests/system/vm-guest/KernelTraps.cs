using TimeSuite.Linux;
using TimeSuite.Time;
using static TimeSuite.Linux.Timex;

namespace TimeSuite.System.VmGuest;

/// <summary>What adjtimex(2) does that its manual page does not say, on the kernel that runs. The rules of slewing rest on it (CLOCK.md section 3).</summary>
internal static class KernelTraps
{
    // Small on purpose: the kernel counts the slew's seconds on the slewed clock, so a rate r falls short by r^2 in each.
    private static readonly Duration Phase = Duration.FromSeconds(0.001);
    private static readonly Duration Quarter = Phase.Times(0.25);
    private static readonly Duration Microsecond = Duration.FromNanoseconds(1000);
    private static readonly Duration Rounding = Duration.FromNanoseconds(20_000); // the clock at frequency zero differs from the raw one by 0.1 ppm

    public static IEnumerable<(string Name, Action Run)> All =>
    [
        (nameof(An_offset_starts_with_the_next_second_and_a_quarter_goes_each_second), An_offset_starts_with_the_next_second_and_a_quarter_goes_each_second),
        (nameof(The_largest_offset_runs_at_an_eighth_at_first), The_largest_offset_runs_at_an_eighth_at_first),
        (nameof(The_offset_read_back_leaves_out_the_running_second), The_offset_read_back_leaves_out_the_running_second),
        (nameof(A_new_offset_replaces_the_old_one), A_new_offset_replaces_the_old_one),
        (nameof(Offset_zero_with_the_loop_on_cancels_from_the_next_second), Offset_zero_with_the_loop_on_cancels_from_the_next_second),
        (nameof(Without_the_loop_an_offset_succeeds_and_does_nothing), Without_the_loop_an_offset_succeeds_and_does_nothing),
        (nameof(A_status_without_the_loop_drops_nanoseconds), A_status_without_the_loop_drops_nanoseconds),
        (nameof(Tai_and_time_constant_share_a_field), Tai_and_time_constant_share_a_field),
        (nameof(Tai_may_be_any_number), Tai_may_be_any_number),
        (nameof(A_step_drops_the_slew_and_the_synchronisation), A_step_drops_the_slew_and_the_synchronisation),
        (nameof(The_maximum_error_grows_by_500_ppm_and_ends_the_synchronisation), The_maximum_error_grows_by_500_ppm_and_ends_the_synchronisation),
    ];

    private static void An_offset_starts_with_the_next_second_and_a_quarter_goes_each_second()
    {
        double left = StartSlew(Phase, timeConstant: 0, out var start);
        GuestClock.WaitForFraction(-0.1); // 0.9 of the second in which it was set
        Check.Near(Duration.Zero, GuestClock.AheadOfRaw - start, Microsecond, "in the first second");
        for (int second = 1; second <= 5; second++)
        {
            GuestClock.WaitForFraction(0.5);
            double expected = Phase.Seconds - left + (0.5 * left / 4); // half of this second's quarter
            Check.Near(Duration.FromSeconds(expected), GuestClock.AheadOfRaw - start, Phase.Times(0.01), $"in second {second}");
            left *= 0.75;
        }

        GuestClock.Sleep(Duration.FromSeconds(80L));
        Check.Near(Phase, GuestClock.AheadOfRaw - start, Rounding, "in the end");
    }

    private static void The_largest_offset_runs_at_an_eighth_at_first()
    {
        StartSlew(Duration.FromSeconds(5L), timeConstant: 0, out _); // cut to MAXPHASE, half a second
        GuestClock.WaitForFraction(0.1);
        var from = Clocks.Read();
        GuestClock.Sleep(Duration.FromSeconds(0.7));
        var to = Clocks.Read();
        double rate = ((to.Realtime - from.Realtime) - (to.Raw - from.Raw)).Seconds / (to.Raw - from.Raw).Seconds;
        Check.That(rate is > 0.12 and < 0.13, $"rate {rate}");
    }

    private static void The_offset_read_back_leaves_out_the_running_second()
    {
        StartSlew(Phase, timeConstant: 2, out _);
        Check.Near(Phase, Duration.FromNanoseconds(GuestClock.Read().offset), Microsecond, "before it starts");
        GuestClock.WaitForFraction(0.5);
        Check.Near(Phase.Times(15.0 / 16), Duration.FromNanoseconds(GuestClock.Read().offset), Microsecond, "in its first second");
        GuestClock.WaitForFraction(0.5);
        Check.Near(Phase.Times(225.0 / 256), Duration.FromNanoseconds(GuestClock.Read().offset), Microsecond, "in its second");
    }

    private static void A_new_offset_replaces_the_old_one()
    {
        StartSlew(Phase, timeConstant: 0, out var start);
        GuestClock.WaitForFraction(0.5); // this second takes a quarter, whatever comes
        GuestClock.Adjust(new() { modes = ADJ_OFFSET | ADJ_NANO, offset = Phase.Nanoseconds });
        GuestClock.Sleep(Duration.FromSeconds(80L));
        Check.Near(Phase + Quarter, GuestClock.AheadOfRaw - start, Rounding, "in the end");
    }

    private static void Offset_zero_with_the_loop_on_cancels_from_the_next_second()
    {
        StartSlew(Phase, timeConstant: 0, out var start);
        GuestClock.WaitForFraction(0.5);
        GuestClock.Adjust(new() { modes = ADJ_OFFSET | ADJ_NANO, offset = 0 });
        GuestClock.Sleep(Duration.FromSeconds(20L));
        Check.Near(Quarter, GuestClock.AheadOfRaw - start, Rounding, "in the end");
    }

    private static void Without_the_loop_an_offset_succeeds_and_does_nothing()
    {
        StartSlew(Phase, timeConstant: 0, out var start);
        GuestClock.WaitForFraction(0.5);
        GuestClock.Adjust(new() { modes = ADJ_STATUS | ADJ_NANO, status = STA_FREQHOLD });
        GuestClock.Adjust(new() { modes = ADJ_OFFSET | ADJ_NANO, offset = 0 }); // to cancel: it throws nothing
        GuestClock.Adjust(new() { modes = ADJ_OFFSET | ADJ_NANO, offset = -Phase.Nanoseconds });
        GuestClock.Sleep(Duration.FromSeconds(80L));
        Check.Near(Phase, GuestClock.AheadOfRaw - start, Rounding, "in the end");
    }

    private static void A_status_without_the_loop_drops_nanoseconds()
    {
        StartSlew(Phase, timeConstant: 2, out _);
        Check.That((GuestClock.Read().status & STA_NANO) != 0, "nanoseconds before");
        GuestClock.Adjust(new() { modes = ADJ_STATUS, status = STA_FREQHOLD });
        var after = GuestClock.Read();
        Check.That((after.status & STA_NANO) == 0, $"status {after.status:x}");
        Check.That(after.offset == Phase.Nanoseconds / 1000, $"offset {after.offset}, now in microseconds");
    }

    private static void Tai_and_time_constant_share_a_field()
    {
        GuestClock.Reset();
        GuestClock.Adjust(new() { modes = ADJ_TAI | ADJ_TIMECONST | ADJ_NANO, constant = 6 });
        var after = GuestClock.Read();
        Check.That(after.tai == 6 && after.constant == 6, $"TAI-UTC {after.tai}, time constant {after.constant}");
    }

    private static void Tai_may_be_any_number()
    {
        GuestClock.Reset();
        GuestClock.Adjust(new() { modes = ADJ_TAI | ADJ_NANO, constant = 100_000 });
        Check.That(GuestClock.Read().tai == 100_000, $"TAI-UTC {GuestClock.Read().tai}");
    }

    private static void A_step_drops_the_slew_and_the_synchronisation()
    {
        GuestClock.Reset();
        GuestClock.Adjust(new() { modes = ADJ_STATUS | ADJ_NANO | ADJ_MAXERROR, status = STA_PLL | STA_FREQHOLD, maxerror = 1000 });
        GuestClock.Adjust(new() { modes = ADJ_OFFSET | ADJ_NANO, offset = Phase.Nanoseconds });
        GuestClock.Adjust(new() { modes = ADJ_SETOFFSET | ADJ_NANO, seconds = -1, subseconds = 750_000_000 });
        var start = GuestClock.AheadOfRaw;
        var after = GuestClock.Read();
        Check.That((after.status & STA_UNSYNC) != 0, $"status {after.status:x}");
        Check.That(after.offset == 0 && after.maxerror == 16_000_000, $"offset {after.offset}, maximum error {after.maxerror}");
        GuestClock.Sleep(Duration.FromSeconds(10L));
        Check.Near(Duration.Zero, GuestClock.AheadOfRaw - start, Rounding, "after the step");
    }

    private static void The_maximum_error_grows_by_500_ppm_and_ends_the_synchronisation()
    {
        GuestClock.Reset();
        GuestClock.Adjust(new() { modes = ADJ_STATUS | ADJ_NANO | ADJ_MAXERROR, status = STA_PLL | STA_FREQHOLD, maxerror = 15_998_900 });
        GuestClock.WaitForFraction(0.5);
        Check.That(GuestClock.Read().maxerror == 15_999_400, $"maximum error {GuestClock.Read().maxerror}");
        Check.That((GuestClock.Read().status & STA_UNSYNC) == 0, "still synchronised");
        GuestClock.Sleep(Duration.FromSeconds(3L));
        Check.That((GuestClock.Read().status & STA_UNSYNC) != 0, $"maximum error {GuestClock.Read().maxerror}");
    }

    /// <summary>Begins a slew 0.3 s into a second.</summary>
    /// <returns>The phase in seconds.</returns>
    private static double StartSlew(Duration phase, int timeConstant, out Duration start)
    {
        GuestClock.Reset();
        GuestClock.WaitForFraction(0.3);
        start = GuestClock.AheadOfRaw;
        GuestClock.Adjust(new()
        {
            modes = ADJ_OFFSET | ADJ_TIMECONST | ADJ_NANO, offset = phase.Nanoseconds, constant = timeConstant,
        });
        return phase.Seconds;
    }
}
