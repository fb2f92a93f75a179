using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Clockd.Tests;

public sealed class ShadowClockTests
{
    private static readonly FrequencyOffset s_limit = FrequencyOffset.FromPpm(500);

    [Fact]
    public void Starts_as_wrong_as_it_is_told_to()
    {
        var clock = ShadowClock.Resume(null, Duration.FromSeconds(0.05), FrequencyOffset.FromPpm(30), At(0));

        Assert.Equal(0.05, Error(clock, At(0)), precision: 12);
        Assert.Equal(0.05 + 0.03, Error(clock, At(1000)), precision: 12);
        Assert.Equal(FrequencyOffset.Zero, clock.Read(At(1000)).Frequency); // the oscillator's error is not shown
    }

    [Fact]
    public void Steering_against_the_oscillator_holds_it()
    {
        var clock = ShadowClock.Resume(null, Duration.Zero, FrequencyOffset.FromPpm(30), At(0));
        clock.Steer(FrequencyOffset.FromPpm(-30), slew: null, At(100));

        Assert.Equal(0.003, Error(clock, At(100)), precision: 12);
        Assert.Equal(0.003, Error(clock, At(5000)), precision: 12);
    }

    [Theory]
    [InlineData(0.01, 0, 20)] // at 500 ppm
    [InlineData(-0.01, 100, 100)]
    [InlineData(0.01, 1, 20)] // faster than allowed
    public void A_slew_is_a_straight_line_and_ends_by_itself(double phase, double duration, double takes)
    {
        var clock = ShadowClock.Resume(null, Duration.Zero, FrequencyOffset.Zero, At(0));
        clock.Steer(FrequencyOffset.Zero, new(Duration.FromSeconds(phase), Duration.FromSeconds(duration), s_limit), At(10));

        Assert.Equal(phase / 4, Error(clock, At(10 + (takes / 4))), precision: 9);
        Assert.Equal(phase * 3 / 4, clock.Read(At(10 + (takes / 4))).PendingPhase.Seconds, precision: 9);
        Assert.Equal(phase, Error(clock, At(10 + takes)), precision: 9);
        Assert.Equal(phase, Error(clock, At(10_000)), precision: 9);
        Assert.Equal(Duration.Zero, clock.Read(At(10 + takes + 0.001)).PendingPhase);
    }

    [Fact]
    public void A_frequency_alone_leaves_the_slew_running()
    {
        var clock = ShadowClock.Resume(null, Duration.Zero, FrequencyOffset.Zero, At(0));
        clock.Steer(FrequencyOffset.Zero, new(Duration.FromSeconds(0.01), Duration.Zero, s_limit), At(0));
        clock.Steer(FrequencyOffset.FromPpm(10), slew: null, At(10));

        Assert.Equal(0.005, clock.Read(At(10)).PendingPhase.Seconds, precision: 9);
        Assert.Equal(0.01 + (90 * 10e-6), Error(clock, At(100)), precision: 9);
    }

    [Fact]
    public void An_ended_slew_leaves_the_clock_where_it_is()
    {
        var clock = ShadowClock.Resume(null, Duration.Zero, FrequencyOffset.Zero, At(0));
        clock.Steer(FrequencyOffset.Zero, new(Duration.FromSeconds(0.01), Duration.Zero, s_limit), At(0));
        clock.EndSlew(At(10));

        Assert.Equal(0.005, Error(clock, At(10)), precision: 9);
        Assert.Equal(0.005, Error(clock, At(1000)), precision: 9);
    }

    [Fact]
    public void A_step_is_a_step_and_drops_the_slew()
    {
        var clock = ShadowClock.Resume(null, Duration.Zero, FrequencyOffset.Zero, At(0));
        clock.Steer(FrequencyOffset.Zero, new(Duration.FromSeconds(0.01), Duration.Zero, s_limit), At(0));
        clock.StepBy(Duration.FromSeconds(-3.25), generation: 1, At(10));

        Assert.Equal(0.005 - 3.25, Error(clock, At(10)), precision: 9);
        Assert.Equal(0.005 - 3.25, Error(clock, At(1000)), precision: 9);
        Assert.Equal(1UL, clock.Segments[^1].Generation);
    }

    [Fact]
    public void Suspended_time_is_added_but_not_the_jitter_of_reading_it()
    {
        var clock = ShadowClock.Resume(null, Duration.Zero, FrequencyOffset.Zero, At(0));
        var slept = At(100) with { Suspended = Duration.FromSeconds(3600L) };

        Assert.Equal(3600, Error(clock, slept), precision: 9);
        Assert.Equal(0, Error(clock, At(100) with { Suspended = Duration.FromSeconds(0.0001) }), precision: 12);
        clock.Steer(FrequencyOffset.FromPpm(1), slew: null, slept);
        Assert.Equal(3600 + 0.0001, Error(clock, slept with { Raw = At(200).Raw, Realtime = At(200).Realtime }), precision: 9);
    }

    [Fact]
    public void A_stamp_is_mapped_by_the_segment_in_force_at_its_instant()
    {
        using var host = new Host();
        var lease = host.Steer();
        var before = host.Now();
        host.Pass(5);
        Assert.Equal(Grpc.Core.StatusCode.OK, host.StepBy(lease, 100).Code);
        host.Pass(5);
        var page = host.ReadPage();

        Assert.True(page.TryMap(before.Raw + Duration.FromSeconds(1L), default, out var then, out ulong generation));
        Assert.Equal((Host.Noon + Duration.FromSeconds(1L), 0UL), (then, generation));
        Assert.True(page.TryMap(host.Now().Raw, default, out then, out generation));
        Assert.Equal((Host.Noon + Duration.FromSeconds(110L), 1UL), (then, generation));
        Assert.False(page.TryMap(before.Raw - Duration.FromSeconds(1L), default, out _, out _));
    }

    [Fact]
    public void A_hundred_changes_make_no_step_and_leave_the_last_eight_segments()
    {
        var clock = ShadowClock.Resume(null, Duration.Zero, FrequencyOffset.Zero, At(0));
        var random = new Random(1);
        double longest = 0;
        for (int change = 1; change <= 100; change++)
        {
            var now = At(change * 3);
            double before = Error(clock, now);
            clock.Steer(
                FrequencyOffset.FromPpm((random.NextDouble() - 0.5) * 900),
                random.Next(2) == 0 ? null : new(Duration.FromSeconds(random.NextDouble() - 0.5), Duration.Zero, s_limit), now);
            longest = Math.Max(longest, Math.Abs(Error(clock, now) - before));
            Assert.InRange(clock.Segments.Count, 1, 8);
        }

        Assert.Equal(0, longest);
    }

    private static Moment At(double seconds) => new(new(Duration.FromSeconds(seconds)), default, Host.Noon + Duration.FromSeconds(seconds), default);

    private static double Error(ShadowClock clock, Moment now) => (clock.Read(now).Time - now.Realtime).Seconds;
}
