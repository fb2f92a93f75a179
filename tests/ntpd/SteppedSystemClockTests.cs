using TimeSuite.Linux;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

/// <summary>What is served while somebody steps the system's clock: readings and stamps are made up, and nobody's clock is touched.</summary>
public sealed class SteppedSystemClockTests : IDisposable
{
    private static readonly Instant<Utc> Epoch = new(Duration.FromSeconds(1_800_000_000L));
    private static readonly Instant<Raw> Boot = new(Duration.FromSeconds(1_000L));

    private readonly ShadowPage _page = new(Duration.FromSeconds(5L));
    private readonly Queue<ClockGlance> _readings = new();
    private readonly ServingClock _clock;

    public SteppedSystemClockTests()
    {
        _page.PublishSystem();
        _clock = new(_page.Clock, _readings.Dequeue);
    }

    public void Dispose() => _page.Dispose();

    [Theory]
    [InlineData(3_600)]
    [InlineData(-3_600)]
    [InlineData(0.2)]
    [InlineData(-0.2)]
    [InlineData(0.001)]
    [InlineData(-0.001)]
    public void Both_stamps_of_a_reply_are_on_the_new_line_when_the_request_came_before_a_step_and_the_reply_leaves_after_it(double step)
    {
        Look(at: 0);
        Look(at: 0.001, step);

        var received = _clock.Received(Stamp(at: 0.0009));

        Assert.InRange((received - Served(0.001, step)).Seconds, -1e-4, 0);
        Assert.InRange((_clock.Departure(0) - received).Seconds, 1e-9, 1e-4);
    }

    [Theory]
    [InlineData(3_600)]
    [InlineData(-0.2)]
    public void Stamps_mean_something_again_when_those_from_before_the_step_have_left_the_sockets(double step)
    {
        Look(at: 0);
        Look(at: 0.001, step);
        Look(at: 0.050, step);
        Assert.False(_clock.TryMap(Stamp(at: 0.049, step), out _));
        Look(at: 0.150, step);

        Assert.True(_clock.TryMap(Stamp(at: 0.149, step), out var received));

        Assert.InRange((received - Served(0.149, step)).Seconds, -1e-8, 1e-8);
    }

    [Fact]
    public void The_departure_of_a_reply_from_before_a_step_is_not_corrected_by_a_stamp_that_may_be_on_the_other_line()
    {
        Look(at: 0);
        Look(at: 0.001, step: -0.01);

        Assert.False(_clock.TryMap(Stamp(at: 0.0005), out _));
        Assert.False(_clock.TryMap(Stamp(at: 0.0009, step: -0.01), out _));
    }

    [Fact]
    public void A_fast_slew_is_no_step()
    {
        Look(at: 0);
        Look(new(RawAt(0.5), SteadyAt(0.55), UtcAt(0.5, step: 0.05))); // a tenth

        Assert.True(_clock.TryMap(Stamp(at: 0.499, step: 0.05), out var received));
        Assert.InRange((received - Served(0.499, 0.05)).Seconds, -1e-8, 1e-8);
    }

    [Fact]
    public void A_thread_that_was_interrupted_between_the_two_readings_reads_again_and_sees_no_step()
    {
        Look(at: 0);
        _readings.Enqueue(new(RawAt(0.001), SteadyAt(0.001), UtcAt(0.006, 0)));
        Look(at: 0.0061);

        Assert.True(_clock.TryMap(Stamp(at: 0.0009), out var received));
        Assert.InRange((received - Served(0.0009, 0)).Seconds, -1e-8, 1e-8);
    }

    [Fact]
    public void A_clock_that_is_not_the_systems_goes_on_smoothly_through_a_step_of_the_systems()
    {
        _page.Publish();
        var start = Clocks.Glance();
        Look(start);
        var before = _clock.Received(default);
        var after = Duration.FromSeconds(0.001);
        Look(new(start.Raw + after, start.Steady + after, start.Realtime + after + Duration.FromSeconds(3_600L)));

        var received = _clock.Received(new KernelStamp((start.Realtime + after.Half()).SinceEpoch.Nanoseconds));

        Assert.InRange((received - before).Seconds, 0.00099, 0.00101);
    }

    private void Look(double at, double step = 0) => Look(new ClockGlance(RawAt(at), SteadyAt(at), UtcAt(at, step)));

    /// <summary>A step makes the clock look three times, and see the same.</summary>
    private void Look(ClockGlance reading)
    {
        _readings.Enqueue(reading);
        _readings.Enqueue(reading);
        _readings.Enqueue(reading);
        Assert.True(_clock.TryLook(answered: 1));
        _readings.Clear();
    }

    private static KernelStamp Stamp(double at, double step = 0) => new(UtcAt(at, step).SinceEpoch.Nanoseconds);

    private static NtpTimestamp Served(double at, double step) => NtpTimestamp.FromUtc(UtcAt(at, step));

    private static Instant<Raw> RawAt(double seconds) => Boot + Duration.FromSeconds(seconds);

    private static Duration SteadyAt(double seconds) => Duration.FromSeconds(500L) + Duration.FromSeconds(seconds);

    private static Instant<Utc> UtcAt(double seconds, double step) => Epoch + Duration.FromSeconds(seconds) + Duration.FromSeconds(step);
}
