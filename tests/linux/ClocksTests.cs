using TimeSuite.Time;

namespace TimeSuite.Linux.Tests;

public sealed class ClocksTests
{
    [Fact]
    public void A_triple_lies_between_readings_before_and_after_it()
    {
        var rawBefore = Clocks.Raw();
        var realtimeBefore = Clocks.Realtime();
        var triple = Clocks.Read();
        var realtimeAfter = Clocks.Realtime();
        var rawAfter = Clocks.Raw();

        Assert.True(rawBefore <= triple.Raw && triple.Raw <= rawAfter);
        Assert.True(realtimeBefore <= triple.Realtime && triple.Realtime <= realtimeAfter);
        Assert.True(triple.HalfWidth.Sign >= 0 && triple.HalfWidth <= rawAfter - rawBefore);
    }

    [Fact]
    public void The_raw_and_the_boot_clock_never_run_backwards()
    {
        var raw = Clocks.Raw();
        var boot = Clocks.Boot();
        for (int count = 0; count < 1000; count++)
        {
            Assert.True(raw <= (raw = Clocks.Raw()));
            Assert.True(boot <= (boot = Clocks.Boot()));
        }
    }

    [Fact]
    public void The_system_clock_is_the_one_that_NET_shows()
    {
        var before = DateTimeOffset.UtcNow;
        double now = Clocks.Realtime().SinceEpoch.Seconds;
        var after = DateTimeOffset.UtcNow;

        Assert.InRange(now, (before - DateTimeOffset.UnixEpoch).TotalSeconds, (after - DateTimeOffset.UnixEpoch).TotalSeconds);
    }

    [Fact]
    public void Suspended_time_is_never_negative_beyond_the_readings_error() =>
        Assert.True(Clocks.Suspended() > Duration.FromSeconds(-0.01));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(0, 500_000_000)]
    [InlineData(-1, 999_999_999)]
    [InlineData(1_800_000_000, 999_999_999)]
    [InlineData(8_589_934_592, 123_456_789)]
    public void A_timespec_becomes_the_duration_of_its_nanoseconds_and_back(long seconds, long nanoseconds)
    {
        var time = new TimeSpec { tv_sec = seconds, tv_nsec = nanoseconds };

        var length = time.ToDuration();

        Assert.Equal(Duration.FromNanoseconds((seconds * 1_000_000_000) + nanoseconds), length);
        Assert.Equal(time, TimeSpec.From(length));
    }

    [Fact]
    public void A_timespec_converts_as_exactly_as_a_duration_does()
    {
        var random = new Random(1);
        for (int count = 0; count < 10_000; count++)
        {
            long nanoseconds = random.NextInt64(1_000_000_000);
            Assert.Equal(Duration.FromNanoseconds(nanoseconds), new TimeSpec { tv_nsec = nanoseconds }.ToDuration());
        }
    }

    [Fact]
    public void Reading_a_triple_allocates_nothing()
    {
        Clocks.Read();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int count = 0; count < 1000; count++)
        {
            Clocks.Read();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
