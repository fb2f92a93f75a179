using Grpc.Core;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd.Tests;

/// <summary>Lease, page and audit trail on a simulated machine.</summary>
public sealed class ClockSessionTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_slew_is_worked_off_and_then_nothing_ticks(bool isShadow)
    {
        using var host = new Host(isShadow);
        var lease = host.Steer();
        var reply = host.Adjust(lease, ppm: 0, phase: 0.0015);

        Assert.Equal(StatusCode.OK, reply.Code);
        Assert.Equal(0.0015, reply.Pending.Seconds, precision: 8);
        Assert.True(host.IsTicking);
        for (int second = 0; second < 40; second++)
        {
            host.Pass(1);
            host.Renew(lease);
        }

        Assert.False(host.IsTicking);
        Assert.InRange(host.ReadPage().PendingPhase.Magnitude.Nanoseconds, 0, 1000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_silent_holder_loses_the_lease_while_phase_is_pending_and_the_slew_ends(bool isShadow)
    {
        using var host = new Host(isShadow);
        bool aborted = false;
        var lease = host.Session.Open("uid 997 pid 1", () => aborted = true);
        host.Adjust(lease, ppm: 5, phase: 0.4);
        host.Pass(10);
        Assert.False(aborted);
        host.Pass(2);

        Assert.True(aborted && lease.IsOver);
        Assert.Equal(StatusCode.Aborted, host.Adjust(lease, ppm: 400).Code);
        host.Pass(2); // the second that was running
        var state = host.Clock.Read(host.Now());
        Assert.Equal((Duration.Zero, 5.0), (state.PendingPhase, Math.Round(state.Frequency.Ppm, 3)));
        Assert.Equal(1UL, host.Session.Describe("").Counters.LeasesExpired);
        Assert.Contains(host.Log.Lines, line => line.Line.Contains("the lease ran out", StringComparison.Ordinal));
    }

    [Fact]
    public void An_idle_holder_needs_no_heartbeat()
    {
        using var host = new Host();
        var lease = host.Steer();
        host.Adjust(lease, ppm: 100);
        host.Pass(100_000);

        Assert.Equal(StatusCode.OK, host.Adjust(lease, ppm: 101).Code);
    }

    /// <summary>SIGSTOP of clockd: no tick runs, and when it goes on the queue is there before the tick.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nothing_queued_is_applied_after_the_lease_ran_out_while_clockd_was_stopped(bool isShadow)
    {
        using var host = new Host(isShadow);
        var lease = host.Steer();
        host.Adjust(lease, ppm: 0, phase: 0.5);
        var patient = host.Now().Boot + Duration.FromSeconds(3600L); // even if the message itself would not be too late
        host.Pass(60, isStopped: true);
        var queued = host.Carry(lease, new() { Frequency = FrequencyOffset.FromPpm(500), Slew = (Duration.FromSeconds(0.9), Duration.Zero) }, patient);

        Assert.Equal(StatusCode.Aborted, queued.Code);
        Assert.Equal(0, host.Clock.Read(host.Now()).Frequency.Ppm);
        Assert.Equal(StatusCode.Aborted, host.Carry(lease, new() { Step = Duration.FromSeconds(1L) }, patient).Code);
        host.Pass(2);
        Assert.Equal(Duration.Zero, host.Clock.Read(host.Now()).PendingPhase);
    }

    [Fact]
    public void A_late_message_is_refused_and_changes_nothing()
    {
        using var host = new Host();
        var lease = host.Steer();
        var reply = host.Carry(lease, new() { Frequency = FrequencyOffset.FromPpm(1) }, host.Now().Boot - Duration.FromSeconds(1L));

        Assert.Equal((StatusCode.DeadlineExceeded, 0.0), (reply.Code, host.Clock.Read(host.Now()).Frequency.Ppm));
    }

    [Fact]
    public void A_second_holder_is_told_who_the_first_one_is()
    {
        using var host = new Host();
        var lease = host.Steer("uid 997 pid 1234 (ntpd)");

        var refusal = Assert.Throws<RpcException>(() => host.Session.Open("uid 997 pid 1235", () => { }));
        Assert.Equal((StatusCode.FailedPrecondition, "the lease is held by uid 997 pid 1234 (ntpd)"), (refusal.StatusCode, refusal.Status.Detail));
        host.Session.Close(lease);
        Assert.NotNull(host.Session.Open("uid 997 pid 1235", () => { }));
    }

    [Fact]
    public void A_call_that_ends_ends_its_slew()
    {
        using var host = new Host();
        var lease = host.Steer();
        host.Adjust(lease, ppm: 0, phase: 0.4);
        host.Pass(5);
        host.Session.Close(lease);

        Assert.Equal((Duration.Zero, false), (host.Clock.Read(host.Now()).PendingPhase, host.IsTicking));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Kill_9_makes_no_step_and_a_slew_without_owner_ends(bool isShadow)
    {
        using var host = new Host(isShadow, oscillator: isShadow ? FrequencyOffset.FromPpm(30) : default);
        host.Adjust(host.Steer(), ppm: 7, phase: 0.4);
        host.Pass(5);
        var before = host.Clock.Read(host.Now());
        host.Restart();
        var after = host.Clock.Read(host.Now());

        Assert.Equal((before.Time, before.PendingPhase, before.TimeConstant), (after.Time, after.PendingPhase, after.TimeConstant));
        Assert.Equal(before.Frequency.Ppm, after.Frequency.Ppm, precision: 9);
        host.Pass(5);
        Assert.NotEqual(Duration.Zero, host.Clock.Read(host.Now()).PendingPhase);
        host.Pass(10);
        Assert.Equal(Duration.Zero, host.Clock.Read(host.Now()).PendingPhase);
    }

    [Fact]
    public void A_shadow_whose_clockd_is_dead_stops_at_the_planned_end()
    {
        using var host = new Host();
        host.Adjust(host.Steer(), ppm: 0, phase: 0.01);
        var page = host.ReadPage();
        Assert.True(page.TryMap(host.Now().Raw + Duration.FromSeconds(10_000L), default, out var later, out _));

        Assert.Equal(10_000.01, (later - host.Time).Seconds, precision: 9);
    }

    [Fact]
    public void What_was_announced_survives_a_restart()
    {
        using var host = new Host();
        host.Announce(host.Steer(), tai: 37, bound: 0.002);
        host.Pass(10);
        host.Restart();
        var page = host.ReadPage();

        Assert.True(page.IsSynchronizedAt(host.Now().Raw, Duration.Zero));
        Assert.Equal(37, page.TaiOffset);
        Assert.InRange(page.BoundAt(host.Now().Raw).Seconds, 0.002, 0.0021);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_published_bound_covers_the_pending_phase_and_grows_at_least_at_our_rate(bool isShadow)
    {
        using var host = new Host(isShadow);
        var lease = host.Steer();
        host.Announce(lease, bound: 0); // claims perfection and no growth
        host.Adjust(lease, ppm: 0, phase: -0.3);
        for (int second = 0; second < 60; second++)
        {
            host.Pass(1);
            host.Renew(lease);
            var page = host.ReadPage();
            Assert.True(page.BoundAt(host.Now().Raw) > host.Clock.Read(host.Now()).PendingPhase.Magnitude);
        }

        Assert.Equal(0.1, host.ReadPage().BoundGrowth.Ppb, precision: 6);
    }

    [Fact]
    public void A_step_makes_the_old_claim_worth_as_little_as_the_step_was_large()
    {
        using var host = new Host();
        var lease = host.Steer();
        host.StepBy(lease, 1000);

        Assert.True(host.ReadPage().Bound.Seconds > 1000);
        host.Announce(lease, bound: 0.001);
        Assert.InRange(host.ReadPage().Bound.Seconds, 0.001, 0.0011);
        Assert.Equal(1UL, host.ReadPage().StepGeneration);
    }

    [Fact]
    public void A_clock_below_the_floor_is_raised_at_the_start()
    {
        using var host = new Host(start: Host.At("1970-01-02T00:00:00Z"));

        Assert.Equal(Host.BuildDate, host.Time);
        Assert.Contains(host.Log.Lines, line => line.Line.Contains("floor", StringComparison.Ordinal));
        Assert.Equal(StatusCode.OK, host.StepBy(host.Steer(), 1e8).Code); // the three steps of the boot are still there
        Assert.Equal(3 - 1, (int)host.Session.Describe("").Counters.BootStepsLeft);
    }

    [Fact]
    public void The_kernels_clock_below_the_floor_is_raised_too()
    {
        using var host = new Host(isShadow: false, start: Host.At("1970-01-02T00:00:00Z"));

        Assert.Equal(Host.BuildDate.SinceEpoch.WholeSeconds, host.Kernel.Seconds);
    }

    [Fact]
    public void The_first_synchronisation_is_said_with_the_policy_that_is_in_force()
    {
        using var host = new Host();
        host.Announce(host.Steer());

        Assert.Contains("policy default", Assert.Single(host.Log.Lines, line => line.Line.Contains("first synchronisation", StringComparison.Ordinal)).Line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_permit_is_good_for_one_step_with_an_alarm()
    {
        using var host = new Host();
        var lease = host.Steer();
        host.Announce(lease);
        Assert.Equal(StatusCode.FailedPrecondition, host.StepBy(lease, 2).Code);
        host.Session.PermitStep("uid 0 pid 2", Duration.FromSeconds(5L), Duration.FromSeconds(60L));
        Assert.Equal(StatusCode.OutOfRange, host.StepBy(lease, 6).Code);
        Assert.Equal(StatusCode.OK, host.StepBy(lease, 2).Code);
        Assert.Equal(StatusCode.FailedPrecondition, host.StepBy(lease, 2).Code);
        Assert.Contains(host.Log.Lines, line => line.Level == LogLevel.Warning && line.Line.Contains("step of 2", StringComparison.Ordinal));
    }

    [Fact]
    public void A_kernel_that_refuses_is_an_answer_not_a_crash()
    {
        using var host = new Host(isShadow: false);
        var lease = host.Steer();
        host.Kernel.IsForbidden = true;

        Assert.Equal(StatusCode.Internal, host.Adjust(lease, ppm: 1).Code);
    }

    [Fact]
    public void End_slews_ends_what_a_killed_clockd_left()
    {
        using var host = new Host(isShadow: false);
        host.Adjust(host.Steer(), ppm: 0, phase: 0.4);
        host.Restart();

        host.Session.EndSlews();
        Assert.Equal(Duration.Zero, host.Clock.Read(host.Now()).PendingPhase);
    }
}
