using TimeSuite.Linux;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

public sealed class SteeredClockTests
{
    [Fact]
    public void A_shadow_clock_shows_what_its_page_says()
    {
        using var page = new ShadowPage(Duration.FromSeconds(5L));

        Assert.True(page.Clock.TryRead(out var reading));
        var system = Clocks.Read();
        Assert.True(page.Clock.TryShow(system.Raw, system.Realtime, out var time));

        Assert.Equal(TimePageKind.Shadow, page.Clock.Kind);
        Assert.InRange((time - system.Realtime).Seconds, 4.99, 5.01);
        Assert.True(reading.At <= system.Raw);
    }

    [Fact]
    public void The_phase_that_is_still_to_come_is_told_apart_from_the_reading()
    {
        using var page = new ShadowPage(Duration.Zero);
        page.Shadow.Steer(FrequencyOffset.FromPpm(20), new Slew(Duration.FromSeconds(0.01), Duration.FromSeconds(100L), FrequencyOffset.FromPpm(500)), ShadowPage.Now());
        page.Publish();

        Assert.True(page.Clock.TryRead(out var reading));

        Assert.InRange(reading.PendingPhase.Seconds, 0.0095, 0.0100001); // of 10 ms in 100 s, all but what the moment since took
        Assert.Equal(20, reading.Frequency.Ppm, 6);
    }

    /// <summary>Of 8 ms a quarter goes each second, from the full second on; 1 ms is left of what the running second does.</summary>
    [Theory]
    [InlineData(0.5, 9)]
    [InlineData(0.75, 8.5)]
    [InlineData(0.99999, 8)]
    [InlineData(1, 8)]
    [InlineData(1.5, 7)]
    [InlineData(2, 6)]
    [InlineData(2.5, 5.25)]
    [InlineData(3, 4.5)]
    public void What_the_kernel_is_going_to_do_is_known_within_its_seconds(double after, double expected)
    {
        var written = new Moment(new(Duration.FromSeconds(100L)), default, new(Duration.FromSeconds(1_800_000_000.5)), default);
        var state = new ClockState { PendingPhase = Duration.FromSeconds(0.008), Running = Duration.FromSeconds(0.001), TimeConstant = 0 };
        var page = TimePageReading.Of(new KernelClock(new KernelAdjtimex(), setsRtc: false), state, default, written, Duration.Zero, 0, written);
        var later = Duration.FromSeconds(after - 0.5);

        Assert.True(SteeredClock.TryRead(page, new(written.Raw + later, written.Realtime + later, Duration.Zero), Duration.Zero, out var reading));

        Assert.Equal(expected, reading.PendingPhase.Seconds * 1e3, tolerance: 1e-4);
    }

    [Fact]
    public void Without_a_page_there_is_no_reading_and_with_one_later_there_is()
    {
        string directory = Directory.CreateTempSubdirectory("timesuite-nopage-").FullName;
        try
        {
            using var clock = new SteeredClock(Path.Combine(directory, "clock"));
            Assert.False(clock.TryRead(out _));
            Assert.Equal(TimePageKind.None, clock.Kind);

            using var writer = TimePageWriter.Open(Path.Combine(directory, "clock"), BootId.Read());
            var now = ShadowPage.Now();
            var shadow = ShadowClock.Resume(null, Duration.Zero, FrequencyOffset.Zero, now);
            writer.Publish(TimePageReading.Of(shadow, shadow.Read(now), default, now, Duration.Zero, 0, now));
            Assert.True(clock.TryRead(out _));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void A_page_that_was_replaced_is_read_from_the_next_opening_of_the_link_on()
    {
        string directory = Directory.CreateTempSubdirectory("timesuite-newpage-").FullName;
        try
        {
            string path = Path.Combine(directory, "clock");
            using var clock = new SteeredClock(path);
            using var old = Write(path, Duration.Zero);
            Assert.InRange(Ahead(clock), -0.1, 0.1);
            Assert.False(clock.Reopen()); // the same file

            File.Delete(path);
            Assert.False(clock.Reopen()); // none: the old one is better than nothing
            File.Delete(path + ".lock");
            using var present = Write(path, Duration.FromSeconds(5L));
            Assert.InRange(Ahead(clock), -0.1, 0.1);

            Assert.True(clock.Reopen());
            Assert.InRange(Ahead(clock), 4.9, 5.1);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static TimePageWriter Write(string path, Duration offset)
    {
        var writer = TimePageWriter.Open(path, BootId.Read());
        var now = ShadowPage.Now();
        var shadow = ShadowClock.Resume(null, offset, FrequencyOffset.Zero, now);
        writer.Publish(TimePageReading.Of(shadow, shadow.Read(now), default, now, Duration.Zero, 0, now));
        return writer;
    }

    private static double Ahead(SteeredClock clock)
    {
        Assert.True(clock.TryRead(out var reading));
        return (reading.Reading - Clocks.Read().Realtime).Seconds;
    }
}
