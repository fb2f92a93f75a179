using TimeSuite.Linux;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

public sealed class ServingClockTests : IDisposable
{
    private readonly ShadowPage _page = new(Duration.FromSeconds(5L));

    public void Dispose() => _page.Dispose();

    [Fact]
    public void A_stamp_of_the_kernels_is_carried_over_to_the_served_clock()
    {
        var (clock, stamp) = LookSoonAfterAStamp();

        Assert.True(clock.TryMap(new KernelStamp(stamp.SinceEpoch.Nanoseconds), out var time));

        Assert.InRange((time - NtpTimestamp.FromUtc(stamp)).Seconds, 4.99, 5.01);
    }

    [Fact]
    public void Both_stamps_of_a_reply_are_on_one_line_even_when_the_served_clock_was_stepped_between_them()
    {
        var clock = new ServingClock(_page.Clock);
        var stamp = Clocks.Realtime();
        _page.Shadow.StepBy(Duration.FromSeconds(0.5), 1, ShadowPage.Now());
        _page.Publish();
        Assert.True(clock.TryLook(answered: 0));

        var received = clock.Received(new KernelStamp(stamp.SinceEpoch.Nanoseconds));

        Assert.InRange((received - NtpTimestamp.FromUtc(stamp)).Seconds, 5.49, 6.5); // on the new line, not on the old
        Assert.InRange((clock.Departure(0) - received).Seconds, 0, 0.4);
    }

    [Fact]
    public void Without_a_stamp_or_with_one_of_the_future_or_of_long_ago_the_look_is_taken()
    {
        var (clock, stamp) = LookSoonAfterAStamp();
        long before = stamp.SinceEpoch.Nanoseconds;
        var look = clock.Received(default);

        Assert.Equal(look, clock.Received(new KernelStamp(before + 3_600_000_000_000)));
        Assert.Equal(look, clock.Received(new KernelStamp(before - 3_600_000_000_000)));
        Assert.NotEqual(look, clock.Received(new KernelStamp(before)));
    }

    [Fact]
    public void Replies_leave_one_after_the_other_and_after_the_look()
    {
        var clock = new ServingClock(_page.Clock);
        Assert.True(clock.TryLook(answered: 0));
        var look = clock.Received(default);

        for (int ordinal = 0; ordinal < 64; ordinal++)
        {
            Assert.True((clock.Departure(ordinal) - look).Sign > 0);
            Assert.True((clock.Departure(ordinal + 1) - clock.Departure(ordinal)).Sign > 0);
        }

        Assert.InRange((clock.Departure(63) - look).Seconds, 1e-6, 1e-3);
    }

    [Fact]
    public void An_unbelievably_slow_batch_does_not_push_departures_far_into_the_future()
    {
        var clock = new ServingClock(_page.Clock);
        for (int batch = 0; batch < 100; batch++)
        {
            Assert.True(clock.TryLook(answered: 1));
            Thread.Sleep(1);
        }

        Assert.InRange((clock.Departure(0) - clock.Received(default)).Seconds, 0, 10e-6);
    }

    /// <summary>However busy the machine is: a stamp that is older than 0.1 s at the look is not used.</summary>
    private (ServingClock Clock, Instant<Utc> Stamp) LookSoonAfterAStamp()
    {
        while (true)
        {
            var clock = new ServingClock(_page.Clock);
            var stamp = Clocks.Realtime();
            Assert.True(clock.TryLook(answered: 0));
            if ((Clocks.Realtime() - stamp).Seconds < 0.05)
            {
                return (clock, stamp);
            }
        }
    }
}
