using TimeSuite.Time;

namespace TimeSuite.Policy.Tests;

public sealed class PhcPolicyTests
{
    private static readonly PhcLimits s_limits = new() { MaxFrequency = FrequencyOffset.FromPpm(100) };
    private static readonly FrequencyOffset s_device = FrequencyOffset.FromPpm(60_000);

    [Fact]
    public void A_frequency_stays_until_somebody_says_another()
    {
        Assert.Equal(Ruling.Allowed, Judge(new() { Frequency = FrequencyOffset.FromPpm(-12) }, out var deed));
        Assert.Equal(FrequencyOffset.FromPpm(-12), deed.Frequency);
        Assert.Null(deed.For);
        Assert.False(deed.IsPulse);
    }

    [Fact]
    public void A_phase_is_a_pulse_of_its_rate_for_its_duration_and_then_the_frequency_again()
    {
        Assert.Equal(Ruling.Allowed, Judge(new() { Frequency = FrequencyOffset.FromPpm(10), Slew = (-Duration.FromNanoseconds(4_000), Duration.FromSeconds(2L)) }, out var deed));
        Assert.Equal(8, deed.Frequency!.Value.Ppm, 9);
        Assert.Equal(10, deed.Base.Ppm, 9);
        Assert.Equal(Duration.FromSeconds(2L), deed.For);
        Assert.True(deed.IsPulse);
    }

    [Fact]
    public void A_frequency_with_another_to_fall_back_to_is_a_pulse_too()
    {
        Assert.Equal(Ruling.Allowed, Judge(new() { Frequency = FrequencyOffset.FromPpm(10), BaseFrequency = FrequencyOffset.FromPpm(9) }, out var deed));
        Assert.True(deed.IsPulse);
        Assert.Null(deed.For);
    }

    [Theory]
    [InlineData(101, 0, 0, Ruling.BeyondLimit)]
    [InlineData(-101, 0, 0, Ruling.BeyondLimit)]
    [InlineData(0, 101, 0, Ruling.BeyondLimit)]
    [InlineData(99, 99, 2e-6, Ruling.BeyondLimit)] // 2 ppm of a pulse on top
    [InlineData(double.NaN, 0, 0, Ruling.Malformed)]
    [InlineData(0, double.PositiveInfinity, 0, Ruling.Malformed)]
    [InlineData(100, 100, 0, Ruling.Allowed)]
    public void The_sum_of_frequency_and_pulse_has_a_limit(double frequency, double fallback, double phase, Ruling expected) => Assert.Equal(expected, Judge(
        new()
        {
            Frequency = FrequencyOffset.FromPpm(frequency), BaseFrequency = FrequencyOffset.FromPpm(fallback),
            Slew = phase == 0 ? null : (Duration.FromSeconds(phase), Duration.FromSeconds(1L)),
        },
        out _));

    [Fact]
    public void What_the_device_cannot_do_is_refused_before_it_is_tried() =>
        Assert.Equal(Ruling.BeyondLimit, PhcPolicy.Judge(new() { Frequency = FrequencyOffset.FromPpm(40) }, s_limits, FrequencyOffset.FromPpm(32), out _, out _));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(0.0005)]
    public void A_phase_needs_a_time_to_be_worked_off_in(double duration) =>
        Assert.Equal(Ruling.Malformed, Judge(new() { Frequency = default(FrequencyOffset), Slew = (Duration.FromNanoseconds(5), Duration.FromSeconds(duration)) }, out _));

    [Fact]
    public void Steps_of_any_length_are_allowed_unless_the_administrator_forbids_them()
    {
        Assert.Equal(Ruling.Allowed, Judge(new() { Step = -Duration.FromSeconds(1_000_000_000L) }, out var deed));
        Assert.Equal(-Duration.FromSeconds(1_000_000_000L), deed.Step);
        Assert.Equal(Ruling.BeyondLimit, Judge(new() { Step = Duration.FromSeconds(1L << 40) }, out _));
        Assert.Equal(Ruling.NotPermitted, PhcPolicy.Judge(new() { Step = Duration.FromNanoseconds(1) }, s_limits with { Steps = false }, s_device, out _, out _));
    }

    [Fact]
    public void Nothing_is_announced_of_a_hardware_clock() => Assert.Equal(Ruling.Malformed, Judge(new() { Announcement = new Announcement() }, out _));

    [Fact]
    public void Nothing_wished_is_allowed_and_changes_nothing()
    {
        Assert.Equal(Ruling.Allowed, Judge(default, out var deed));
        Assert.Equal(default, deed);
    }

    [Fact]
    public void Pulses_on_file_are_read_as_they_were_written()
    {
        var pulses = new Dictionary<string, FrequencyOffset> { ["phc:mlx5_ptp@0000:03:00.0"] = FrequencyOffset.FromPpb(-12.345678901), ["phc:ptplab0"] = FrequencyOffset.Zero };
        Assert.True(PulseText.TryRead(PulseText.Write(pulses), out var read));
        Assert.Equal(pulses.Keys, read.Keys);
        Assert.All(pulses, pulse => Assert.Equal(pulse.Value.Ppb, read[pulse.Key].Ppb, 1e-9));
    }

    [Theory]
    [InlineData("phc:a")]
    [InlineData("phc:a NaN")]
    [InlineData("phc:a 1 2")]
    [InlineData("\0\0\0")]
    [InlineData(" 1")]
    public void Garbage_on_file_is_noticed(string text) => Assert.False(PulseText.TryRead(text, out _));

    private static Ruling Judge(Wish wish, out PhcDeed deed) => PhcPolicy.Judge(wish, s_limits, s_device, out deed, out _);
}
