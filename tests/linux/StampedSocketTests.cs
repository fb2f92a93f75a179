using System.Net;
using TimeSuite.Time;

namespace TimeSuite.Linux.Tests;

public sealed class StampedSocketTests
{
    private readonly byte[] _buffer = new byte[100];

    [Fact]
    public void A_datagram_is_stamped_when_it_leaves_and_its_answer_when_it_comes()
    {
        Assert.True(LinkAddress.TryFind("lo", out var link));
        using var socket = StampedSocket.OpenUdp(link, isIpv6: false, port: 0, groups: [], hops: 1, dscp: 46, StampKind.Software);
        using var target = UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Loopback, 0) });

        // The kernel begins to stamp what comes some time after the first socket asked for it: until then stamps are missing, and the sending one is there.
        var answer = default(StampedDatagram);
        for (uint round = 0; answer.Stamp is null; round++)
        {
            Assert.True(round < 1_000, "no datagram is ever stamped when it comes");
            Assert.Equal(round, socket.NextTransmitId);
            var before = Clocks.Realtime();
            answer = Exchange(socket, target);

            Assert.Equal((4, target.Local.Port), (answer.Length, answer.Source.Port));
            Assert.True(socket.TryReceiveTransmitStamp(out uint stamped, out var sent));
            Assert.Equal(round, stamped);
            Assert.True(before.SinceEpoch <= sent && !(answer.Stamp < sent) && !(answer.Stamp > Clocks.Realtime().SinceEpoch), $"{before} {sent} {answer.Stamp}");
            Assert.False(socket.TryReceiveTransmitStamp(out _, out _));
            Thread.Sleep(1);
        }
    }

    /// <summary>By the first octet behind the UDP header.</summary>
    [Fact]
    public void What_a_filter_drops_does_not_come()
    {
        Assert.True(LinkAddress.TryFind("lo", out var link));
        using var socket = StampedSocket.OpenUdp(link, isIpv6: false, port: 0, groups: [], hops: 1, dscp: 0, StampKind.Software);
        using var sender = UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Loopback, 0) });
        Exchange(socket, sender); // so that the sender knows the port
        Assert.Equal(DatagramOutcome.Done, socket.SendTo([1], sender.Local));
        ReceivedDatagram asked;
        while (sender.TryReceive(_buffer, out asked) == DatagramOutcome.WouldBlock)
        {
            Thread.Yield();
        }

        socket.Filter([FilterStep.LoadOctet(8), FilterStep.And(0xF), FilterStep.SkipUnlessEqual(9, 1), FilterStep.Drop, FilterStep.Take]);
        foreach (byte first in new byte[] { 0x19, 0x08, 0x09, 0x0A })
        {
            Assert.Equal(DatagramOutcome.Done, sender.SendTo([first], asked.Source));
        }

        Assert.Equal(DatagramOutcome.Done, sender.SendTo([], asked.Source)); // ends before what is looked at
        List<byte> came = [];
        for (int attempt = 0; attempt < 1_000 && came.Count < 2; attempt++)
        {
            if (socket.TryReceive(_buffer, out var datagram) == DatagramOutcome.Done)
            {
                Assert.Equal(1, datagram.Length);
                came.Add(_buffer[0]);
            }

            Thread.Yield();
        }

        Assert.Equal([0x08, 0x0A], came);
        Assert.Equal(DatagramOutcome.WouldBlock, socket.TryReceive(_buffer, out _));
    }

    private StampedDatagram Exchange(StampedSocket socket, UdpSocket target)
    {
        Assert.Equal(DatagramOutcome.Done, socket.SendTo([1, 2, 3], target.Local));
        DatagramOutcome outcome;
        ReceivedDatagram asked;
        while ((outcome = target.TryReceive(_buffer, out asked)) == DatagramOutcome.WouldBlock)
        {
            Thread.Yield();
        }

        Assert.Equal(DatagramOutcome.Done, outcome);
        Assert.Equal(DatagramOutcome.Done, target.SendTo([4, 5, 6, 7], asked.Source));
        StampedDatagram answer;
        while ((outcome = socket.TryReceive(_buffer, out answer)) == DatagramOutcome.WouldBlock)
        {
            Thread.Yield();
        }

        Assert.Equal(DatagramOutcome.Done, outcome);
        return answer;
    }
}
