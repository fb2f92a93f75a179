using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

public sealed class BroadcasterTests : IDisposable
{
    private static readonly SymmetricKey Key = new(7, MacAlgorithm.Aes128, new byte[16]);

    private readonly ShadowPage _page = new(Duration.FromSeconds(5L));
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 30_000 };
    private readonly NtpServer _server;
    private readonly ServedSockets _sockets = new([], ConfinedRight.None, NullLogger<ServedSockets>.Instance);
    private readonly int _port = 10_000 + (Environment.ProcessId % 10_000); // below those that the kernel gives out by itself

    public BroadcasterTests()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Parse("127.255.255.255"), 0)); // the broadcast address of the loopback network
        _server = new(_page.Clock, [new RequestService(new Responder(null)), new RequestService(new Responder(null))], _sockets, NullLogger<NtpServer>.Instance);
        _server.Broadcast(new([DatagramAddress.From(IPAddress.Parse("127.255.255.255"), ((IPEndPoint)_listener.LocalEndPoint!).Port)], Interval: 0, Ttl: 1, Key));
    }

    public void Dispose()
    {
        _server.Dispose();
        _sockets.Dispose();
        _listener.Dispose();
        _page.Dispose();
    }

    [Fact]
    public void The_time_is_heard_again_and_again_from_the_served_port_signed_and_by_the_served_clock()
    {
        _server.Say(new ServerState { Leap = LeapIndicator.None, Stratum = 3, Precision = NtpServer.Precision, ReferenceId = new(0x0A000001) });
        Assert.Empty(_server.Listen([$"127.0.0.1:{_port}"]));

        for (int number = 0; number < 2; number++)
        {
            var (packet, from) = Hear();

            Assert.Equal(new IPEndPoint(IPAddress.Loopback, _port), from);
            Assert.Equal(68, packet.Length);
            Assert.True(NtpHeader.TryParse(packet, out var header));
            Assert.Equal((NtpMode.Broadcast, 4, (byte)3, (sbyte)0), (header.Mode, header.Version, header.Stratum, header.Poll));
            Assert.Equal((default, default), (header.Origin, header.Receive));
            Assert.True(Key.Verifies(packet.AsSpan(0, 48), packet.AsSpan(48)));
            Assert.InRange((header.Transmit - NtpTimestamp.FromUtc(Clocks.Realtime())).Seconds, 5 - 30, 5.01); // heard as late as the machine is busy
        }
    }

    [Fact]
    public void Nothing_is_heard_until_there_is_something_to_say()
    {
        Assert.Empty(_server.Listen([$"127.0.0.1:{_port}"]));
        Thread.Sleep(1_500);
        Assert.Equal(0, _listener.Available);

        _server.Say(new ServerState { Leap = LeapIndicator.None, Stratum = 3, Precision = NtpServer.Precision });

        Assert.Equal(68, Hear().Packet.Length);
    }

    [Fact]
    public void A_reload_sends_nothing_before_its_time()
    {
        var to = new[] { DatagramAddress.From(IPAddress.Parse("127.255.255.255"), ((IPEndPoint)_listener.LocalEndPoint!).Port) };
        _server.Broadcast(new(to, Interval: 17, Ttl: 1, Key));
        _server.Say(new ServerState { Leap = LeapIndicator.None, Stratum = 3, Precision = NtpServer.Precision });
        Assert.Empty(_server.Listen([$"127.0.0.1:{_port}"]));
        Hear();

        _server.Broadcast(new(to, Interval: 17, Ttl: 1, Key));
        Assert.Empty(_server.Listen([$"127.0.0.1:{_port}"]));
        Thread.Sleep(500);
        Assert.Equal(0, _listener.Available);

        _server.Broadcast(new(to, Interval: 16, Ttl: 1, Key));
        Assert.Empty(_server.Listen([$"127.0.0.1:{_port}"]));
        Hear();
    }

    private (byte[] Packet, EndPoint From) Hear()
    {
        byte[] buffer = new byte[200];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        int length = _listener.ReceiveFrom(buffer, ref from);
        return (buffer[..length], from);
    }
}
