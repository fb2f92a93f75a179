using TimeSuite.Ptp;

namespace TimeSuite.Ptpd.Tests;

/// <summary>A port says why its master is not used, and what to do.</summary>
public sealed class PortAlarmTests
{
    private static readonly Duration Limit = Duration.FromNanoseconds(800);

    [Fact]
    public void A_port_of_which_nothing_is_wrong_has_no_alarm()
    {
        Assert.Null(PortAlarm.Of(default));
        Assert.Null(PortAlarm.Of(new() { LinkDelay = Limit, MaxLinkDelay = Limit, Unanswered = 5 }));
        Assert.Null(PortAlarm.Of(new() { LinkDelay = Duration.FromSeconds(1L) })); // as long as it likes
    }

    [Theory]
    [InlineData(2_100, "the link is 2.1 us long, more than max-link-delay (800 ns)")]
    [InlineData(-900, "the link is -900 ns long, more than max-link-delay (800 ns)")]
    [InlineData(1_500_000, "the link is 1.5 ms long")]
    public void A_link_that_is_too_long_is_said_with_its_length_and_the_limit(long nanoseconds, string said)
    {
        string? alarm = PortAlarm.Of(new() { LinkDelay = Duration.FromNanoseconds(nanoseconds), MaxLinkDelay = Limit });

        Assert.StartsWith(said, alarm, StringComparison.Ordinal);
        Assert.Contains("raise max-link-delay", alarm, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_end_that_answers_no_request_may_not_speak_peer_to_peer()
    {
        Assert.Contains("delay = \"e2e\"", PortAlarm.Of(new() { Unanswered = 6 }), StringComparison.Ordinal);
        Assert.Contains("another profile", PortAlarm.Of(new() { Unanswered = 6, MaxLinkDelay = Limit }), StringComparison.Ordinal); // which has no other delays
    }

    [Fact]
    public void A_master_of_an_arbitrary_scale_is_said_with_the_key_that_tells_what_it_shows() =>
        Assert.Contains("arbitrary-timescale = \"utc\"", PortAlarm.Of(new() { FollowsUnknownScale = true }), StringComparison.Ordinal);

    [Fact]
    public void A_jump_is_said_before_all_else() =>
        Assert.StartsWith("the master's time has jumped", PortAlarm.Of(new() { Jump = Limit, FollowsUnknownScale = true, Unanswered = 9 }), StringComparison.Ordinal);

    [Theory]
    [InlineData(PortState.Slave, DelayMechanism.E2E, null, 5, 5)]
    [InlineData(PortState.Slave, DelayMechanism.P2P, 7, 5, 5)]
    [InlineData(PortState.Master, DelayMechanism.E2E, null, 5, null)] // of a master that it once had
    [InlineData(PortState.Listening, DelayMechanism.E2E, null, 5, null)]
    [InlineData(PortState.Master, DelayMechanism.P2P, 7, 5, 7)]
    [InlineData(PortState.Listening, DelayMechanism.P2P, null, 5, null)] // the other end is gone
    [InlineData(PortState.Slave, DelayMechanism.P2P, null, 5, null)]
    [InlineData(PortState.Faulty, DelayMechanism.P2P, 7, 5, null)]
    public void A_delay_is_shown_where_it_is_measured_and_not_from_before(PortState state, DelayMechanism mechanism, int? link, int? path, int? shown) =>
        Assert.Equal(Nanoseconds(shown), PortFacts.PathDelay(state, mechanism, Nanoseconds(link), Nanoseconds(path)));

    private static Duration? Nanoseconds(int? count) => count is { } nanoseconds ? Duration.FromNanoseconds(nanoseconds) : null;
}
