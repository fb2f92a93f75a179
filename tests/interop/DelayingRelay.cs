using System.Net;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Interop.Tests;

/// <summary>A stretch of network in one thread: hands datagrams on to a server and answers back, each after base + an exponential delay.</summary>
/// <remarks>Delays count from the kernel's stamp of receipt: how late this thread wakes up is no part of them, as long as it is less than the base.</remarks>
internal sealed class DelayingRelay : IDisposable
{
    private const int MostRequests = 16; // under way at a time; the oldest gets no answer then
    private const int Front = 0; // token

    private static readonly Duration s_spin = Duration.FromNanoseconds(1_500_000); // a wait with a limit ends late

    private readonly Poller _poller = new();
    private readonly UdpSocket _front;
    private readonly DatagramAddress _server;
    private readonly Random _dice;
    private readonly double _baseDelay, _jitter; // s
    private readonly Dictionary<long, (UdpSocket Upstream, ReceivedDatagram Request)> _requests = [];
    private readonly PriorityQueue<Action, Duration> _underWay = new();
    private readonly Thread _thread;
    private long _lastToken;
    private volatile bool _stopped;

    /// <param name="listen">Where clients ask.</param>
    /// <param name="server">Who answers.</param>
    /// <param name="baseDelay">Each way, s.</param>
    /// <param name="jitter">Mean of what is added each way, s.</param>
    /// <param name="seed">Of the delays.</param>
    public DelayingRelay(IPEndPoint listen, IPEndPoint server, double baseDelay, double jitter, int seed)
    {
        (_baseDelay, _jitter, _dice) = (baseDelay, jitter, new Random(seed));
        _server = DatagramAddress.From(server.Address, server.Port);
        _front = UdpSocket.Open(new UdpSocketOptions { Local = DatagramAddress.From(listen.Address, listen.Port) });
        _poller.Add(_front.Descriptor, Front);
        _thread = new Thread(Run) { IsBackground = true, Name = "relay" };
        _thread.Start();
    }

    public void Dispose()
    {
        _stopped = true;
        _poller.Wake();
        _thread.Join();
        foreach (var (upstream, _) in _requests.Values)
        {
            upstream.Dispose();
        }

        _front.Dispose();
        _poller.Dispose();
    }

    private void Run()
    {
        var events = new PollEvent[32];
        byte[] buffer = new byte[2048];
        while (!_stopped)
        {
            bool isWaited = _underWay.TryPeek(out _, out var due);
            var wait = due - Clocks.Realtime().SinceEpoch;
            if (!isWaited || wait > s_spin)
            {
                int count = _poller.Wait(isWaited ? wait - s_spin : null, events);
                foreach (var ready in events.AsSpan(0, count))
                {
                    Take(ready.Token, buffer);
                }
            }
            else if (wait.Sign <= 0)
            {
                _underWay.Dequeue()();
            }
        }
    }

    private void Take(long token, byte[] buffer)
    {
        var socket = token == Front ? _front : _requests.TryGetValue(token, out var found) ? found.Upstream : null;
        while (socket?.TryReceive(buffer, out var datagram) == DatagramOutcome.Done)
        {
            byte[] octets = buffer[..datagram.Length];
            var due = (datagram.Stamp ?? Clocks.Realtime()) + Duration.FromSeconds(_baseDelay - (_jitter * Math.Log(1 - _dice.NextDouble())));
            _underWay.Enqueue(token == Front ? Forward(octets, datagram) : Back(octets, token), due.SinceEpoch);
        }

        while (socket?.TryReceiveTransmitStamp(out _, out _) == true)
        {
            // Not wanted, but a full queue of them would wake the poller for ever.
        }
    }

    /// <summary>From a port of its own, so that the answer finds back.</summary>
    private Action Forward(byte[] octets, ReceivedDatagram request) => () =>
    {
        var upstream = UdpSocket.Open(new UdpSocketOptions { Local = DatagramAddress.From(IPAddress.Any, 0) });
        upstream.Connect(_server);
        _requests.Add(++_lastToken, (upstream, request));
        _poller.Add(upstream.Descriptor, _lastToken);
        upstream.Send(octets);
        if (_requests.Remove(_lastToken - MostRequests, out var old))
        {
            _poller.Remove(old.Upstream.Descriptor);
            old.Upstream.Dispose();
        }
    };

    private Action Back(byte[] octets, long token) => () =>
    {
        if (_requests.TryGetValue(token, out var found))
        {
            _front.Reply(octets, found.Request);
        }
    };
}
