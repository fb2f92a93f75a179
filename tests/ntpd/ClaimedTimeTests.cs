using TimeSuite.Ntpd.Sources;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

public sealed class ClaimedTimeTests
{
    private static ClaimedTime Claim(string server, double at, double doubt = 1) => new(server, At(at - doubt), At(at + doubt));

    private static Instant<Utc> At(double seconds) => new(Duration.FromSeconds(seconds));

    [Fact]
    public void Two_that_overlap_are_a_quorum_of_two_and_a_third_that_is_apart_is_not_of_it() =>
        Assert.Equal([0, 2], ClaimedTime.Agreeing([Claim("a", 100), Claim("b", 900), Claim("c", 101)], 2));

    [Fact]
    public void One_alone_is_none_and_neither_is_one_under_two_addresses()
    {
        Assert.Empty(ClaimedTime.Agreeing([Claim("a", 100)], 2));
        Assert.Empty(ClaimedTime.Agreeing([Claim("a", 100), Claim("a", 100)], 2));
        Assert.Equal([0], ClaimedTime.Agreeing([Claim("a", 100)], 1));
    }

    [Fact]
    public void Two_groups_that_are_as_large_outvote_each_other() =>
        Assert.Empty(ClaimedTime.Agreeing([Claim("a", 100), Claim("b", 100), Claim("c", 900), Claim("d", 900)], 2));

    [Fact]
    public void The_larger_group_is_believed() =>
        Assert.Equal([0, 1, 4], ClaimedTime.Agreeing([Claim("a", 100), Claim("b", 100), Claim("c", 900), Claim("d", 900), Claim("e", 100.5)], 2));

    [Fact]
    public void Nobody_agrees_on_nothing() => Assert.Empty(ClaimedTime.Agreeing([], 1));

    [Fact]
    public void All_have_to_overlap_at_one_moment_and_not_each_with_the_next() =>
        Assert.Empty(ClaimedTime.Agreeing([Claim("a", 100), Claim("b", 101.5), Claim("c", 103)], 3));
}
