using TimeSuite.Ptp;

namespace TimeSuite.Ptpd.Tests;

/// <summary>Transmit stamps that are waited for.</summary>
public sealed class AwaitedStampsTests
{
    private readonly AwaitedStamps _awaited = new();
    private readonly List<ushort> _lost = [];

    [Fact]
    public void A_stamp_finds_its_message_once()
    {
        Send(7, at: 0);

        Assert.True(_awaited.TryTake(7, out var ticket));
        Assert.Equal(7, ticket.Sequence);
        Assert.False(_awaited.TryTake(7, out _));
        Assert.False(_awaited.TryTake(263, out _)); // the same place in the table
    }

    [Fact]
    public void One_that_does_not_come_within_a_second_is_lost_and_the_next_one_that_comes_ends_the_row()
    {
        Send(1, at: 0);
        Send(2, at: 0.5);
        GiveUp(1.1);
        Assert.Equal([1], _lost);
        GiveUp(1.6);
        Assert.Equal([1, 2], _lost);
        Assert.Equal(2, _awaited.LostInARow);
        Assert.False(_awaited.TryTake(1, out _)); // too late

        Send(3, at: 2);
        Assert.True(_awaited.TryTake(3, out _));
        Assert.Equal(0, _awaited.LostInARow);
    }

    [Fact]
    public void Numbers_go_round_and_none_is_lost_by_it()
    {
        for (uint id = uint.MaxValue - 300; id != 300; id = unchecked(id + 1))
        {
            Send(id, at: 0);
            Assert.True(_awaited.TryTake(id, out _));
        }

        GiveUp(10);
        Assert.Empty(_lost);
    }

    private void Send(uint id, double at) => _awaited.Add(id, new(MessageType.Sync, (ushort)(id & 0xFFFF)), new(Duration.FromSeconds(at)));

    private void GiveUp(double now) => _awaited.GiveUp(new(Duration.FromSeconds(now)), ticket => _lost.Add(ticket.Sequence));
}
