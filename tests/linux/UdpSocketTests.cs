using System.Net;
using TimeSuite.Time;

namespace TimeSuite.Linux.Tests;

public sealed class UdpSocketTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Each_of_100_packets_is_stamped_when_sent_and_when_received(string address)
    {
        using var pair = new SocketPair(IPAddress.Parse(address));
        Span<byte> buffer = stackalloc byte[100];
        for (byte number = 0; number < 100; number++)
        {
            var before = Clocks.Realtime();
            uint expected = pair.Client.NextTransmitId;
            Assert.Equal(DatagramOutcome.Done, pair.Client.Send([number]));

            var received = pair.Receive(pair.Server, buffer);
            var (id, sent) = pair.ReceiveTransmitStamp(pair.Client);
            var after = Clocks.Realtime();

            Assert.Equal(number, buffer[0]);
            Assert.Equal(1, received.Length);
            Assert.Equal(expected, id);
            Assert.True(before <= sent && sent <= received.Stamp && received.Stamp <= after, $"{before} {sent} {received.Stamp} {after}");
            Assert.Equal(pair.Client.Local, received.Source);
        }
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Transmit_stamps_wait_with_their_numbers_until_they_are_asked_for(string address)
    {
        using var pair = new SocketPair(IPAddress.Parse(address));
        uint first = pair.Client.NextTransmitId;
        for (int count = 0; count < 10; count++)
        {
            pair.Client.Send([1]);
        }

        var ids = Enumerable.Range(0, 10).Select(_ => pair.ReceiveTransmitStamp(pair.Client).Id).ToArray();

        Assert.Equal(Enumerable.Range((int)first, 10).Select(id => (uint)id), ids);
        Assert.False(pair.Client.TryReceiveTransmitStamp(out _, out _));
    }

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.2")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("::", "::1")]
    public void A_server_on_every_address_answers_from_the_one_that_was_asked(string any, string asked)
    {
        using var server = UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Parse(any), 0) });
        using var client = UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Parse(any), 0) });
        using var poller = new Poller();
        poller.Add(server.Descriptor, 1);
        poller.Add(client.Descriptor, 2);
        var target = DatagramAddress.From(IPAddress.Parse(asked), server.Local.Port);
        byte[] buffer = new byte[16];

        Assert.Equal(DatagramOutcome.Done, client.SendTo("ping"u8, target));
        var request = WaitFor(poller, server, buffer);
        Assert.Equal(target.WithPort(0), request.LocalAddress);
        Assert.NotEqual(0, request.InterfaceIndex);

        Assert.Equal(DatagramOutcome.Done, server.Reply("pong"u8, request));
        var reply = WaitFor(poller, client, buffer);

        Assert.Equal(target, reply.Source);
        Assert.Equal("pong"u8, buffer.AsSpan(0, reply.Length));
    }

    [Theory]
    [InlineData("127.0.0.1", 46)]
    [InlineData("::1", 46)]
    [InlineData("127.0.0.1", 63)]
    public void The_code_point_reaches_the_kernel(string address, int dscp)
    {
        using var socket = UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Parse(address), 0), Dscp = dscp });

        Assert.Equal(dscp, socket.ReadDscp());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_port_that_nobody_has_is_a_result_and_transmit_numbers_stay_right_after_it(string address)
    {
        using var pair = new SocketPair(IPAddress.Parse(address));
        var server = pair.Server.Local;
        pair.Server.Dispose();

        Assert.Equal(DatagramOutcome.Refused, UntilRefused(() => pair.Client.Send([1])));
        while (pair.Client.TryReceiveTransmitStamp(out _, out _))
        {
        }

        using var reborn = UdpSocket.Open(new() { Local = server });
        for (int count = 0; count < 5; count++)
        {
            uint expected = pair.Client.NextTransmitId;
            Assert.Equal(DatagramOutcome.Done, pair.Client.Send([3]));
            Assert.Equal(expected, pair.ReceiveTransmitStamp(pair.Client).Id);
        }
    }

    [Fact]
    public void A_refusal_shows_when_receiving_too()
    {
        using var pair = new SocketPair(IPAddress.Loopback);
        pair.Server.Dispose();
        pair.Client.Send([1]);

        Assert.Equal(DatagramOutcome.Refused, UntilRefused(() => pair.Client.TryReceive(new byte[1], out _)));
        Assert.Equal(DatagramOutcome.WouldBlock, pair.Client.TryReceive(new byte[1], out _));
    }

    [Fact]
    public void Nothing_to_receive_is_said_at_once()
    {
        using var socket = UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Loopback, 0) });

        Assert.Equal(DatagramOutcome.WouldBlock, socket.TryReceive(new byte[1], out _));
        Assert.False(socket.TryReceiveTransmitStamp(out _, out _));
    }

    [Fact]
    public void A_datagram_that_is_longer_than_the_buffer_says_so()
    {
        using var pair = new SocketPair(IPAddress.Loopback);
        pair.Client.Send(new byte[100]);

        var received = pair.Receive(pair.Server, new byte[48]);

        Assert.True(received.IsTruncated);
        Assert.Equal(48, received.Length);
    }

    [Fact]
    public void An_empty_datagram_is_a_datagram()
    {
        using var pair = new SocketPair(IPAddress.Loopback);
        pair.Client.Send([]);

        Assert.Equal(0, pair.Receive(pair.Server, new byte[48]).Length);
    }

    [Fact]
    public void An_address_without_a_route_is_a_result()
    {
        using var socket = UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Loopback, 0) });

        // From 127.0.0.1 there is no way out of this machine.
        Assert.Equal(DatagramOutcome.Unreachable, socket.SendTo([1], DatagramAddress.From(IPAddress.Parse("192.0.2.99"), 123)));
    }

    [Fact]
    public void A_socket_that_was_handed_down_receives_with_stamps()
    {
        using var pair = new SocketPair(IPAddress.Loopback);
        int copy = NativeCalls.Dup(pair.Server.Descriptor.Number);
        using var adopted = UdpSocket.Adopt(new Descriptor(copy));
        pair.Client.Send([7]);

        var received = pair.Receive(adopted, new byte[1]);

        Assert.NotNull(received.Stamp);
        Assert.Equal(pair.Server.Local, adopted.Local);
    }

    [Fact]
    public void A_socket_that_outlives_its_daemon_counts_its_transmit_stamps_from_zero_again()
    {
        using var pair = new SocketPair(IPAddress.Loopback);
        pair.Client.Send([1]);
        pair.Client.Send([2]);
        Assert.NotEqual(0u, pair.Client.NextTransmitId);
        int copy = NativeCalls.Dup(pair.Client.Descriptor.Number);
        using var adopted = UdpSocket.Adopt(new Descriptor(copy));

        Assert.Equal(0u, adopted.NextTransmitId);
        Assert.Equal(DatagramOutcome.Done, adopted.Send([3]));
        Assert.Equal(0u, pair.ReceiveTransmitStamp(adopted).Id);
        Assert.False(adopted.TryReceiveTransmitStamp(out _, out _));
    }

    [Fact]
    public void What_is_no_UDP_socket_is_not_adopted()
    {
        using var watch = new NetworkWatch();
        int copy = NativeCalls.Dup(watch.Descriptor.Number);

        Assert.Throws<System.ComponentModel.Win32Exception>(() => UdpSocket.Adopt(new Descriptor(copy)));
    }

    [Fact]
    public void A_port_in_use_is_an_error_that_names_the_call()
    {
        using var first = UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Loopback, 0) });

        var error = Assert.Throws<System.ComponentModel.Win32Exception>(() => UdpSocket.Open(new() { Local = first.Local }));

        Assert.StartsWith("bind: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sockets_can_share_a_port_and_stay_on_an_interface()
    {
        var options = new UdpSocketOptions { Local = DatagramAddress.From(IPAddress.Loopback, 0), SharesPort = true, Interface = "lo" };
        using var first = UdpSocket.Open(options);
        using var second = UdpSocket.Open(options with { Local = first.Local });
        using var nowhere = UdpSocket.Open(options with { Interface = "no-such-interface", Local = options.Local });

        Assert.Equal(first.Local, second.Local);
        Assert.True(first.IsOnInterface);
        Assert.False(nowhere.IsOnInterface);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_thousand_packets_allocate_nothing(string address)
    {
        using var pair = new SocketPair(IPAddress.Parse(address));
        byte[] buffer = new byte[100];
        Exchange(pair, buffer, rounds: 50); // everything is compiled and bound after these

        long before = GC.GetAllocatedBytesForCurrentThread();
        int stamps = Exchange(pair, buffer, rounds: 1000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(3000, stamps);
    }

    /// <summary>The ICMP error comes back at once, or when the kernel's own thread finds the time.</summary>
    private static DatagramOutcome UntilRefused(Func<DatagramOutcome> call)
    {
        var outcome = call();
        for (int attempt = 0; attempt < 10_000 && outcome != DatagramOutcome.Refused; attempt++)
        {
            Thread.Sleep(1);
            outcome = call();
        }

        return outcome;
    }

    /// <summary>Request and reply with all stamps.</summary>
    private static int Exchange(SocketPair pair, byte[] buffer, int rounds)
    {
        int stamps = 0;
        for (int round = 0; round < rounds; round++)
        {
            pair.Client.Send(buffer.AsSpan(0, 48));
            var request = pair.Receive(pair.Server, buffer);
            pair.Server.Reply(buffer.AsSpan(0, 48), request);
            var reply = pair.Receive(pair.Client, buffer);
            stamps += request.Stamp is not null ? 1 : 0;
            stamps += reply.Stamp is not null ? 1 : 0;
            stamps += pair.ReceiveTransmitStamp(pair.Client).Stamp > default(Instant<Utc>) ? 1 : 0;
            while (pair.Server.TryReceiveTransmitStamp(out _, out _))
            {
            }
        }

        return stamps;
    }

    private static ReceivedDatagram WaitFor(Poller poller, UdpSocket socket, byte[] buffer)
    {
        Span<PollEvent> events = stackalloc PollEvent[2];
        for (int attempt = 0; attempt < 100; attempt++)
        {
            if (socket.TryReceive(buffer, out var datagram) == DatagramOutcome.Done)
            {
                return datagram;
            }

            poller.Wait(Duration.FromSeconds(0.1), events);
        }

        throw new TimeoutException("no datagram came");
    }
}
