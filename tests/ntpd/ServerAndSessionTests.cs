using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

/// <summary>Our client against our server over real sockets with kernel stamps, each with a clock of its own.</summary>
public sealed class ServerAndSessionTests : IDisposable
{
    private static readonly Instant<Utc> EraStart = new(Duration.FromSeconds(1_600_000_000L));

    private readonly int _port = 20_000 + (Environment.ProcessId % 12_000); // below those that the kernel gives out by itself
    private readonly ShadowPage _page = new(Duration.FromSeconds(5L));
    private readonly EventLoop _loop = new();
    private readonly Recorder _host;
    private readonly ServedSockets _sockets = new([], ConfinedRight.None, NullLogger<ServedSockets>.Instance);

    public ServerAndSessionTests() => _host = new(_loop);

    [Theory]
    [InlineData("127.0.0.1", false, 1)]
    [InlineData("127.0.0.1", true, 1)]
    [InlineData("127.0.0.1", true, 3)] // each client has its thread, whatever port it asks from
    [InlineData("::1", false, 1)]
    [InlineData("::1", true, 1)]
    [InlineData("::1", true, 3)]
    public void The_client_measures_how_far_the_servers_clock_is_from_the_raw_oscillator(string address, bool interleaved, int threads)
    {
        using var server = Serve(address, _port, threads);
        using var session = Session(address, _port, interleaved);

        // A machine that stands still for a moment may cost an exchange its stamp or its place in the chain: one of those that come is as it should be.
        Run(session, until: () => _host.Measured is [.., { Sent.Source: StampSource.Kernel, Received.Source: StampSource.Kernel } last] && last.Interleaved == interleaved && last.Delay.Seconds < 0.1);

        var exchange = _host.Measured[^1];
        var system = Clocks.Read();
        double middle = ((exchange.RemoteReceived - system.Realtime) + (exchange.RemoteSent - system.Realtime)).Seconds / 2;
        double local = ((exchange.Sent.At - system.Raw) + (exchange.Received.At - system.Raw)).Seconds / 2;
        double doubt = exchange.Delay.Seconds / 2; // a busy machine may hold a packet up
        Assert.InRange(middle - local, 4.999 - doubt, 5.001 + doubt); // the shadow is 5 s ahead of the system's clock
        Assert.InRange(exchange.Delay.Seconds, 0, 0.1);
        Assert.Equal(3, exchange.Stratum);
    }

    [Fact]
    public void A_port_that_nobody_listens_on_is_named_and_leaves_the_association_waiting()
    {
        using var session = Session("127.0.0.1", 9, interleaved: false);

        Run(session, until: () => session.SendFailure is not null);

        Assert.Contains("nobody listens", session.SendFailure, StringComparison.Ordinal);
        Assert.Empty(_host.Measured);
        Assert.NotNull(session.Due);
    }

    [Fact]
    public void An_address_that_could_not_be_had_is_served_as_soon_as_it_can_and_the_others_all_the_time()
    {
        string taken = $"127.0.0.1:{_port}", free = $"127.0.0.2:{_port}";
        var squatter = UdpSocket.Open(new UdpSocketOptions { Local = DatagramAddress.From(System.Net.IPAddress.Loopback, _port) });
        var log = new LogLines<NtpServer>(LogLevel.Warning);
        using var server = new NtpServer(_page.Clock, Services(1), _sockets, log);

        Assert.StartsWith(taken + " (", Assert.Single(server.Listen([taken, free])), StringComparison.Ordinal);
        Assert.Single(server.Retry());
        Assert.Single(log.Texts); // not at each attempt
        Assert.Single(server.Listen([taken, free]));
        Assert.Equal(2, log.Texts.Count); // but at each reload
        squatter.Dispose();
        Assert.Empty(server.Retry());

        server.Say(new ServerState { Leap = LeapIndicator.None, Stratum = 3, Precision = NtpServer.Precision, ReferenceId = new(0x0A000001) });
        using var late = Session("127.0.0.1", _port, interleaved: false);
        using var early = Session("127.0.0.2", _port, interleaved: false);
        Run(late, until: () => late.Last is not null && early.Last is not null, early);
    }

    [Fact]
    public void What_is_no_longer_served_is_closed()
    {
        using var server = Serve("127.0.0.1", _port);

        Assert.Empty(server.Listen([$"127.0.0.2:{_port}"]));

        using var session = Session("127.0.0.1", _port, interleaved: false);
        Run(session, until: () => session.SendFailure is not null);
        Assert.Contains("nobody listens", session.SendFailure, StringComparison.Ordinal);
    }

