using CsCheck;

namespace TimeSuite.Ntp.Tests;

public sealed class OrphanTests
{
    [Fact]
    public void Without_a_source_it_is_a_reference_after_the_wait_and_no_more_when_one_comes()
    {
        var local = new LocalReference { Options = new() { Wait = At.Seconds(300) } };

        Assert.Equal(
            [false, false, true, false, false, true],
            Updates(local, (0, null), (299, null), (300, null), (301, 0.01), (302, null), (602, null)));
    }

    [Fact]
    public void It_says_when_it_will_be_one()
    {
        var local = new LocalReference { Options = new() { Wait = At.Seconds(300) } };
        Assert.Null(local.Due);

        local.Update(At.Raw(10), null);
        Assert.Equal(At.Raw(310), local.Due);
        local.Update(At.Raw(310), null);
        Assert.Null(local.Due);
    }

    [Fact]
    public void A_clock_that_is_too_far_from_its_reference_is_as_good_as_none() =>
        Assert.Equal([false, true, false], Updates(new() { Options = new() { Distance = At.Seconds(0.1) } }, (0, 0.1), (1, 0.11), (2, 0.05)));

    [Fact]
    public void It_may_have_to_have_been_right_once() =>
        Assert.Equal(
            [false, false, false, true],
            Updates(new() { Options = new() { Activate = At.Seconds(0.05) } }, (0, null), (1, 0.06), (2, 0.01), (3, null)));

    [Fact]
    public void The_smallest_is_followed_if_it_is_smaller_than_we_are()
    {
        Assert.Equal(1, OrphanElection.Leader([Of(5, own: 9), Of(3, own: 9), Of(7, own: 9)], 10));
        Assert.Null(OrphanElection.Leader([Of(5, own: 2), Of(3, own: 2)], 10));
        Assert.Null(OrphanElection.Leader([], 10));
    }

    [Fact]
    public void Who_is_silent_or_follows_another_does_not_lead()
    {
        Assert.Equal(0, OrphanElection.Leader([Of(5, own: 9), Of(3, own: 9) with { IsUsable = false }, Of(4, own: 9) with { Stratum = 11 }], 10));
        Assert.True(OrphanElection.IsOrphan(10, 10) && OrphanElection.IsOrphan(11, 10) && !OrphanElection.IsOrphan(9, 10));
    }

    /// <summary>Each server decides by itself, from what it sees of the others: whatever their number and addresses, they agree.</summary>
    [Fact]
    public void All_servers_of_an_island_agree_on_one_leader_that_follows_nobody() =>
        Gen.UInt.Array[2, 8].Sample(addresses =>
        {
            uint[] all = [.. addresses.Distinct()];
            uint smallest = all.Min();
            foreach (uint own in all)
            {
                uint[] others = [.. all.Where(other => other != own)];
                int? leader = OrphanElection.Leader([.. others.Select(other => Of(other, own))], 10);
                Assert.Equal(own == smallest ? null : (uint?)smallest, leader is { } index ? others[index] : (uint?)null);
            }
        });

    private static bool[] Updates(LocalReference local, params (double At, double? Distance)[] looks) =>
    [
        .. looks.Select(look =>
        {
            local.Update(At.Raw(look.At), look.Distance is { } distance ? At.Seconds(distance) : null);
            return local.IsActive;
        }),
    ];

    private static OrphanCandidate Of(uint reference, uint own) => new(new(reference), new(own), 10, IsUsable: true);
}
