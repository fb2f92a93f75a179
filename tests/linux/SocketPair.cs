using System.Net;
using TimeSuite.Time;

namespace TimeSuite.Linux.Tests;

/// <summary>A client connected to a server on the loopback interface, and a poller that watches both.</summary>
internal sealed class SocketPair : IDisposable
{
    private static readonly Duration Patience = Duration.FromSeconds(10L); // bounds a wait; nothing here takes as long

    private readonly Poller _poller = new();
    private readonly PollEvent[] _events = new PollEvent[4];

    public SocketPair(IPAddress address)
    {
        Server = UdpSocket.Open(new() { Local = DatagramAddress.From(address, 0) });
        Client = UdpSocket.Open(new() { Local = DatagramAddress.From(address, 0) });
        Assert.Equal(DatagramOutcome.Done, Client.Connect(Server.Local));
        _poller.Add(Client.Descriptor, 1);
        _poller.Add(Server.Descriptor, 2);
        WaitForStamping();
    }

    public UdpSocket Client { get; }

    public UdpSocket Server { get; }

    public ReceivedDatagram Receive(UdpSocket socket, Span<byte> buffer)
    {
        var end = Clocks.Boot() + Patience;
        while (Clocks.Boot() < end)
        {
            if (socket.TryReceive(buffer, out var datagram) == DatagramOutcome.Done)
            {
                return datagram;
            }

            _poller.Wait(Duration.FromSeconds(0.1), _events);
        }

        throw new TimeoutException("no datagram came");
    }

    public (uint Id, Instant<Utc> Stamp) ReceiveTransmitStamp(UdpSocket socket)
    {
        var end = Clocks.Boot() + Patience;
        while (Clocks.Boot() < end)
        {
            if (socket.TryReceiveTransmitStamp(out uint id, out var stamp))
            {
                return (id, stamp);
            }

            _poller.Wait(Duration.FromSeconds(0.1), _events);
        }

        throw new TimeoutException("no transmit stamp came");
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        _poller.Dispose();
    }

    /// <summary>The kernel switches receive stamps on a moment after the first socket has asked for them.</summary>
    private void WaitForStamping()
    {
        Span<byte> octet = stackalloc byte[1];
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            Client.Send([0]);
            _ = ReceiveTransmitStamp(Client);
            if (Receive(Server, octet).Stamp is not null)
            {
                return;
            }

            Thread.Sleep(1);
        }

        throw new TimeoutException("the kernel does not stamp what it receives");
    }
}
