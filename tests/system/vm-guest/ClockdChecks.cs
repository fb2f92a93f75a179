using Grpc.Core;
using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;
using static TimeSuite.Linux.Timex;
using Duration = TimeSuite.Time.Duration;
using Wire = TimeSuite.Rpc.Time.V1;

namespace TimeSuite.System.VmGuest;

/// <summary>The real clockd on the real clock, asked through its socket by the user that may steer.</summary>
internal static class ClockdChecks
{
    private static readonly Duration Rounding = Duration.FromNanoseconds(30_000); // as in KernelTraps, and the frequency's own
    private static readonly FrequencyOffset NoFrequency = FrequencyOffset.Zero;

    public static IEnumerable<(string Name, Action Run)> All =>
    [
        (nameof(A_clock_below_the_floor_is_raised_when_clockd_starts), A_clock_below_the_floor_is_raised_when_clockd_starts),
        (nameof(The_frequency_that_clockd_accepts_is_the_kernels), The_frequency_that_clockd_accepts_is_the_kernels),
        (nameof(A_slew_outlives_a_killed_clockd_and_stops_where_it_should), A_slew_outlives_a_killed_clockd_and_stops_where_it_should),
        (nameof(A_clockd_that_comes_back_ends_a_slew_that_nobody_claims), A_clockd_that_comes_back_ends_a_slew_that_nobody_claims),
        (nameof(End_slews_ends_what_a_killed_clockd_left), End_slews_ends_what_a_killed_clockd_left),
        (nameof(A_holder_that_leaves_takes_its_slew_along), A_holder_that_leaves_takes_its_slew_along),
        (nameof(A_holder_that_falls_silent_loses_lease_and_slew), A_holder_that_falls_silent_loses_lease_and_slew),
        (nameof(Steps_are_free_until_the_first_synchronisation_and_then_by_permit), Steps_are_free_until_the_first_synchronisation_and_then_by_permit),
        (nameof(A_killed_clockd_hands_out_no_new_permit), A_killed_clockd_hands_out_no_new_permit),
        (nameof(What_is_announced_is_what_programs_read_from_the_kernel), What_is_announced_is_what_programs_read_from_the_kernel),
        (nameof(What_policy_forbids_changes_nothing), What_policy_forbids_changes_nothing),
        (nameof(A_leap_second_goes_through_clockd_to_the_kernel_and_is_over_after_midnight), A_leap_second_goes_through_clockd_to_the_kernel_and_is_over_after_midnight),
        (nameof(Somebody_who_stops_the_loop_is_noticed), Somebody_who_stops_the_loop_is_noticed),
        (nameof(A_stranger_is_not_heard), A_stranger_is_not_heard),
    ];

    private static void A_clock_below_the_floor_is_raised_when_clockd_starts()
    {
        GuestClock.Reset();
        var today = Clocks.Realtime();
        var raw = Clocks.Raw();
        GuestClock.SetTo(new(Duration.FromSeconds(1_000_000_000L))); // 2001
        using var clockd = ClockdProcess.StartFresh();
        var floor = ClockdProcess.Describe().Policy.Floor.ToDomain();
        Check.That(Clocks.Realtime().SinceEpoch >= floor && floor > Duration.FromSeconds(1_700_000_000L), $"clock {Clocks.Realtime()}, floor {floor}");
        Check.That(Clocks.Realtime().SinceEpoch < floor + Duration.FromSeconds(60L), $"clock {Clocks.Realtime()}, floor {floor}");

        // And from there back to today by a boot step, which the raised clock has not used up.
        using var steerer = new Steerer();
        var now = today + (Clocks.Raw() - raw);
        Accepted(steerer.Step(now - Clocks.Realtime()));
        Check.Near(Duration.Zero, Clocks.Realtime() - (today + (Clocks.Raw() - raw)), Duration.FromSeconds(0.5), "today again");
    }

