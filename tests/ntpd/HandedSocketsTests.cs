using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

/// <summary>Sockets that somebody else has bound, as the service manager does, and requests to them.</summary>
public sealed class HandedSocketsTests : IDisposable
{
    private readonly ShadowPage _page = new(Duration.Zero);

    public void Dispose() => _page.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)] // shared
    [InlineData(2, 2)]
    [InlineData(2, 3)] // shared
    [InlineData(3, 1)] // one thread has all
    public void Every_client_is_answered_however_many_sockets_and_threads_there_are(int sockets, int threads)
    {
        var group = Bind(sockets);
        using var server = Serve(threads, group);
        Assert.Empty(server.Listen(["192.0.2.1:123"])); // it is not asked: what was handed over is served and nothing else

        for (int client = 1; client <= 40; client++)
        {
            Assert.True(IsAnswered(group, client), $"client {client}");
        }
    }

    [Fact]
    public void They_stay_open_and_are_served_again()
    {
        var group = Bind(1);
        using (var first = Serve(1, group))
        {
            first.Listen([]);
            Assert.True(IsAnswered(group, 1));
        }

        using var second = Serve(2, group);
        second.Listen([]);

        Assert.True(IsAnswered(group, 1));
    }

    private static HandedGroup Bind(int sockets)
    {
        var first = UdpSocket.Open(new() { Local = DatagramAddress.From(IPAddress.Loopback, 0), Serves = true });
        if (sockets == 1)
        {
            return new(first.Local.ToString(), [first]);
        }

        first.SharePort();
        var others = Enumerable.Range(1, sockets - 1).Select(_ => UdpSocket.Open(new() { Local = first.Local, Serves = true, SharesPort = true })).ToList();
        first.SteerByClient(sockets);
        return new(first.Local.ToString(), [first, .. others]);
    }

    private static bool IsAnswered(HandedGroup group, int client)
    {
        using var socket = UdpSocket.Open(new() { Local = DatagramAddress.From(new IPAddress([127, 1, 0, (byte)client]), 0) });
        using var poller = new Poller();
        poller.Add(socket.Descriptor, 1);
        var request = new byte[NtpHeader.Size];
        new NtpHeader { Version = 4, Mode = NtpMode.Client, Transmit = new((ulong)client) }.Write(request);
        Assert.Equal(DatagramOutcome.Done, socket.SendTo(request, group.Sockets[0].Local));
        var deadline = Clocks.Raw() + Duration.FromSeconds(10L);
        while (Clocks.Raw() < deadline)
        {
            poller.Wait(Duration.FromSeconds(0.1), new PollEvent[1]);
            if (socket.TryReceive(request, out _) == DatagramOutcome.Done)
            {
                return NtpHeader.TryParse(request, out var reply) && reply.Origin.Bits == (ulong)client;
            }

            socket.TryReceiveTransmitStamp(out _, out _);
        }

        return false;
    }

    private NtpServer Serve(int threads, HandedGroup group) => new(
        _page.Clock, Enumerable.Range(0, threads).Select(_ => new RequestService(new Responder(new TransmitMemory(8)))),
        new([group], ConfinedRight.None, NullLogger<ServedSockets>.Instance), NullLogger<NtpServer>.Instance);
}
