using TimeSuite.Discipline;
using TimeSuite.Ntpd.Service;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

public sealed class StatusMappingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void The_offset_shown_during_a_slew_is_what_is_left_of_it(double ppm)
    {
        var rate = FrequencyOffset.FromPpm(ppm);
        var passed = Duration.FromSeconds(10L);
        var then = new LocalClock { At = new(Duration.FromSeconds(100L)), Reading = new(Duration.FromSeconds(1_790_000_000L)) };
        var workedOff = Duration.FromSeconds(-0.005);
        var now = new LocalClock { At = then.At + passed, Reading = then.Reading + passed + passed.At(rate) + workedOff };

        var offset = StatusMapping.OffsetNow(Duration.FromSeconds(-0.012), rate, then, now);

        Assert.Equal(-0.007, offset.Seconds, 9);
    }
}
