namespace TimeSuite.Ntp.Tests;

public sealed class PollTests
{
    [Theory]
    [InlineData(0.0625, 0.0625, -4)]
    [InlineData(0.001, 0.0625, -4)]
    [InlineData(0.07, 0.07, -3)]
    [InlineData(1, 1, 0)]
    [InlineData(64, 64, 6)]
    [InlineData(65, 65, 7)]
    [InlineData(1000, 1000, 10)]
    [InlineData(131072, 131072, 17)]
    [InlineData(1e9, 131072, 17)]
    public void Any_interval_in_the_range_is_kept_and_told_as_the_next_power_of_two(double wanted, double kept, int exponent)
    {
        var client = new Client(Client.Options with { MinPoll = At.Seconds(0), MaxPoll = At.Seconds(1e9) });

        client.Association.SetPoll(At.Seconds(wanted));

        Assert.Equal(At.Seconds(kept), client.Association.Poll);
        Assert.Equal(exponent, client.Ask().Poll);
    }

    [Fact]
    public void The_options_limit_the_poll_controller()
    {
        var client = new Client(Client.Options with { MinPoll = At.Seconds(16), MaxPoll = At.Seconds(256) });
        Assert.Equal(At.Seconds(16), client.Association.Poll);

        client.Association.SetPoll(At.Seconds(1));
        Assert.Equal(At.Seconds(16), client.Association.Poll);
        client.Association.SetPoll(At.Seconds(1000));
        Assert.Equal(At.Seconds(256), client.Association.Poll);
    }

    [Fact]
    public void A_shorter_interval_brings_the_next_request_forward_but_not_before_one_interval_is_over()
    {
        var client = new Client();
        client.Association.SetPoll(At.Seconds(1024));
        client.Ask(at: 0);

        client.Association.SetPoll(At.Seconds(100));

        Assert.InRange(client.Association.Due!.Value.SinceEpoch.Seconds, 100, 102);
    }

    [Fact]
    public void Intervals_are_spread_by_up_to_2_percent_and_never_shorter()
    {
        var client = new Client();
        List<double> intervals = [];
        for (int i = 0; i < 200; i++)
        {
            var before = client.Association.Due!.Value;
            client.AskAndHear();
            intervals.Add((client.Association.Due!.Value - before).Seconds);
        }

        Assert.All(intervals, interval => Assert.InRange(interval, 64, 64 * 1.02));
        Assert.True(intervals.Max() - intervals.Min() > 1);
    }

    [Fact]
    public void A_timer_that_goes_off_early_sends_nothing_and_says_when_to_come_back()
    {
        var client = new Client();
        client.Ask(at: 0);
        var due = client.Association.Due!.Value;

        var action = Assert.Single(client.Association.OnTimer(At.Raw(10)));

        Assert.Equal(due, Assert.IsType<AssociationAction.WakeAt>(action).Time);
    }

    [Fact]
    public void A_long_pause_is_not_made_up_for()
    {
        var client = new Client();
        client.Ask(at: 0);

        client.Ask(at: 8 * 3600); // eight hours late
        Assert.Empty(client.Association.OnTimer(At.Raw((8 * 3600) + 1)).OfType<AssociationAction.Send>());
        Assert.True(client.Association.Due >= At.Raw((8 * 3600) + 64));
    }

    [Fact]
    public void Iburst_gets_four_samples_2_s_apart_and_then_keeps_the_poll()
    {
        var client = new Client(Client.Options with { Iburst = true });
        List<double> times = [];
        for (int i = 0; i < 6; i++)
        {
            times.Add(client.Association.Due!.Value.SinceEpoch.Seconds);
            Assert.NotNull(client.AskAndHear().Exchange());
        }

        Assert.Equal([0, 2, 4, 6], times[..4]);
        Assert.InRange(times[4], 6 + 64, 6 + (64 * 1.02));
        Assert.InRange(times[5] - times[4], 64, 64 * 1.02);
    }

    [Fact]
    public void Iburst_asks_eight_times_when_nobody_answers_and_once_more_when_somebody_does()
    {
        var client = new Client(Client.Options with { Iburst = true });
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(2.0 * i, client.Association.Due!.Value.SinceEpoch.Seconds);
            client.Ask();
        }

        Assert.True(client.Association.Due!.Value > At.Raw(14 + 60));
        for (int silent = 0; silent < 8; silent++)
        {
            client.Ask();
        }

