using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ntpd.Hardware;
using TimeSuite.Ntpd.Ptp;
using TimeSuite.Rpc;
using TimeSuite.Time;
using Wire = TimeSuite.Rpc.Ptp.V1;

namespace TimeSuite.Ntpd.Tests;

/// <summary>What ntpd makes of hardware stamps and hardware clocks.</summary>
public sealed class HardwareTests
{
    private const long Shown = 1_800_000_037_000_000_000, Realtime = 1_800_000_000_000_000_000;

    private static readonly HardwareLines s_lines = new([new(Interface: 3, Shown, Realtime, Rate: -25e-6)]);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(200_000_000, 200_000_000 - 5_000)] // at 25 ppm
    [InlineData(-100_000_000, -100_000_000 + 2_500)]
    public void A_stamp_of_the_hardware_is_carried_over_by_its_line(long since, long expected)
    {
        var kernels = new KernelStamp(Realtime + expected + 12_000); // the interrupt

        Assert.Equal(Realtime + expected, s_lines.Better(new(Shown + since, 3), kernels).Nanoseconds);
        Assert.Equal(Realtime + expected, s_lines.Better(new(Shown + since, 0), kernels).Nanoseconds); // there is no other that it could be of
    }

    [Theory]
    [InlineData(3, 0, 1_500_000)] // the hardware's clock was stepped: the kernel would have been 1.5 ms late...
    [InlineData(3, 0, -30_000)] // ...or early
    [InlineData(4, 0, 12_000)] // another interface
    [InlineData(3, 1_100_000_000, 12_000)] // the line is old
    public void Where_it_cannot_be_right_the_kernels_stamp_is_taken(int way, long since, long late)
    {
        var kernels = new KernelStamp(Realtime + since + late);

        Assert.Equal(kernels, s_lines.Better(new(Shown + since, way), kernels));
    }

    [Fact]
    public void Without_a_line_or_a_stamp_nothing_is_carried_over()
    {
        var kernels = new KernelStamp(Realtime);

        Assert.Equal(kernels, default(HardwareLines).Better(new(Shown, 3), kernels));
        Assert.Equal(kernels, s_lines.Better(default, kernels));
        Assert.Equal(default, s_lines.Better(new(Shown, 3), default)); // nothing says that the line is right
        Assert.False(s_lines.TryMap(new(Shown, 5), out _));
    }

    [Fact]
    public void A_clock_that_shows_tai_is_a_sample_of_utc_and_never_without_a_leap_table()
    {
        Assert.True(LeapSeconds.TryParse("#@\t4102444800\n3692217600\t37\n", out var table, out _));
        var source = new PhcSource(new(-1), new() { Kind = SourceConfig.SourceKind.Phc, Name = "eth0", Accuracy = Duration.FromNanoseconds(200) });
        var reading = Reading(at: 10);

        Assert.False(source.TrySample(reading, null, out _));
        Assert.Contains("leap table", source.Doubt, StringComparison.Ordinal);
        Assert.True(source.State.SaysUnsynchronized);

        Assert.True(source.TrySample(reading, table, out var sample));
        Assert.Equal((null, Duration.FromNanoseconds(200), 1UL), (source.Doubt, sample.RootDispersion, source.Samples));
        Assert.Equal(reading.Phc.SinceEpoch - Duration.FromSeconds(37L), sample.Forward!.Value.Remote.SinceEpoch);
        Assert.Equal(2e-6, sample.Delay!.Value.Seconds, 12); // our reading, there and back
        Assert.False(source.TrySample(reading, table, out _)); // the same once more
    }

    [Fact]
    public void A_clock_that_shows_utc_needs_no_table()
    {
        var source = new PhcSource(new(-1), new() { Kind = SourceConfig.SourceKind.Phc, Name = "eth0", IsUtc = true });
        var reading = Reading(at: 10);

        Assert.True(source.TrySample(reading, null, out var sample));
        Assert.Equal(reading.Phc.SinceEpoch, sample.Forward!.Value.Remote.SinceEpoch);
    }

    /// <summary>No ring: a hardware clock that follows the system's may not lead it, nor one whose upstream nobody knows.</summary>
    [Theory]
    [InlineData("locked", "master", true)]
    [InlineData("holdover", "master", true)]
    [InlineData("unlocked", "master", false)]
    [InlineData("locked", "system", false)]
    [InlineData("locked", "phc", false)]
    [InlineData("locked", "none", false)]
    [InlineData("locked", "", false)]
    public void A_hardware_clock_is_used_only_while_it_follows_a_master(string state, string upstream, bool isUsed)
    {
        var told = new Wire.PtpEvent
        {
            Port = 1,
            Phc = new()
            {
                Shown = Duration.FromSeconds(1_800_000_037L).ToWire(), Raw = Duration.FromSeconds(10L).ToWire(), Error = Duration.FromNanoseconds(20).ToWire(),
                State = state, Upstream = upstream, Bound = Duration.FromNanoseconds(100).ToWire(),
            },
        };

        Assert.True(PtpLink.TryRead(told, out var news));
        Assert.Equal(isUsed, Assert.IsType<PtpNews.Phc>(news).Bound is not null);
    }

    private static PhcReading Reading(double at) => new(
        new(Duration.FromSeconds(1_800_000_037L)), new(Duration.FromSeconds(at)), new(Duration.FromSeconds(1_800_000_000L)), Duration.FromNanoseconds(1_000), PhcMethod.Extended);
}
