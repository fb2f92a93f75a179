using TimeSuite.Ntpd.Clock;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

public sealed class LeapWatchTests
{
    private static readonly Duration Good = Duration.FromSeconds(0.001);

    [Theory]
    [InlineData(LeapSecond.Insert, 10)]
    [InlineData(LeapSecond.Delete, 9)]
    public void The_moment_is_midnight_or_a_second_before_it_and_comes_once(LeapSecond leap, int seconds)
    {
        var watch = new LeapWatch();
        watch.Look(Utc(2026, 12, 31, 23, 59, 50), Raw(1000), Good, table: leap, majority: LeapSecond.None);

        Assert.Equal(Raw(1000 + seconds), watch.Due);
        Assert.False(watch.TryPass(Raw(1000 + seconds - 0.001), out _));
        Assert.True(watch.TryPass(Raw(1000 + seconds), out var passed));
        Assert.Equal(leap, passed);

        // An inserted second is over: by UTC it is the last second of the same day once more, and it must not leap again.
        watch.Look(Utc(2026, 12, 31, 23, 59, 59), Raw(1000 + seconds + 0.1), Good, table: leap, majority: leap);
        Assert.Equal(LeapSecond.None, watch.Pending);
        Assert.Null(watch.Due);
    }

    [Theory]
    [InlineData(2026, 12, 30)]
    [InlineData(2026, 3, 31)]
    [InlineData(2026, 6, 29)]
    public void A_majority_that_announces_a_leap_on_another_day_is_not_believed(int year, int month, int day)
    {
        var watch = new LeapWatch();
        watch.Look(Utc(year, month, day, 23, 0, 0), Raw(0), Good, table: null, majority: LeapSecond.Insert);

        Assert.Equal(LeapSecond.None, watch.Pending);
    }

    [Fact]
    public void The_tables_word_counts_more_than_the_majoritys()
    {
        var watch = new LeapWatch();
        watch.Look(Utc(2026, 12, 31, 12, 0, 0), Raw(0), Good, table: LeapSecond.None, majority: LeapSecond.Insert);

        Assert.Equal(LeapSecond.None, watch.Pending);
    }

    [Fact]
    public void A_clock_that_is_not_known_to_a_second_does_not_leap()
    {
        var watch = new LeapWatch();
        watch.Look(Utc(2026, 12, 31, 12, 0, 0), Raw(0), Duration.FromSeconds(16L), table: LeapSecond.Insert, majority: LeapSecond.Insert);

        Assert.Null(watch.Due);
    }

    [Fact]
    public void Samples_around_the_moment_are_of_neither_side()
    {
        var watch = new LeapWatch();
        watch.Look(Utc(2026, 12, 31, 23, 59, 50), Raw(0), Good, table: LeapSecond.Insert, majority: LeapSecond.None);

        Assert.False(watch.IsDoubtful(Raw(7.5)));
        Assert.True(watch.IsDoubtful(Raw(9)));
        watch.TryPass(Raw(10), out _);
        Assert.True(watch.IsDoubtful(Raw(11)));
        Assert.False(watch.IsDoubtful(Raw(12.5)));
    }

    private static Instant<Raw> Raw(double seconds) => new(Duration.FromSeconds(seconds));

    private static Instant<Utc> Utc(int year, int month, int day, int hour, int minute, int second) =>
        new(Duration.FromSeconds((long)(new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalSeconds));
}
