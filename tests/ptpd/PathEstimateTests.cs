using TimeSuite.Ptp;

namespace TimeSuite.Ptpd.Tests;

public sealed class PathEstimateTests
{
    private readonly PathEstimate _path = new();

    [Fact]
    public void Nothing_is_said_before_both_ways_were_measured()
    {
        _path.Add(Sync(offset: 0.5, delay: 1e-3));
        Assert.Null(_path.Offset);
        Assert.Null(_path.MeanPathDelay);

        _path.Add(Delay(offset: 0.5, delay: 1e-3));
        Assert.Equal(0.5, _path.Offset!.Value.Seconds, 9);
        Assert.Equal(1e-3, _path.MeanPathDelay!.Value.Seconds, 9);
    }

    [Fact]
    public void One_request_that_was_held_up_moves_the_delay_by_nothing()
    {
        for (int i = 0; i < 5; i++)
        {
            _path.Add(Sync(offset: 0, delay: 1e-3));
            _path.Add(Delay(offset: 0, delay: i == 2 ? 1 : 1e-3));
        }

        Assert.Equal(1e-3, _path.MeanPathDelay!.Value.Seconds, 9);
    }

    [Fact]
    public void Old_delays_are_forgotten()
    {
        for (int i = 0; i < 40; i++)
        {
            _path.Add(Duration.FromSeconds(i < 20 ? 1.0 : 2.0));
        }

        Assert.Equal(Duration.FromSeconds(2L), _path.MeanPathDelay);
        _path.Clear();
        Assert.Equal((null, 0), (_path.MeanPathDelay, _path.Measured));
    }

    private static SyncPair Sync(double offset, double delay) =>
        new(1, new(Duration.FromSeconds(100L)), new(Duration.FromSeconds(100L) + Duration.FromSeconds(offset) + Duration.FromSeconds(delay)), default, 0);

    private static DelayPair Delay(double offset, double delay) =>
        new(1, new(Duration.FromSeconds(200L) + Duration.FromSeconds(offset)), new(Duration.FromSeconds(200L) + Duration.FromSeconds(delay)), default);
}
