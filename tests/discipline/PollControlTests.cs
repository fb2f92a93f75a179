using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

public class PollControlTests
{
    private static readonly SourceOptions Options = new();

    private readonly PollControl _poll = new();

    [Fact]
    public void It_begins_with_the_shortest_interval() => Assert.Equal(64, _poll.Interval(Options).Seconds);

    [Fact]
    public void A_steady_oscillator_is_asked_less_and_less_within_the_limits()
    {
        double before = 0;
        double at = 0;
        for (int i = 0; i < 400; i++)
        {
            _poll.OnSample(Estimate(at, wander: 1e-10), SampleUse.Used, Options);
            double interval = _poll.Interval(Options).Seconds;
            Assert.InRange(interval, Math.Max(64, before), 1024);
            before = interval;
            at += interval;
        }

        Assert.InRange(before, 700, 1024);
    }

    [Fact]
    public void An_unsteady_one_is_asked_often() =>
        Assert.InRange(After(1e5, Estimate(1e5, wander: 1e-7)), 64, 100);

    [Fact]
    public void A_surprise_brings_the_interval_back_at_once()
    {
        After(1e5, Estimate(1e5, wander: 1e-10));
        _poll.OnSample(Estimate(2e5, wander: 1e-10), SampleUse.Suspect, Options);
        Assert.Equal(64, _poll.Interval(Options).Seconds);
    }

    [Fact]
    public void The_limits_win()
    {
        var narrow = new SourceOptions { MinPoll = Duration.FromSeconds(5.5), MaxPoll = Duration.FromSeconds(5.5) };
        _poll.OnSample(Estimate(0, 1e-9), SampleUse.Used, narrow);
        Assert.Equal(5.5, _poll.Interval(narrow).Seconds, 1e-9);
    }

    private double After(double until, SourceEstimate last)
    {
        for (double at = 0; at < until; at += 1000)
        {
            _poll.OnSample(Estimate(at, 1e-10), SampleUse.Used, Options);
        }

        _poll.OnSample(last, SampleUse.Used, Options);
        return _poll.Interval(Options).Seconds;
    }

    private static SourceEstimate Estimate(double at, double wander) => new()
    {
        At = new(Duration.FromSeconds(at)),
        Utc = new(Duration.FromSeconds(at)),
        Rate = FrequencyOffset.Zero,
        Covariance = new(4e-10, 0, 1e-17),
        WanderVariance = wander * wander,
        MaxError = Duration.FromSeconds(1e-3),
    };
}
