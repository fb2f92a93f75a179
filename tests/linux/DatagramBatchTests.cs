using System.Net;
using TimeSuite.Time;

namespace TimeSuite.Linux.Tests;

/// <summary>A server's socket and a client's on loopback, and batches between them.</summary>
public sealed class DatagramBatchTests : IDisposable
{
    private readonly DatagramBatch _batch = new(8);

    public void Dispose() => _batch.Dispose();

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.3")]
    [InlineData("::1", "::1")]
    [InlineData("::", "::1")]
    public void Each_request_is_answered_to_its_sender_from_the_address_that_it_asked(string bound, string asked)
    {
        using var server = Serve(bound);
        using var client = Ask(asked);
        var target = DatagramAddress.From(IPAddress.Parse(asked), server.Local.Port);
        AwaitStamps(server, client, target);
        for (byte number = 0; number < 20; number++)
        {
            var before = Clocks.Realtime();
            Assert.Equal(DatagramOutcome.Done, client.SendTo([number, 1, 2], target));
            Assert.Equal(1, Receive(server));

            Assert.Equal(new byte[] { number, 1, 2 }, _batch.Request(0).ToArray());
            Assert.Equal(client.Local.Port, _batch.Source(0).Port);
            Assert.Equal(asked, _batch.Source(0).ToIPAddress().ToString());
            long stamp = _batch.Stamp(0).Nanoseconds;
            Assert.InRange(stamp, before.SinceEpoch.Nanoseconds, Clocks.Realtime().SinceEpoch.Nanoseconds);
            if (IPAddress.Parse(bound).Equals(IPAddress.Any) || IPAddress.Parse(bound).Equals(IPAddress.IPv6Any))
            {
                Assert.Equal(target.WithPort(0), _batch.LocalAddress(0));
            }

            _batch.Reply(0)[0] = (byte)(number + 100);
            _batch.Answer(0, 1);
            Assert.True(_batch.Send(server));
            var buffer = new byte[8];
            var reply = Wait(client, buffer);
            Assert.Equal((target, 1, (byte)(number + 100)), (reply.Source, reply.Length, buffer[0]));
        }
    }

    [Fact]
    public void A_batch_takes_what_there_is_room_for_and_answers_whom_it_likes_in_any_order()
    {
        using var server = Serve("127.0.0.1");
        using var client = Ask("127.0.0.1");
        for (byte number = 0; number < 11; number++)
        {
            client.SendTo([number], server.Local);
        }

        Assert.Equal(8, Receive(server));
        for (int slot = 7; slot >= 0; slot -= 2)
        {
            _batch.Reply(slot)[0] = _batch.Request(slot)[0];
            _batch.Answer(slot, 1);
        }

        Assert.True(_batch.Send(server));
        var buffer = new byte[8];
        Assert.Equal([7, 5, 3, 1], Enumerable.Range(0, 4).Select(_ => Wait(client, buffer) is { } ? buffer[0] : default));
        Assert.Equal(3, _batch.Receive(server));
        Assert.Equal(8, _batch.Request(0)[0]);
        Assert.Equal(0, _batch.Receive(server));
        Assert.True(_batch.Send(server)); // nothing to send
        Assert.Equal(DatagramOutcome.WouldBlock, client.TryReceive(buffer, out _));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("::", "::1")]
    public void The_kernel_stamps_the_departures_that_it_is_asked_to_stamp_and_no_others(string bound, string asked)
    {
        using var server = Serve(bound);
        using var client = Ask(asked);
        var target = DatagramAddress.From(IPAddress.Parse(asked), server.Local.Port);
        for (int round = 0; round < 3; round++)
        {
            for (byte number = 0; number < 4; number++)
            {
                client.SendTo([number], target);
            }

            Assert.Equal(4, Receive(server));
            var before = Clocks.Realtime();
            _batch.Answer(0, 1);
            uint first = _batch.AnswerStamped(server, 1, 1);
            _batch.Answer(2, 1);
            uint second = _batch.AnswerStamped(server, 3, 1);
            Assert.True(_batch.Send(server));

            foreach (uint expected in new[] { first, second })
            {
                Assert.True(server.TryReceiveTransmitStamp(out uint id, out var stamp));
                Assert.Equal(expected, id);
                Assert.True(before <= stamp && stamp <= Clocks.Realtime());
            }

            Assert.NotEqual(first, second);
            Assert.False(server.TryReceiveTransmitStamp(out _, out _));
        }
    }