    private static void The_frequency_that_clockd_accepts_is_the_kernels()
    {
        using var clockd = Begin();
        using var steerer = new Steerer();
        Accepted(steerer.Adjust(FrequencyOffset.FromPpm(123)));
        Check.That(GuestClock.Read().freq == 123 << 16, $"frequency {GuestClock.Read().freq}");
        GuestClock.WaitForFraction(0.1);
        var from = Clocks.Read();
        GuestClock.Sleep(Duration.FromSeconds(20L));
        var to = Clocks.Read();
        double seen = ((to.Realtime - from.Realtime) - (to.Raw - from.Raw)).Seconds / (to.Raw - from.Raw).Seconds * 1e6;
        Check.That(Math.Abs(seen - 123) < 0.3, $"seen {seen} ppm");
    }

    private static void A_slew_outlives_a_killed_clockd_and_stops_where_it_should()
    {
        var phase = Duration.FromSeconds(-0.005);
        using var clockd = Begin();
        using var steerer = new Steerer();
        var start = GuestClock.AheadOfRaw;
        Accepted(steerer.Adjust(NoFrequency, phase));
        GuestClock.WaitForFraction(0.5);
        clockd.Kill();
        var killed = GuestClock.AheadOfRaw - start;
        Check.That(killed.Magnitude < phase.Magnitude.Times(0.2), $"gone already when killed: {killed}");
        GuestClock.Sleep(Duration.FromSeconds(150L));
        Check.Near(phase, GuestClock.AheadOfRaw - start, Rounding, "in the end");
        GuestClock.Sleep(Duration.FromSeconds(30L));
        Check.Near(phase, GuestClock.AheadOfRaw - start, Rounding, "and there it stays");
    }

    private static void A_clockd_that_comes_back_ends_a_slew_that_nobody_claims()
    {
        using var clockd = Begin();
        using var steerer = new Steerer();
        Accepted(steerer.Adjust(NoFrequency, Duration.FromSeconds(0.2)));
        GuestClock.WaitForFraction(0.5);
        clockd.Kill();
        using var successor = ClockdProcess.Start();
        Check.That(ClockdProcess.Describe().Clocks[0].PendingPhase.ToDomain() > Duration.FromSeconds(0.1), "the successor sees the slew");
        GuestClock.Sleep(Duration.FromSeconds(14L)); // a lease of 10 s, and the second that runs
        StandsStill("after the lease that nobody took");
    }

    private static void End_slews_ends_what_a_killed_clockd_left()
    {
        using var clockd = Begin();
        using var steerer = new Steerer();
        Accepted(steerer.Adjust(NoFrequency, Duration.FromSeconds(0.2)));
        clockd.Kill();
        ClockdProcess.EndSlews();
        GuestClock.WaitForFraction(0.1);
        StandsStill("after clockd --end-slews");
    }

    private static void A_holder_that_leaves_takes_its_slew_along()
    {
        using var clockd = Begin();
        using (var steerer = new Steerer())
        {
            Accepted(steerer.Adjust(FrequencyOffset.FromPpm(7), Duration.FromSeconds(0.2)));
        }

        GuestClock.Sleep(Duration.FromSeconds(2L));
        Check.That(GuestClock.Read().offset == 0, $"offset {GuestClock.Read().offset}");
        Check.That(GuestClock.Read().freq == 7 << 16, "the frequency stays");
        using var successor = new Steerer(); // the lease is free
        Accepted(successor.Renew());
    }

    private static void A_holder_that_falls_silent_loses_lease_and_slew()
    {
        using var clockd = Begin();
        using var steerer = new Steerer();
        Accepted(steerer.Adjust(NoFrequency, Duration.FromSeconds(0.2)));
        for (int renewal = 0; renewal < 3; renewal++)
        {
            GuestClock.Sleep(Duration.FromSeconds(6L));
            Accepted(steerer.Renew());
        }

        Check.That(GuestClock.Read().offset > 100_000_000, "renewed, it goes on");
        GuestClock.Sleep(Duration.FromSeconds(14L));
        StandsStill("after the lease");
        Check.That(steerer.WaitForEnd() == StatusCode.DeadlineExceeded, "the call's end");
        Check.That(ClockdProcess.Describe().Counters.LeasesExpired == 1, clockd.Log);
    }

