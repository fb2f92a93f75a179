using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Linux;
using TimeSuite.Policy;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;
using StatusCode = Grpc.Core.StatusCode;

namespace TimeSuite.Clockd.Tests;

/// <summary>What clockd does of itself: confirms a time, ends a leap second, notices interference, keeps the books.</summary>
public sealed class UpkeepTests
{
    [Fact]
    public void Twenty_four_hours_of_synchronisation_confirm_a_time_for_the_next_boot()
    {
        using var host = new Host();
        var lease = host.Steer();
        for (int minute = 0; minute < 26 * 60; minute++)
        {
            host.Announce(lease);
            host.Pass(60);
            host.Session.Housekeep();
        }

        host.Stop();
        Assert.True(StateText.TryRead(File.ReadAllText(host.DiskFile), out var saved));
        Assert.InRange((host.Time - saved.SavedTime).Seconds, 0, 3700);
    }

    [Fact]
    public void An_unsynchronised_day_confirms_nothing()
    {
        using var host = new Host();
        var lease = host.Steer();
        host.Announce(lease);
        for (int minute = 0; minute < 26 * 60; minute++)
        {
            host.Pass(60); // the announcement goes stale
            host.Session.Housekeep();
        }

        host.Stop();
        Assert.True(StateText.TryRead(File.ReadAllText(host.DiskFile), out var saved));
        Assert.Equal(default, saved.SavedTime);
    }

    [Theory]
    [InlineData(true, LeapSecond.Insert)]
    [InlineData(false, LeapSecond.Insert)]
    [InlineData(true, LeapSecond.Delete)]
    public void A_leap_second_happens_once_and_changes_tai(bool isShadow, LeapSecond leap)
    {
        using var host = new Host(isShadow, start: Host.At("2027-06-30T23:59:00Z"));
        var lease = host.Steer();
        Assert.Equal(StatusCode.OK, host.Announce(lease, leap: leap, tai: 37).Code);
        Assert.Equal(leap, host.ReadPage().Leap);
        var before = host.Time;
        for (int second = 0; second < 120; second++)
        {
            host.Pass(1);
            host.Session.Housekeep();
        }

        int sign = leap == LeapSecond.Insert ? 1 : -1;
        Assert.Equal(120 - sign, (host.Time - before).Seconds, precision: 6);
        Assert.Equal((LeapSecond.None, 37 + sign), (host.ReadPage().Leap, host.ReadPage().TaiOffset));
        Assert.Equal(0, host.Kernel.Status & (Timex.STA_INS | Timex.STA_DEL));
        Assert.True(isShadow || host.Kernel.Tai == 38);
    }

    /// <summary>Between midnight and the kernel's next tick the clock already shows the new day, and the leap second is still to come.</summary>
    [Fact]
    public void A_leap_second_is_not_taken_away_in_the_moment_before_the_kernel_makes_it()
    {
        using var host = new Host(isShadow: false, start: Host.At("2027-06-30T23:59:00Z"));
        var lease = host.Steer();
        host.Announce(lease, leap: LeapSecond.Insert, tai: 37);
        host.Pass(59);
        host.Kernel.MakeLate(1);
        Assert.Equal(Host.At("2027-07-01T00:00:00Z"), host.Time);
        host.Session.Housekeep();
        host.Announce(lease, leap: LeapSecond.None);
        Assert.NotEqual(0, host.Kernel.Status & Timex.STA_INS);
        host.Kernel.MakeLate(-1);
        for (int second = 0; second < 5; second++)
        {
            host.Pass(1);
            host.Session.Housekeep();
        }

        Assert.Equal((38, 0), (host.Kernel.Tai, host.Kernel.Status & Timex.STA_INS));
        Assert.Equal((LeapSecond.None, 38), (host.ReadPage().Leap, host.ReadPage().TaiOffset));
    }

