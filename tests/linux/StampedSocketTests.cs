using System.Net;
using TimeSuite.Time;

namespace TimeSuite.Linux.Tests;

public sealed class StampedSocketTests
{
    [Fact]
    public void A_datagram_to_ourselves_is_stamped_when_it_leaves_and_when_it_comes()
    {
        Assert.True(LinkAddress.TryFind("lo", out var link));
        using var socket = StampedSocket.OpenUdp(link, isIpv6: false, port: 0, groups: [], hops: 1, dscp: 46, StampKind.Software);
        using var target = UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Loopback, 0) });
        var before = Clocks.Realtime();

        uint id = socket.NextTransmitId;
        Assert.Equal(DatagramOutcome.Done, socket.SendTo([1, 2, 3], target.Local));
        byte[] buffer = new byte[100];
        DatagramOutcome outcome;
        ReceivedDatagram asked;
        while ((outcome = target.TryReceive(buffer, out asked)) == DatagramOutcome.WouldBlock)
        {
            Thread.Yield();
        }

        Assert.Equal(DatagramOutcome.Done, outcome);
        Assert.Equal(DatagramOutcome.Done, target.SendTo([4, 5, 6, 7], asked.Source));
        StampedDatagram answer;
        while ((outcome = socket.TryReceive(buffer, out answer)) == DatagramOutcome.WouldBlock)
        {
            Thread.Yield();
        }

        Assert.Equal(DatagramOutcome.Done, outcome);
        Assert.Equal(4, answer.Length);
        Assert.Equal(target.Local.Port, answer.Source.Port);
        Assert.True(socket.TryReceiveTransmitStamp(out uint stamped, out var sent));
        Assert.Equal(id, stamped);
        Assert.Equal(id + 1, socket.NextTransmitId);
        Assert.True(before.SinceEpoch <= sent && sent <= answer.Stamp && answer.Stamp <= Clocks.Realtime().SinceEpoch, $"{before} {sent} {answer.Stamp}");
        Assert.False(socket.TryReceiveTransmitStamp(out _, out _));
    }

    [Fact]
    public void An_interface_that_is_not_there_is_not_found() => Assert.False(LinkAddress.TryFind("nosuchlink", out _));
}
