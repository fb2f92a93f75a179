using TimeSuite.Ptpd.Hardware;

namespace TimeSuite.Ptpd.Tests;

/// <summary>Which second a pulse begins, and when it begins none.</summary>
public sealed class PulseSecondsTests
{
    private static readonly Duration s_sure = Duration.FromNanoseconds(200);

    private readonly PulseSeconds _seconds = new();

    [Theory]
    [InlineData(1000.04, 0.005, 1000)] // the system's clock is 40 ms ahead, and vouches for 5
    [InlineData(999.96, 0.005, 1000)]
    [InlineData(1000.3, 0.005, null)] // that is the other edge of a long pulse
    [InlineData(1000.0, 0.06, null)] // it may be 60 ms off: too much to go by at the start
    public void Before_the_clock_follows_the_systems_clock_counts_whatever_the_clock_shows(double system, double bound, int? second)
    {
        var use = _seconds.Judge(At(7.123), bound: null, (Tai(system), Duration.FromSeconds(bound)), out var begins);

        Assert.Equal(second is null ? PulseUse.None : PulseUse.Second, use);
        Assert.Equal(second ?? 0, begins.SinceEpoch.Seconds);
    }

    [Fact]
    public void Nobody_counts_before_the_systems_clock_is_synchronised() => Assert.Equal(PulseUse.None, _seconds.Judge(At(1000), null, system: null, out _));

    [Fact]
    public void A_clock_that_follows_counts_by_itself()
    {
        Assert.Equal(PulseUse.Second, _seconds.Judge(At(1000.000001), s_sure, system: null, out var begins));
        Assert.Equal(1000, begins.SinceEpoch.Seconds);
    }

    [Fact]
    public void A_disturbance_on_the_wire_is_no_pulse()
    {
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(PulseUse.None, _seconds.Judge(At(1000.1 + i), s_sure, null, out _)); // the other edge, each second
            Assert.Equal(PulseUse.Second, _seconds.Judge(At(1001 + i), s_sure, null, out _));
        }
    }

    [Fact]
    public void A_pulse_that_has_moved_is_followed_when_it_has_stayed_there_for_ten_seconds()
    {
        for (int i = 0; i < 9; i++)
        {
            Assert.Equal(PulseUse.None, _seconds.Judge(At(1000.0001 + i), s_sure, null, out _));
        }

        Assert.Equal(PulseUse.Elsewhere, _seconds.Judge(At(1009.0001), s_sure, null, out _));
    }

    [Fact]
    public void A_clock_that_was_begun_by_a_wrong_second_learns_of_it_when_the_systems_clock_is_set_right()
    {
        for (int i = 0; i < 9; i++)
        {
            Assert.Equal(PulseUse.None, _seconds.Judge(At(1000 + i), s_sure, (Tai(1003.001 + i), Duration.FromSeconds(0.01)), out _));
        }

        Assert.Equal(PulseUse.Elsewhere, _seconds.Judge(At(1009), s_sure, (Tai(1012.001), Duration.FromSeconds(0.01)), out _));
        Assert.Equal(PulseUse.Second, _seconds.Judge(At(1010), null, (Tai(1013.001), Duration.FromSeconds(0.01)), out var begins));
        Assert.Equal(1013, begins.SinceEpoch.Seconds);
    }

    [Fact]
    public void After_a_long_holdover_a_pulse_within_what_the_clock_may_be_off_by_is_taken() =>
        Assert.Equal(PulseUse.Second, _seconds.Judge(At(1000.0004), Duration.FromNanoseconds(500_000), null, out _));

    private static Instant<Phc> At(double seconds) => new(Duration.FromSeconds(seconds));

    private static Instant<Tai> Tai(double seconds) => new(Duration.FromSeconds(seconds));
}