    [Fact]
    public void A_datagram_that_is_too_long_is_cut_and_says_so()
    {
        using var server = Serve("127.0.0.1");
        using var client = Ask("127.0.0.1");
        client.SendTo(new byte[DatagramBatch.Room + 1], server.Local);
        client.SendTo(new byte[DatagramBatch.Room], server.Local);
        client.SendTo([], server.Local);

        Assert.Equal(3, Receive(server));

        Assert.Equal((true, DatagramBatch.Room), (_batch.IsTruncated(0), _batch.Request(0).Length));
        Assert.Equal((false, DatagramBatch.Room), (_batch.IsTruncated(1), _batch.Request(1).Length));
        Assert.Equal((false, 0), (_batch.IsTruncated(2), _batch.Request(2).Length));
    }

    [Fact]
    public void Receiving_and_answering_makes_no_garbage()
    {
        using var server = Serve("0.0.0.0");
        using var client = Ask("127.0.0.1");
        var target = DatagramAddress.From(IPAddress.Loopback, server.Local.Port);
        Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int count = 0; count < 100; count++)
        {
            Round();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Round()
        {
            client.SendTo([1], target);
            while (_batch.Receive(server) == 0)
            {
            }

            Assert.True(_batch.Source(0).IsKnown);
            _batch.AnswerStamped(server, 0, 1);
            _batch.Send(server);
            server.TryReceiveTransmitStamp(out _, out _);
        }
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void What_one_client_sends_comes_to_one_socket_whatever_port_it_uses(string address)
    {
        var any = IPAddress.Parse(address);
        using var first = UdpSocket.Open(new() { Local = DatagramAddress.From(any, 0), Serves = true });
        first.SharePort();
        using var second = UdpSocket.Open(new() { Local = first.Local, Serves = true, SharesPort = true });
        using var third = UdpSocket.Open(new() { Local = first.Local, Serves = true, SharesPort = true });
        first.SteerByClient(3);
        for (int count = 0; count < 40; count++)
        {
            using var client = Ask(address);
            Assert.Equal(DatagramOutcome.Done, client.SendTo([1], first.Local));
        }

        int[] counts = [Count(first), Count(second), Count(third)];

        Assert.Equal(40, counts.Max());
        Assert.Equal(40, counts.Sum());
    }

    [Theory]
    [InlineData(24, 1)]
    [InlineData(32, 3)]
    public void Whom_a_prefix_makes_one_client_comes_to_one_socket(int ipv4Bits, int expected)
    {
        using var first = UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Loopback, 0), Serves = true });
        first.SharePort();
        using var second = UdpSocket.Open(new() { Local = first.Local, Serves = true, SharesPort = true });
        using var third = UdpSocket.Open(new() { Local = first.Local, Serves = true, SharesPort = true });
        first.SteerByClient(3, ipv4Bits);
        for (int count = 1; count <= 100; count++)
        {
            using var client = UdpSocket.Open(new() { Local = DatagramAddress.From(new IPAddress([127, 1, 2, (byte)count]), 0) });
            client.SendTo([1], first.Local);
        }

        int[] counts = [Count(first), Count(second), Count(third)];

        Assert.Equal(100, counts.Sum());
        Assert.Equal(expected, counts.Count(count => count > 0));
    }

    /// <summary>As the service manager hands over for [::]:123 where nothing else is said.</summary>
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void On_sockets_of_both_families_too_a_client_comes_to_one_socket(string address)
    {
        const int solSocket = 1, reusePort = 15;
        using var both = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetworkV6, System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Udp);
        both.DualMode = true;
        both.SetRawSocketOption(solSocket, reusePort, [1, 0, 0, 0]);
        both.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        int port = ((IPEndPoint)both.LocalEndPoint!).Port;
        using var another = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetworkV6, System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Udp);
        another.DualMode = true;
        another.SetRawSocketOption(solSocket, reusePort, [1, 0, 0, 0]);
        another.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        using var first = UdpSocket.Adopt(new Descriptor(NativeCalls.Dup((int)both.Handle)), serves: true);
        using var second = UdpSocket.Adopt(new Descriptor(NativeCalls.Dup((int)another.Handle)), serves: true);
        first.SteerByClient(2);
        for (int count = 0; count < 40; count++)
        {
            using var client = Ask(address);
            Assert.Equal(DatagramOutcome.Done, client.SendTo([1], DatagramAddress.From(IPAddress.Parse(address), port)));
        }

        int[] counts = [Count(first), Count(second)];

        Assert.Equal(40, counts.Max());
        Assert.Equal(40, counts.Sum());
    }

    [Fact]
    public void What_was_sent_to_a_broadcast_address_says_so()
    {
        using var server = Serve("0.0.0.0");
        using var client = Ask("127.0.0.1");
        client.AllowBroadcast(1);
        client.SendTo([1], DatagramAddress.From(IPAddress.Parse("127.255.255.255"), server.Local.Port));
        client.SendTo([2], DatagramAddress.From(IPAddress.Parse("127.0.0.3"), server.Local.Port));

        Assert.Equal(2, Receive(server));

        Assert.Equal([true, false], [_batch.IsToMany(0), _batch.IsToMany(1)]);
    }

    [Fact]
    public void What_came_before_a_socket_was_taken_over_is_answered_from_the_address_that_was_asked_too()
    {
        using var handed = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Udp);
        handed.Bind(new IPEndPoint(IPAddress.Any, 0));
        var target = DatagramAddress.From(IPAddress.Parse("127.0.0.3"), ((IPEndPoint)handed.LocalEndPoint!).Port);
        using var client = Ask("127.0.0.1");
        client.SendTo([1], target);
        using var server = UdpSocket.Adopt(new Descriptor(NativeCalls.Dup((int)handed.Handle)), serves: true);

        Assert.Equal(1, Receive(server));
        Assert.False(_batch.IsToMany(0));
        _batch.Answer(0, 1);
        Assert.True(_batch.Send(server));

        Assert.Equal(target, Wait(client, new byte[8]).Source);
    }

    [Fact]
    public void Many_clients_are_spread_over_the_sockets()
    {
        using var first = UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Loopback, 0), Serves = true });
        first.SharePort();
        using var second = UdpSocket.Open(new() { Local = first.Local, Serves = true, SharesPort = true });
        first.SteerByClient(2);
        for (int count = 0; count < 200; count++)
        {
            using var client = UdpSocket.Open(new() { Local = DatagramAddress.From(new IPAddress([127, 1, 2, (byte)count]), 0) });
            client.SendTo([1], first.Local);
        }

        int[] counts = [Count(first), Count(second)];
        Assert.Equal(200, counts.Sum());
        Assert.All(counts, count => Assert.InRange(count, 40, 160));
    }

    [Fact]
    public void A_port_is_ours_alone_until_we_share_it()
    {
        using var first = UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Loopback, 0), Serves = true });

        Assert.Throws<System.ComponentModel.Win32Exception>(() => UdpSocket.Open(new() { Local = first.Local, Serves = true, SharesPort = true }));
        first.SharePort();
        using var second = UdpSocket.Open(new() { Local = first.Local, Serves = true, SharesPort = true });
        Assert.Throws<System.ComponentModel.Win32Exception>(() => UdpSocket.Open(new() { Local = first.Local, Serves = true }));
    }

    private static UdpSocket Serve(string address) => UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Parse(address), 0), Serves = true });

    private static UdpSocket Ask(string address) => UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Parse(address), 0) });

    private int Count(UdpSocket socket)
    {
        int count = 0;
        for (int got = _batch.Receive(socket); got > 0; got = _batch.Receive(socket))
        {
            count += got;
        }

        return count;
    }

    /// <summary>The kernel begins to stamp a moment after the first socket of the machine has asked for it (net_enable_timestamp defers it).</summary>
    private void AwaitStamps(UdpSocket server, UdpSocket client, DatagramAddress target)
    {
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            client.SendTo([0], target);
            Assert.Equal(1, Receive(server));
            if (_batch.Stamp(0).IsKnown)
            {
                return;
            }
        }

        Assert.Fail("the kernel stamps nothing");
    }

    private int Receive(UdpSocket server)
    {
        using var poller = new Poller();
        poller.Add(server.Descriptor, 1);
        Assert.Equal(1, poller.Wait(Duration.FromSeconds(10L), new PollEvent[1]));
        return _batch.Receive(server);
    }

    private static ReceivedDatagram Wait(UdpSocket client, byte[] buffer)
    {
        using var poller = new Poller();
        poller.Add(client.Descriptor, 1);
        var events = new PollEvent[1];
        ReceivedDatagram datagram;
        while (client.TryReceive(buffer, out datagram) != DatagramOutcome.Done)
        {
            poller.Wait(Duration.FromSeconds(10L), events);
            while (client.TryReceiveTransmitStamp(out _, out _))
            {
            }
        }

        return datagram;
    }
}
