using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

public class PollControlTests
{
    private static readonly SourceOptions Options = new();

    private readonly PollControl _poll = new();

    private double _now;

    [Fact]
    public void It_begins_with_the_shortest_interval() => Assert.Equal(64, _poll.Interval(Options).Seconds);

    [Fact]
    public void A_steady_oscillator_is_asked_less_and_less_within_the_limits()
    {
        List<double> intervals = [];
        while (_now < 1e6)
        {
            intervals.Add(Poll(wander: 1e-11));
        }

        Assert.All(intervals, interval => Assert.InRange(interval, 64, 1024));
        Assert.InRange(intervals[..5].Average(), 64, 200);
        Assert.InRange(intervals[15..30].Average(), 200, 400);
        Assert.InRange(intervals[^20..].Average(), 900, 1024);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_polls_of_ten_thousand_seconds_are_as_planned(bool iburst)
    {
        int polls = 0;
        while (_now < 10000)
        {
            Poll(wander: 1e-10, options: Options with { Iburst = iburst });
            polls++;
        }

        Assert.InRange(polls, 30, iburst ? 45 : 38);
    }

    [Fact]
    public void With_iburst_the_first_polls_follow_at_two_seconds_and_widen_and_without_it_they_do_not()
    {
        var options = Options with { Iburst = true };
        List<double> intervals = [];
        while (_now < 150)
        {
            intervals.Add(Poll(wander: 1e-10, options: options));
        }

        Assert.Equal(2, intervals[0]);
        Assert.All(intervals, interval => Assert.InRange(interval, 2, 150));
        Assert.InRange(intervals.Count, 8, 20);
        Assert.Equal(64, Restarted().Interval(Options).Seconds);
    }

    [Fact]
    public void An_unsteady_one_is_asked_often()
    {
        for (int i = 0; i < 100; i++)
        {
            Poll(wander: 1e-7);
        }

        Assert.InRange(Poll(wander: 1e-7), 64, 100);
    }

    [Fact]
    public void After_a_sample_that_told_much_the_next_poll_is_later_and_after_one_that_told_nothing_it_is_sooner()
    {
        for (int i = 0; i < 30; i++)
        {
            Poll(wander: 1e-9);
        }

        double usual = Poll(wander: 1e-9);
        double after = Poll(wander: 1e-9, sigma: 1e-5);
        Assert.InRange(after, 1.1 * usual, 3 * usual);
        Assert.InRange(Poll(wander: 1e-9, sigma: 4e-5), 64, 0.9 * usual);
    }

    [Fact]
    public void A_surprise_brings_the_interval_back_at_once()
    {
        while (_now < 1e5)
        {
            Poll(wander: 1e-10);
        }

        Assert.Equal(64, Poll(wander: 1e-10, use: SampleUse.RateChanged));
        Poll(wander: 1e-10);
        Assert.Equal(64, Poll(wander: 1e-10, use: SampleUse.Suspect));
    }

    [Fact]
    public void The_limits_win()
    {
        var narrow = new SourceOptions { MinPoll = Duration.FromSeconds(5.5), MaxPoll = Duration.FromSeconds(5.5) };
        Assert.Equal(5.5, Poll(wander: 1e-9, options: narrow), 1e-9);
    }

    [Theory]
    [InlineData(0.009, 0.25)]
    [InlineData(0.011, 1)]
    public void More_often_than_once_a_second_only_a_near_server_is_asked(double roundTrip, double expected)
    {
        var often = new SourceOptions { MinPoll = Duration.FromSeconds(0.25), MaxPoll = Duration.FromSeconds(0.25) };
        Poll(wander: 1e-9, options: often, roundTrip: roundTrip);
        Assert.Equal(expected, Poll(wander: 1e-9, options: often, roundTrip: roundTrip), 1e-9);
        Assert.Equal(expected, Poll(wander: 1e-9, use: SampleUse.Suspect, options: often, roundTrip: roundTrip), 1e-9);
        Assert.Equal(2, Poll(wander: 1e-9, options: new() { MinPoll = Duration.FromSeconds(2L), MaxPoll = Duration.FromSeconds(2L) }, roundTrip: roundTrip), 1e-9);
    }

    [Fact]
    public void With_a_goal_the_next_poll_is_when_sigma_has_grown_to_it()
    {
        _now = 10000;
        Poll(wander: 1e-9);
        _now = 100000;
        var goal = Duration.FromSeconds(3e-5);
        double interval = Poll(wander: 1e-9, goal: goal);
        var then = Estimate(1e-9, 2e-5).Covariance.After(Duration.FromSeconds(interval), 1e-18);
        Assert.InRange(interval, 100, 1023);
        Assert.InRange(then.OffsetSigma.Seconds, 0.98 * goal.Seconds, goal.Seconds);
        Assert.Equal(1024, Poll(wander: 1e-9, goal: Duration.FromSeconds(1e-2)), 10.0);
        Assert.InRange(Poll(wander: 1e-9, goal: Duration.FromSeconds(1e-6)), 64, 65);
    }

    private PollControl Restarted()
    {
        _poll.Restart();
        return _poll;
    }

    private double Poll(double wander, double sigma = 2e-5, SampleUse use = SampleUse.Used, SourceOptions? options = null, Duration? goal = null, double roundTrip = 0)
    {
        _poll.OnSample(Estimate(wander, sigma) with { MinDelay = Duration.FromSeconds(roundTrip) }, use, options ?? Options, goal);
        double interval = _poll.Interval(options ?? Options).Seconds;
        _now += interval;
        return interval;
    }

    private SourceEstimate Estimate(double wander, double sigma) => new()
    {
        At = new(Duration.FromSeconds(_now)),
        Utc = new(Duration.FromSeconds(_now)),
        Rate = FrequencyOffset.Zero,
        Covariance = new(sigma * sigma, 0, 1e-15),
        WanderVariance = wander * wander,
        MaxError = Duration.FromSeconds(1e-3),
    };
}