    [Fact]
    public void Interference_with_a_slew_is_noticed_and_ends_it()
    {
        using var host = new Host(isShadow: false);
        var lease = host.Steer();
        host.Adjust(lease, ppm: 0, phase: 0.4);
        host.Kernel.Foreign(new() { modes = Timex.ADJ_STATUS, status = Timex.STA_UNSYNC });
        host.Pass(3);

        Assert.Equal(1UL, host.Session.Describe("").Counters.Interferences);
        Assert.Equal(Duration.Zero, host.Clock.Read(host.Now()).PendingPhase);
        Assert.Contains(host.Log.Lines, line => line.Level == LogLevel.Error);
    }

    [Fact]
    public void Ten_lines_a_minute_about_refusals_then_a_count()
    {
        using var host = new Host();
        var lease = host.Steer();
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            host.Adjust(lease, ppm: 1e9);
        }

        Assert.Equal(10, host.Log.Lines.Count(line => line.Line.StartsWith("refused", StringComparison.Ordinal)));
        host.Pass(60);
        host.Adjust(lease, ppm: 1e9);
        Assert.Contains(host.Log.Lines, line => line.Line.Contains("(990 more refusals had no line)", StringComparison.Ordinal));
        Assert.Equal(1001UL, host.Session.Describe("").Counters.Refusals);
    }

    [Fact]
    public void Applied_steering_makes_events_and_one_line_an_hour()
    {
        using var host = new Host();
        var lease = host.Steer();
        int lines = host.Log.Lines.Count;
        for (int minute = 0; minute < 120; minute++)
        {
            host.Adjust(lease, ppm: minute);
            host.Pass(60);
            host.Session.Housekeep();
        }

        Assert.Equal(2, host.Log.Lines.Count - lines);
        Assert.Equal(120, host.Audit.Since(0, out _, out _).Count(happened => happened.Kind == Event.Types.Kind.Adjust));
    }

    [Fact]
    public async Task The_last_1024_events_are_remembered_and_who_waits_hears_of_the_next()
    {
        var trail = new AuditTrail(NullLogger.Instance);
        for (int number = 0; number < 2000; number++)
        {
            trail.Note(Event.Types.Kind.Adjust, "", number.ToString(System.Globalization.CultureInfo.InvariantCulture), default);
        }

        var events = trail.Since(0, out long end, out var next);
        Assert.Equal((1024, "976", "1999", 2000L, false), (events.Length, events[0].Text, events[^1].Text, end, next.IsCompleted));
        Assert.Equal(["1998", "1999"], trail.Since(1998, out _, out _).Select(happened => happened.Text));
        trail.Note(Event.Types.Kind.Step, "", "one more", default);
        await next;
        Assert.Equal("one more", Assert.Single(trail.Since(end, out _, out _)).Text);
    }

    [Fact]
    public void The_published_bound_holds_what_the_running_second_has_still_to_do()
    {
        using var host = new Host(isShadow: false);
        var lease = host.Steer();
        host.Announce(lease);
        var bound = host.ReadPage().Bound;
        host.Adjust(lease, ppm: 0, phase: 0.2);
        for (int second = 0; second < 120; second++)
        {
            host.Pass(1);
            double rest = 0.2 - (host.Kernel.Slewed / 1e9); // just before this second's part
            Assert.True(host.ReadPage().BoundAt(host.Now().Raw).Seconds >= rest, $"second {second}: {host.ReadPage().Bound} and {rest} s to go");
            Assert.InRange(host.ReadPage().BoundAt(host.Now().Raw).Seconds, rest, rest + bound.Seconds + 0.002);
            host.Renew(lease);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_slew_that_is_ended_leaves_its_rest_in_the_bound(bool isShadow)
    {
        using var host = new Host(isShadow);
        var lease = host.Steer();
        host.Announce(lease);
        host.Adjust(lease, ppm: 0, phase: 0.2);
        host.Pass(3);

        host.Session.Close(lease);

        Assert.Equal(Duration.Zero, host.Clock.Read(host.Now()).PendingPhase);
        Assert.True(host.ReadPage().BoundAt(host.Now().Raw).Seconds > 0.19, $"bound {host.ReadPage().Bound}");
    }
}
