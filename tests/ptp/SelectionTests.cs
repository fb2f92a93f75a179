namespace TimeSuite.Ptp.Tests;

public sealed class SelectionTests
{
    private static readonly Duration Second = Duration.FromSeconds(1L);

    private static readonly Duration Interval = Duration.FromSeconds(2);
    private static readonly DefaultDataSet Own = new() { Identity = new(500) };
    private static readonly Candidate OwnCandidate = Candidate.Of(Own, default);

    [Fact]
    public void A_master_counts_from_its_second_announce_within_four_intervals()
    {
        var masters = new ForeignMasters(threshold: 2);
        masters.Hear(Heard(1), 1, At(0), Interval, null);
        Assert.Null(masters.Best(At(0), Interval, ComparisonRule.Ieee1588));

        masters.Hear(Heard(1), 2, At(8.5), Interval, null); // the first is forgotten by now
        Assert.Null(masters.Best(At(8.5), Interval, ComparisonRule.Ieee1588));

        masters.Hear(Heard(1), 3, At(10), Interval, null);
        Assert.Equal(Heard(1), masters.Best(At(10), Interval, ComparisonRule.Ieee1588));
        Assert.Equal(Heard(1), masters.Best(At(16.4), Interval, ComparisonRule.Ieee1588));
        Assert.Null(masters.Best(At(16.6), Interval, ComparisonRule.Ieee1588)); // heard but once within the last 8 s
    }

    [Fact]
    public void An_announce_that_comes_twice_does_not_count_twice()
    {
        var masters = new ForeignMasters(threshold: 2);
        masters.Hear(Heard(1), 7, At(0), Interval, null);
        masters.Hear(Heard(1), 7, At(0.1), Interval, null);
        Assert.Null(masters.Best(At(0.1), Interval, ComparisonRule.Ieee1588));
    }

    [Fact]
    public void With_gptp_the_first_announce_counts()
    {
        var masters = new ForeignMasters(threshold: 1);
        masters.Hear(Heard(1), 4, At(0), Interval, null);
        Assert.Equal(Heard(1), masters.Best(At(0), Interval, ComparisonRule.Ieee1588));
    }

    [Fact]
    public void A_flood_of_masters_neither_grows_the_memory_nor_drives_the_kept_one_out()
    {
        var masters = new ForeignMasters(threshold: 2);
        masters.Hear(Heard(1), 5, At(0), Interval, null);
        masters.Hear(Heard(1), 6, At(1), Interval, null);
        for (ulong stray = 1000; stray < 2000; stray++)
        {
            masters.Hear(Heard(stray), 7, At(1.5), Interval, kept: Heard(1).Sender);
        }

        Assert.Equal(ForeignMasters.Limit, masters.Count);
        Assert.Equal(Heard(1), masters.Best(At(2), Interval, ComparisonRule.Ieee1588));
    }

    [Fact]
    public void Names_that_are_heard_once_push_nobody_out_who_was_heard_twice()
    {
        var masters = new ForeignMasters(threshold: 2);
        masters.Hear(Heard(1), 5, At(0), Interval, null);
        masters.Hear(Heard(1), 6, At(1), Interval, null);
        for (ulong stray = 1000; stray < 2000; stray++)
        {
            masters.Hear(Heard(stray), 7, At(1.5), Interval, kept: null);
        }

        Assert.Equal(Heard(1), masters.Best(At(2), Interval, ComparisonRule.Ieee1588));
    }

    [Fact]
    public void The_best_of_those_that_count_is_chosen_and_a_forgotten_one_is_gone()
    {
        var masters = new ForeignMasters(threshold: 1);
        masters.Hear(Heard(2), 8, At(0), Interval, null);
        masters.Hear(Heard(1), 9, At(0), Interval, null);
        masters.Hear(Heard(3), 10, At(0), Interval, null);
        Assert.Equal(Heard(1), masters.Best(At(1), Interval, ComparisonRule.Ieee1588));

        masters.Forget(Heard(1).Sender);
        Assert.Equal(Heard(2), masters.Best(At(1), Interval, ComparisonRule.Ieee1588));
    }

