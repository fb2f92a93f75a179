using TimeSuite.Ptp;

namespace TimeSuite.Ptpd.Tests;

public sealed class StepRecordTests
{
    private static readonly FrequencyOffset s_rate = FrequencyOffset.FromPpm(20);

    private readonly StepRecord _record = new();
    private Duration _ahead;

    [Fact]
    public void A_clock_that_is_only_steered_makes_no_step()
    {
        Serve(0, 1000, count: 0);

        Assert.Equal((0u, Duration.Zero), _record.Steps);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.5)] // clockd notices it later
    public void A_step_is_counted_with_its_length_whether_it_is_known_at_once_or_later(double known)
    {
        Serve(0, 100, count: 3);
        _ahead = Duration.FromSeconds(-0.25);
        Serve(100, 100 + known, count: 3);
        Serve(100 + known, 200, count: 4);

        Assert.Equal(1u, _record.Steps.Count);
        Assert.InRange(_record.Steps.Sum.Seconds, -0.250001, -0.249999);
    }

    [Fact]
    public void What_was_stepped_while_nothing_was_served_is_counted_when_it_is_again()
    {
        Serve(0, 100, count: 0);
        _ahead = Duration.FromSeconds(0.4);
        Serve(5000, 5010, count: 2);

        Assert.Equal(1u, _record.Steps.Count);
        Assert.InRange(_record.Steps.Sum.Seconds, 0.399999, 0.400001);
    }

    private void Serve(double from, double to, ulong count)
    {
        for (double at = from; at < to; at += 0.125)
        {
            var stamp = Duration.FromSeconds(at);
            _record.Note(count, s_rate, new(stamp), new(stamp + stamp.At(s_rate) + _ahead));
        }
    }
}
