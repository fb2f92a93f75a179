using System.Net;
using System.Net.Sockets;
using TimeSuite.Time;

namespace TimeSuite.Linux.Tests;

/// <summary>Who waits at the sockets of a daemon that will not run.</summary>
public sealed class TurnAwayTests
{
    private static readonly Duration s_while = Duration.FromSeconds(0.3);

    [Fact]
    public void Connections_and_datagrams_that_wait_and_those_that_come_meanwhile_are_gone_afterwards()
    {
        using var folder = new ScratchFolder();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(folder["status.sock"]));
        listener.Listen();
        using var port = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        port.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var early = Connected();
        client.SendTo("early"u8, port.LocalEndPoint!);
        var handed = new ListenFds([("status.sock", NativeCalls.Dup((int)listener.Handle)), ("ntp", NativeCalls.Dup((int)port.Handle))]);

        using var comes = new Timer(_ => client.SendTo("late"u8, port.LocalEndPoint!), null, 50, Timeout.Infinite);
        handed.TurnAway(s_while);

        Assert.Equal(0, early.Receive(new byte[1])); // closed
        Assert.False(listener.Poll(0, SelectMode.SelectRead));
        Assert.False(port.Poll(0, SelectMode.SelectRead));

        Socket Connected()
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
            socket.Connect(new UnixDomainSocketEndPoint(folder["status.sock"]));
            return socket;
        }
    }

    [Fact]
    public void It_takes_its_time_even_where_all_sockets_were_taken_and_none_where_there_were_none()
    {
        var begun = Clocks.Boot();
        new ListenFds([]).TurnAway(Duration.FromSeconds(3600L));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var handed = new ListenFds([("ntp", NativeCalls.Dup((int)socket.Handle))]);
        using var taken = handed.Take("ntp");

        handed.TurnAway(s_while);

        Assert.InRange((Clocks.Boot() - begun).Seconds, s_while.Seconds, 60);
    }
}