    /// <summary>The better of two masters speaks for 20 s and is silent for 10 s, again and again.</summary>
    [Fact]
    public void A_master_that_comes_and_goes_has_to_stay_longer_each_time_before_it_is_followed_again()
    {
        var masters = new ForeignMasters(threshold: 2);
        List<double> followedFrom = [];
        ushort sequence = 0;
        for (double at = 0; at < 300; at++)
        {
            bool speaks = at % 30 < 20;
            masters.Hear(Heard(2), sequence, At(at), Second, null);
            if (speaks)
            {
                masters.Hear(Heard(1), sequence, At(at), Second, null);
            }

            sequence++;
            bool isFollowed = masters.Best(At(at), Second, ComparisonRule.Ieee1588) == Heard(1);
            if (at % 30 == 23 && followedFrom is [.., var last] && last > at - 24)
            {
                masters.GiveUp(Heard(1).Sender, At(at)); // three intervals of silence
            }
            else if (isFollowed && speaks && (followedFrom is not [.., var before] || before < at - (at % 30)))
            {
                followedFrom.Add(at);
            }
        }

        Assert.Equal([1, 31, 60 + 8, 90 + 16], followedFrom); // and then it would have to be heard for 32 s
    }

    [Fact]
    public void A_master_on_probation_is_followed_all_the_same_if_there_is_no_other()
    {
        var masters = new ForeignMasters(threshold: 1);
        for (ushort times = 0; times < 5; times++)
        {
            masters.Hear(Heard(1), times, At(times), Second, null);
            Assert.Equal(Heard(1), masters.Best(At(times), Second, ComparisonRule.Ieee1588));
            masters.GiveUp(Heard(1).Sender, At(times));
        }

        masters.Hear(Heard(1), 9, At(6), Second, null);
        masters.Hear(Heard(2), 9, At(6), Second, null);
        Assert.Equal(Heard(2), masters.Best(At(6), Second, ComparisonRule.Ieee1588));
        masters.Forget(Heard(2).Sender);
        Assert.Equal(Heard(1), masters.Best(At(6), Second, ComparisonRule.Ieee1588));
        masters.Hear(Heard(1), 10, At(700), Second, null); // and after ten quiet minutes it is as any other
        masters.Hear(Heard(2), 10, At(700), Second, null);
        Assert.Equal(Heard(1), masters.Best(At(700), Second, ComparisonRule.Ieee1588));
    }

    [Fact]
    public void A_port_that_hears_nobody_waits_while_it_listens_and_else_is_master_of_the_best_time()
    {
        Assert.Equal(Recommendation.Wait, Decide(null, null, PortState.Listening));
        Assert.Equal(Recommendation.M2, Decide(null, null, PortState.Master));
        Assert.Equal(Recommendation.M3, Decide(Heard(1), null, PortState.Master)); // heard on another port
    }

    [Fact]
    public void The_port_where_the_best_is_heard_follows_it_and_the_others_do_not()
    {
        Assert.Equal(Recommendation.S1, Decide(Heard(1), Heard(1), PortState.Listening));
        Assert.Equal(Recommendation.M3, Decide(Heard(1), Heard(2, port: 2), PortState.Listening)); // a worse grandmaster here: serve
        Assert.Equal(Recommendation.P2, Decide(Heard(1), Heard(1, port: 2), PortState.Listening)); // the same one here, by a worse way
    }

    [Fact]
    public void An_instance_with_a_reference_never_follows()
    {
        Assert.Equal(Recommendation.P1, Decide(Heard(1), Heard(1), PortState.Listening, neverFollows: true));
        Assert.Equal(Recommendation.M1, Decide(Heard(600), Heard(600), PortState.Listening, neverFollows: true));
        Assert.Equal(Recommendation.M1, Decide(Heard(1), null, PortState.Master, neverFollows: true));
    }

    [Fact]
    public void A_worse_clock_on_the_network_makes_us_master() => Assert.Equal(Recommendation.M2, Decide(Heard(600), Heard(600), PortState.Slave));

    private static Recommendation Decide(Candidate? best, Candidate? here, PortState state, bool neverFollows = false) =>
        StateDecision.For(OwnCandidate, neverFollows, best, here, state, ComparisonRule.Ieee1588);

    private static Candidate Heard(ulong grandmaster, ushort port = 1) => new()
    {
        Priority1 = 128, Grandmaster = new(grandmaster), Quality = ClockQuality.Unknown, Priority2 = 128, Sender = new(new(grandmaster), 1), Receiver = new(new(500), port),
    };

    private static Instant<Boot> At(double seconds) => new(Duration.FromSeconds(seconds));
}