    /// <summary>A datagram to a broadcast address comes to the socket of each thread: one request would bring as many replies as there are threads.</summary>
    [Fact]
    public void What_is_sent_to_a_broadcast_address_is_counted_and_answered_by_no_thread()
    {
        using var server = Serve("0.0.0.0", _port, threads: 2);
        using var client = UdpSocket.Open(new() { Local = DatagramAddress.From(System.Net.IPAddress.Loopback, 0) });
        client.AllowBroadcast(1);

        client.SendTo(Request, DatagramAddress.From(System.Net.IPAddress.Parse("127.255.255.255"), _port));

        AwaitCount(server, RequestVerdict.ToMany, 2);
        client.SendTo(Request, DatagramAddress.From(System.Net.IPAddress.Loopback, _port)); // what comes first is the answer to this
        AwaitCount(server, RequestVerdict.Answered, 1);
        using var arrival = new Poller();
        arrival.Add(client.Descriptor, 1);
        arrival.Wait(Duration.FromSeconds(10L), new PollEvent[1]); // it is counted before it is sent
        byte[] reply = new byte[NtpHeader.Size];
        Assert.Equal(DatagramOutcome.Done, client.TryReceive(reply, out var first));
        Assert.Equal("127.0.0.1", first.Source.ToIPAddress().ToString());
        Assert.Equal(DatagramOutcome.WouldBlock, client.TryReceive(reply, out _));
    }

    /// <summary>No reply can go there: to try would cost a call for each, and disturb the numbers of the kernel's stamps.</summary>
    [RootFact]
    public void A_request_from_port_zero_is_counted_and_not_answered()
    {
        using var server = Serve("127.0.0.1", _port);
        using var raw = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Raw, System.Net.Sockets.ProtocolType.Udp);
        byte[] datagram = [0, 0, (byte)(_port >> 8), (byte)(_port & 0xFF), 0, (byte)(8 + NtpHeader.Size), 0, 0, .. Request]; // RFC 768; checksum 0: none

        raw.SendTo(datagram, new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));

        AwaitCount(server, RequestVerdict.FromPortZero, 1);
        Assert.All(server.Services, service => Assert.Equal(0UL, service.Counters.Replies + service.Counters.Unsent));
    }

    private static byte[] Request
    {
        get
        {
            byte[] request = new byte[NtpHeader.Size];
            new NtpHeader { Version = 4, Mode = NtpMode.Client, Transmit = new(1) }.Write(request);
            return request;
        }
    }

    private static void AwaitCount(NtpServer server, RequestVerdict verdict, ulong count)
    {
        var deadline = Clocks.Raw() + Duration.FromSeconds(20L);
        while (server.Services.Aggregate(0UL, (sum, service) => sum + service.Counters[verdict]) < count)
        {
            Assert.True(Clocks.Raw() < deadline, $"{verdict} {count} times");
            Thread.Sleep(10);
        }
    }

    public void Dispose()
    {
        _loop.Dispose();
        _sockets.Dispose();
        _page.Dispose();
    }

    private static IEnumerable<RequestService> Services(int threads) =>
        Enumerable.Range(0, threads).Select(_ => new RequestService(new Responder(new TransmitMemory(8))));

    private NtpServer Serve(string address, int port, int threads = 1)
    {
        var server = new NtpServer(_page.Clock, Services(threads), _sockets, NullLogger<NtpServer>.Instance);
        server.Say(new ServerState { Leap = LeapIndicator.None, Stratum = 3, Precision = NtpServer.Precision, ReferenceId = new(0x0A000001) });
        Assert.Empty(server.Listen([new System.Net.IPEndPoint(System.Net.IPAddress.Parse(address), port).ToString()]));
        return server;
    }

    private SourceSession Session(string address, int port, bool interleaved)
    {
        var config = new SourceConfig { Kind = SourceConfig.SourceKind.Server, Name = address, Port = port, MinPoll = -4, MaxPoll = -4, Interleaved = interleaved };
        var remote = DatagramAddress.From(System.Net.IPAddress.Parse(address), port);
        return new SourceSession(new SourceId(1), config, remote, EraStart, _host, Clocks.Raw());
    }

    /// <summary>Runs the loop until the condition holds, or fails after 20 s.</summary>
    private void Run(SourceSession session, Func<bool> until, SourceSession? other = null)
    {
        var deadline = Clocks.Raw() + Duration.FromSeconds(20L);
        _loop.Run(() => session.Due is { } due && due < deadline ? due : deadline, now =>
        {
            foreach (var one in new[] { session, other ?? session })
            {
                if (one.Due <= now)
                {
                    one.OnTimer(now);
                }
            }

            if (until() || now >= deadline)
            {
                _loop.Stop();
            }
        });
        Assert.True(until(), "nothing happened within 20 s");
    }

    private sealed class Recorder(EventLoop loop) : ISessionHost
    {
        public List<Exchange> Measured { get; } = [];

        private readonly KernelRate _rate = new();
        private static readonly Hardware.HardwareStamps s_hardware = new(NullLogger<Hardware.HardwareStamps>.Instance);

        public IRequestPort OpenPort(SourceConfig config, DatagramAddress server, IRequestListener listener) => new UdpRequestPort(config, server, listener, loop, _rate, s_hardware);

        public TimeSuite.Ntp.SymmetricKey? FindKey(uint id) => null;

        public ulong RandomCookie() => (ulong)Random.Shared.NextInt64();

        public void OnMeasured(SourceSession session, Exchange exchange) => Measured.Add(exchange);

        public void OnGivenUp(SourceSession session, KissCode reason)
        {
        }

        public void OnStateChanged(SourceSession session)
        {
        }
    }
}
