using TimeSuite.Ptp;

namespace TimeSuite.Ptpd.Tests;

/// <summary>What is told of Syncs and Delay_Reqs to who makes samples of them.</summary>
public sealed class MeasuredPairsTests
{
    private readonly List<Measured> _told = [];
    private readonly MeasuredPairs _pairs;

    public MeasuredPairsTests() => _pairs = new(_told.Add);

    [Fact]
    public void Of_sixteen_syncs_a_second_four_are_told_each_with_the_newest_request()
    {
        for (int i = 0; i < 32; i++)
        {
            _pairs.Add(Delay(i / 16.0), default);
            _pairs.Add(Sync((i / 16.0) + 0.01), default);
        }

        Assert.Equal(16, _told.Count);
        Assert.All(_told.Chunk(2), pair =>
        {
            var delay = Assert.IsType<Measured.Delay>(pair[0]).Pair;
            var sync = Assert.IsType<Measured.Sync>(pair[1]).Pair;
            Assert.Equal(0.01, (sync.Received - delay.Sent).Seconds, 9);
        });
    }

    [Fact]
    public void A_new_masters_are_told_at_once_and_later_those_of_four_seconds_together()
    {
        List<int> times = [];
        for (int i = 0; i < 8 * 20; i++)
        {
            int before = _told.Count;
            _pairs.Add(Sync(i / 8.0), default);
            if (_told.Count > before)
            {
                times.Add(_told.Count - before);
            }
        }

        Assert.Equal([.. Enumerable.Repeat(1, 16), .. Enumerable.Repeat(16, 4)], times); // four samples a second: those of 4 s at once, then four times those of 4 s
        Assert.Equal(_told.Cast<Measured.Sync>().Select(sync => sync.Pair.Received).Order(), _told.Cast<Measured.Sync>().Select(sync => sync.Pair.Received));
    }

    [Fact]
    public void What_is_held_back_of_the_last_master_is_not_told()
    {
        for (int i = 0; i < 18; i++)
        {
            _pairs.Add(Sync(i / 4.0), default);
        }

        _pairs.Clear();
        _pairs.Add(Sync(100), default);

        Assert.Equal(17, _told.Count);
        Assert.Equal(100, Assert.IsType<Measured.Sync>(_told[^1]).Pair.Received.SinceEpoch.Seconds);
    }

    [Fact]
    public void At_one_a_second_all_are_told_and_no_request_twice()
    {
        _pairs.Add(Delay(0.5), default);
        _pairs.Add(Sync(1), default);
        _pairs.Add(Sync(2), default);

        Assert.Equal([typeof(Measured.Delay), typeof(Measured.Sync), typeof(Measured.Sync)], _told.Select(what => what.GetType()));
    }

    [Fact]
    public void A_request_to_the_last_master_is_not_told()
    {
        _pairs.Add(Delay(0.5), default);
        _pairs.Clear();
        _pairs.Add(Sync(1), default);

        Assert.IsType<Measured.Sync>(Assert.Single(_told));
    }

    private static DelayPair Delay(double at) => new(0, new(Duration.FromSeconds(at)), new(Duration.FromSeconds(at)), default);

    private static SyncPair Sync(double at) => new(0, new(Duration.FromSeconds(at)), new(Duration.FromSeconds(at)), default, 0);
}