    private static void Steps_are_free_until_the_first_synchronisation_and_then_by_permit()
    {
        using var clockd = Begin();
        using var steerer = new Steerer();
        var start = GuestClock.AheadOfRaw;
        Accepted(steerer.Step(Duration.FromSeconds(-2.25)));
        Check.Near(Duration.FromSeconds(-2.25), GuestClock.AheadOfRaw - start, Rounding, "the boot step");
        Accepted(steerer.Announce());
        Refused(steerer.Step(Duration.FromSeconds(2.25)), StatusCode.FailedPrecondition);
        Check.Near(Duration.FromSeconds(-2.25), GuestClock.AheadOfRaw - start, Rounding, "after the refusal");
        using (var administrator = PeerChannel.Open(ClockdProcess.Socket, user: 0))
        {
            var permit = new PermitStepRequest
            {
                ClockId = "system", MaxSize = Duration.FromSeconds(3L).ToWire(), Window = Duration.FromSeconds(60L).ToWire(),
            };
            new Clock.ClockClient(administrator).PermitStepAsync(permit).ResponseAsync.WaitAsync(TimeSpan.FromSeconds(20)).GetAwaiter().GetResult();
        }

        Refused(steerer.Step(Duration.FromSeconds(3.5)), StatusCode.OutOfRange);
        Accepted(steerer.Step(Duration.FromSeconds(2.25)));
        Check.Near(Duration.Zero, GuestClock.AheadOfRaw - start, Rounding, "after the permitted step");
        Check.That((GuestClock.Read().status & STA_UNSYNC) == 0, "still synchronised after it");
        Refused(steerer.Step(Duration.FromSeconds(0.001)), StatusCode.FailedPrecondition);
    }

    private static void A_killed_clockd_hands_out_no_new_permit()
    {
        using var clockd = Begin();
        using (var steerer = new Steerer())
        {
            Accepted(steerer.Announce());
        }

        clockd.Kill();
        using var successor = ClockdProcess.Start();
        using var again = new Steerer();
        Refused(again.Step(Duration.FromSeconds(1L)), StatusCode.FailedPrecondition);
    }

    private static void What_is_announced_is_what_programs_read_from_the_kernel()
    {
        using var clockd = Begin();
        using var steerer = new Steerer();
        Accepted(steerer.Adjust(NoFrequency, Duration.FromSeconds(0.002)));
        Accepted(steerer.Announce(announce => announce.TaiOffsetS = 37));
        var timex = GuestClock.Read();
        Check.That((timex.status & (STA_PLL | STA_NANO | STA_UNSYNC | STA_INS | STA_DEL)) == (STA_PLL | STA_NANO), $"status {timex.status:x}");
        Check.That(timex.maxerror is >= 2900 and < 3200, $"maximum error {timex.maxerror}: the bound and the pending phase"); // 1 ms + 2 ms
        Check.That(timex.esterror == 100 && timex.tai == 37, $"estimated error {timex.esterror}, TAI-UTC {timex.tai}");
        Check.That(TimePage.TryOpen(ClockdProcess.Page, out var page), "no time page");
        using (page)
        {
            Check.That(page!.TryRead(out var reading) && reading.IsSynchronizedAt(Clocks.Raw(), Clocks.Suspended()), "the page says synchronised");
            Check.That(reading.Bound >= Duration.FromSeconds(0.0029) && reading.TaiOffset == 37, $"bound {reading.Bound}, TAI-UTC {reading.TaiOffset}");
        }

        Accepted(steerer.Announce(announce => announce.Synchronized = false));
        Check.That((GuestClock.Read().status & STA_UNSYNC) != 0, "unsynchronised again");
    }

    private static void What_policy_forbids_changes_nothing()
    {
        using var clockd = Begin();
        using var steerer = new Steerer();
        Accepted(steerer.Adjust(FrequencyOffset.FromPpm(5)));
        Accepted(steerer.Announce(announce => announce.TaiOffsetS = 37));
        var start = GuestClock.AheadOfRaw;
        foreach (double ppb in (double[])[double.NaN, double.PositiveInfinity, double.NegativeInfinity])
        {
            Refused(steerer.Adjust(FrequencyOffset.FromPpb(ppb)), StatusCode.InvalidArgument);
        }

        Refused(steerer.Adjust(FrequencyOffset.FromPpb(1e300)), StatusCode.OutOfRange);
        Refused(steerer.Adjust(FrequencyOffset.FromPpm(-500.1)), StatusCode.OutOfRange);
        Refused(steerer.Adjust(NoFrequency, Duration.FromSeconds(1.1)), StatusCode.FailedPrecondition);
        Refused(steerer.Announce(announce => announce.TaiOffsetS = 100_000), StatusCode.OutOfRange);
        var after = GuestClock.Read();
        Check.That(after.freq == 5 << 16 && after.offset == 0 && after.tai == 37, $"frequency {after.freq}, offset {after.offset}, TAI-UTC {after.tai}");
        Check.Near(Duration.Zero, GuestClock.AheadOfRaw - start, Rounding, "the clock");
    }

