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
        ServingClock clock;
        Instant<Utc> stamp;
        double ahead = 5;
        do // however busy the machine is
        {
            clock = new ServingClock(_page.Clock);
            stamp = Clocks.Realtime();
            _page.Shadow.StepBy(Duration.FromSeconds(0.5), 1, ShadowPage.Now());
            ahead += 0.5;
            _page.Publish();
            Assert.True(clock.TryLook(answered: 0));
        }
        while ((Clocks.Realtime() - stamp).Seconds > 0.05);

        var received = clock.Received(new KernelStamp(stamp.SinceEpoch.Nanoseconds));

        Assert.InRange((received - NtpTimestamp.FromUtc(stamp)).Seconds, ahead - 0.01, ahead + 0.06); // on the new line, not on the old
        Assert.InRange((clock.Departure(0) - received).Seconds, 0, 0.06);
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

    [Theory]
    [InlineData(0.1)]
    [InlineData(-0.1)]
    [InlineData(0.01)]
    [InlineData(-0.000_020)]
    public void A_small_step_of_the_systems_clock_after_an_idle_second_is_not_taken_for_a_slew(double step)
    {
        var kernel = new ScriptedKernel();
        var clock = new ServingClock(_page.Clock, kernel.Read);
        Assert.True(clock.TryLook(answered: 0));
        kernel.Pass(1_000_000_000);
        var stamp = kernel.Stamp();
        kernel.Pass(30_000);
        kernel.StepBy((long)(step * 1e9));

        Assert.True(clock.TryLook(answered: 0));

        Assert.False(clock.TryMap(stamp, out _));
        Assert.Equal(clock.Received(default), clock.Received(stamp)); // the look, not a tenth of a second before it
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(-0.1)]
    [InlineData(0.0005)]
    public void A_slew_however_quick_and_long_leaves_stamps_good_and_their_age_is_counted_in_true_time(double slew)
    {
        var kernel = new ScriptedKernel { Slew = slew };
        var clock = new ServingClock(_page.Clock, kernel.Read);
        Assert.True(clock.TryLook(answered: 0));
        kernel.Pass(1_000_000_000);
        var stamp = kernel.Stamp();
        kernel.Pass(5_000_000);

        Assert.True(clock.TryLook(answered: 0));

        Assert.True(clock.TryMap(stamp, out var time));
        Assert.InRange((clock.Received(default) - time).Seconds, 0.005 - 1e-6, 0.005 + 1e-6);
    }

    [Fact]
    public void A_thread_that_is_interrupted_between_two_readings_looks_again()
    {
        var kernel = new ScriptedKernel();
        var clock = new ServingClock(_page.Clock, kernel.Read);
        Assert.True(clock.TryLook(answered: 0));
        var stamp = kernel.Stamp();
        kernel.InterruptNext(500_000);

        Assert.True(clock.TryLook(answered: 0));

        Assert.True(clock.TryMap(stamp, out var time));
        Assert.InRange((clock.Received(default) - time).Seconds, 0.0005, 0.000_502);
    }

    [Fact]
    public void The_systems_clock_when_it_is_served_shows_what_the_kernel_stamped()
    {
        _page.PublishSystem();
        var kernel = new ScriptedKernel { Slew = 0.08 };
        var clock = new ServingClock(_page.Clock, kernel.Read);
        Assert.True(clock.TryLook(answered: 0));
        kernel.Pass(1_000_000_000);
        var (stamp, shown) = (kernel.Stamp(), kernel.Realtime);
        kernel.Pass(5_000_000);
        Assert.True(clock.TryLook(answered: 0));

        Assert.True(clock.TryMap(stamp, out var time));

        Assert.InRange((time - NtpTimestamp.FromUtc(shown)).Seconds, -2e-9, 2e-9);
    }

    /// <summary>Requests wait up to 2 ms while somebody steps and slews the system's clock as he likes: what the shadow shows is not moved by it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_is_done_to_the_systems_clock_a_request_never_came_earlier_than_it_did_nor_after_its_reply(int seed)
    {
        var random = new Random(seed);
        var kernel = new ScriptedKernel();
        var clock = new ServingClock(_page.Clock, kernel.Read);
        Assert.True(clock.TryLook(answered: 0));
        int mapped = 0;
        for (int number = 0; number < 20_000; number++)
        {
            kernel.Pass(random.Next(1_000_000, 60_000_000));
            if (random.Next(10) == 0)
            {
                kernel.Slew = (random.NextDouble() - 0.5) / 5;
                kernel.Pass(1_000_000);
                Assert.True(clock.TryLook(answered: 0)); // whoever is idle when the slew begins errs by it for one batch
                kernel.Pass(1_000_000);
            }

            var stamp = kernel.Stamp();
            int waited = random.Next(2_000_000);
            kernel.Pass(waited);
            if (random.Next(20) == 0)
            {
                kernel.StepBy((long)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(3, 10))));
            }

            Assert.True(clock.TryLook(answered: 0));
            double age = (clock.Received(default) - clock.Received(stamp)).Seconds * 1e9;
            mapped += clock.TryMap(stamp, out _) ? 1 : 0;
            Assert.InRange(age, 0, waited + 5_000 + (0.03 * waited)); // a step below 5 us may pass; one batch may be reckoned with the slew of before
            Assert.True((clock.Departure(0) - clock.Received(stamp)).Sign > 0);
        }

        Assert.InRange(mapped, 10_000, 20_000); // most stamps are used
    }

    /// <summary>The kernel's clocks as a test moves them. Each reading takes 25 ns.</summary>
    private sealed class ScriptedKernel
    {
        private readonly long _start = Clocks.Raw().SinceEpoch.Nanoseconds; // the page knows nothing of long ago
        private long _raw, _interruption;
        private double _steady = 1e12, _stepped = 1.7e18;

        public double Slew { get; set; }

        public Instant<Utc> Realtime => new(Duration.FromNanoseconds((long)_stepped) + Duration.FromNanoseconds((long)_steady));

        public void Pass(long nanoseconds) => (_raw, _steady) = (_raw + nanoseconds, _steady + (nanoseconds * (1 + Slew)));

        public void StepBy(long nanoseconds) => _stepped += nanoseconds;

        public void InterruptNext(long nanoseconds) => _interruption = nanoseconds;

        public KernelStamp Stamp() => new(Realtime.SinceEpoch.Nanoseconds);

        public ClockGlance Read()
        {
            var steady = Duration.FromNanoseconds((long)_steady);
            Pass(25);
            var raw = new Instant<Raw>(Duration.FromNanoseconds(_start + _raw));
            Pass(25 + _interruption);
            _interruption = 0;
            return new(raw, steady, Realtime);
        }
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