        Assert.False(client.Association.Reach.IsReachable);
        double start = client.Association.Due!.Value.SinceEpoch.Seconds;
        client.AskAndHear(); // it is there: four samples in all, as fast as at the start
        for (int i = 1; i < 4; i++)
        {
            Assert.Equal(start + (2 * i), client.Association.Due!.Value.SinceEpoch.Seconds, precision: 6);
            client.AskAndHear();
        }

        Assert.True(client.Association.Due!.Value.SinceEpoch.Seconds > start + 6 + 60);
    }

    [Fact]
    public void After_iburst_the_poll_controller_may_widen_the_interval_by_itself_but_not_without_it_and_not_for_ever()
    {
        var client = new Client(Client.Options with { Iburst = true });
        for (int i = 0; i < 4; i++)
        {
            client.AskAndHear();
        }

        Assert.InRange(Interval(1), 2, 2.04);
        Assert.InRange(Interval(5), 5, 5.1);
        for (int i = 0; i < 20; i++)
        {
            client.AskAndHear();
        }

        Assert.InRange(Interval(5), 64, 65.3);

        var plain = new Client();
        plain.Association.SetPoll(At.Seconds(5));
        Assert.Equal(At.Seconds(64), plain.Association.Poll);

        double Interval(double wanted)
        {
            client.Association.SetPoll(At.Seconds(wanted));
            double before = client.Association.Due!.Value.SinceEpoch.Seconds;
            client.AskAndHear();
            client.Association.SetPoll(At.Seconds(wanted));
            return client.Association.Due!.Value.SinceEpoch.Seconds - before;
        }
    }

    [Fact]
    public void While_requests_are_lost_the_shortest_poll_holds_after_iburst_too()
    {
        var client = new Client(Client.Options with { Iburst = true });
        for (int i = 0; i < 4; i++)
        {
            client.AskAndHear();
        }

        client.Association.SetPoll(At.Seconds(5));
        client.Ask();
        Assert.Equal(At.Seconds(5), client.Association.Poll);
        client.Ask();
        client.Ask();
        Assert.Equal(At.Seconds(64), client.Association.Poll);
    }

    [Fact]
    public void Burst_asks_again_until_there_is_one_sample_and_no_more_often_than_the_shortest_poll_allows()
    {
        var client = new Client(Client.Options with { Burst = true, MinPoll = At.Seconds(64) });
        client.Association.SetPoll(At.Seconds(192)); // three requests may be made in it

        client.Ask(at: 0);
        Assert.Equal(At.Raw(2), client.Association.Due);
        client.Ask();
        Assert.Equal(At.Raw(4), client.Association.Due);
        client.Ask();
        Assert.True(client.Association.Due >= At.Raw(4 + 192));

        client.AskAndHear(); // answered at once: no second request
        Assert.True(client.Association.Due >= At.Raw(4 + 192 + 192));
    }

    [Fact]
    public void A_burst_on_request_ends_with_its_good_samples()
    {
        var client = new Client();
        client.AskAndHear();

        client.Association.Burst(good: 2, max: 5);
        Assert.Equal(At.Raw(2), client.Association.Due);
        client.AskAndHear();
        Assert.Equal(At.Raw(4), client.Association.Due);
        client.AskAndHear();
        Assert.True(client.Association.Due >= At.Raw(4 + 64));
    }

    [Fact]
    public void A_burst_on_request_ends_with_its_requests_when_nobody_answers()
    {
        var client = new Client();
        client.AskAndHear();
        client.Association.Burst(good: 2, max: 3);

        client.Ask(at: 2);
        client.Ask(at: 4);
        client.Ask(at: 6);

        Assert.True(client.Association.Due >= At.Raw(6 + 64));
    }

    [Fact]
    public void Silence_makes_the_polls_rarer_up_to_the_longest_and_one_reply_restores_them()
    {
        var client = new Client();
        List<double> polls = [];
        for (int i = 0; i < 60; i++)
        {
            client.Ask();
            polls.Add(client.Association.Poll.Seconds);
        }

        Assert.Equal([64, 128, 256, 512, 1024], polls.Distinct());
        Assert.All(polls[..8], poll => Assert.Equal(64, poll));
        Assert.Equal(60, client.Association.Unanswered);

        client.AskAndHear();
        Assert.Equal(At.Seconds(64), client.Association.Poll);
        Assert.Equal(0, client.Association.Unanswered);
    }

    [Fact]
    public void Reach_shows_the_answers_of_the_last_eight_requests()
    {
        var client = new Client();
        client.AskAndHear();
        client.Ask();
        client.AskAndHear();

        Assert.Equal("5", client.Association.Reach.ToString());
    }
}