    private static void A_leap_second_goes_through_clockd_to_the_kernel_and_is_over_after_midnight()
    {
        GuestClock.Reset();
        GuestClock.SetBeforeMidnight(2 * 86_400); // the day before: no leap then
        using var clockd = ClockdProcess.StartFresh();
        using var steerer = new Steerer();
        Refused(steerer.Announce(announce => announce.Leap = Wire.LeapSecond.Insert), StatusCode.FailedPrecondition);
        Accepted(steerer.Step(Duration.FromSeconds(GuestClock.Midnight - 8) - Clocks.Realtime().SinceEpoch));
        Accepted(steerer.Announce(announce =>
        {
            announce.Leap = Wire.LeapSecond.Insert;
            announce.TaiOffsetS = 37;
        }));
        Check.That((GuestClock.Read().status & STA_INS) != 0, $"status {GuestClock.Read().status:x}");
        var start = GuestClock.AheadOfRaw;
        GuestClock.Sleep(Duration.FromSeconds(14L));
        Check.Near(Duration.FromSeconds(-1L), GuestClock.AheadOfRaw - start, Rounding, "over midnight");
        GuestClock.Sleep(Duration.FromSeconds(60L)); // clockd looks once a minute; the kernel itself does not leap twice
        Check.Near(Duration.FromSeconds(-1L), GuestClock.AheadOfRaw - start, Rounding, "a minute later");
        var after = GuestClock.Read();
        Check.That((after.status & STA_INS) == 0 && after.tai == 38, $"status {after.status:x}, TAI-UTC {after.tai}");
        var described = ClockdProcess.Describe().Clocks[0];
        Check.That(described.Leap == Wire.LeapSecond.None && described.TaiOffsetS == 38, $"clockd says {described.Leap}, {described.TaiOffsetS}");
    }

    private static void Somebody_who_stops_the_loop_is_noticed()
    {
        using var clockd = Begin();
        using var steerer = new Steerer();
        Accepted(steerer.Adjust(NoFrequency, Duration.FromSeconds(0.2)));
        GuestClock.WaitForFraction(0.5);
        GuestClock.Adjust(new() { modes = ADJ_STATUS, status = 0 });
        GuestClock.Sleep(Duration.FromSeconds(3L));
        StandsStill("after the interference");
        Check.That(ClockdProcess.Describe().Counters.Interferences == 1, clockd.Log);
    }

    private static void A_stranger_is_not_heard()
    {
        using var clockd = Begin();
        try
        {
            using var stranger = new Steerer(user: 65_534);
        }
        catch (Exception end) when (end is RpcException { StatusCode: StatusCode.Unavailable } or HttpRequestException)
        {
            return; // hung up on: which of the two it is depends on how far the stranger's own HTTP/2 had come
        }

        throw new CheckFailedException("a stranger holds the lease");
    }

    private static ClockdProcess Begin()
    {
        GuestClock.Reset();
        return ClockdProcess.StartFresh();
    }

    private static void StandsStill(string when)
    {
        var start = GuestClock.AheadOfRaw;
        GuestClock.Sleep(Duration.FromSeconds(10L));
        Check.Near(Duration.Zero, GuestClock.AheadOfRaw - start, Duration.FromNanoseconds(5000), when);
    }

    private static void Accepted(SteerReply reply) => Check.That(reply.Code == 0, $"refused with {(StatusCode)reply.Code}: {reply.Message}");

    private static void Refused(SteerReply reply, StatusCode code) =>
        Check.That(reply.Code == (int)code, $"{(StatusCode)reply.Code} instead of {code}: {reply.Message}");
}
