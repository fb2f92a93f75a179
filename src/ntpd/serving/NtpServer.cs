using System.Net;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Serving;

/// <summary>Answers NTP requests on a thread of its own; what it says of the clock is handed to it whole, and never waited for.</summary>
/// <remarks>Except for <see cref="Say"/>, on one thread only.</remarks>
internal sealed partial class NtpServer : IDisposable
{
    /// <summary>A kernel stamp older than this when we get to it has to come from a clock that was stepped meanwhile, or from a machine that stood still.</summary>
    private static readonly Duration OldestStamp = Duration.FromSeconds(0.01);

    private readonly Poller _poller = new();
    private readonly Dictionary<long, Listener> _listeners = [];
    private readonly HashSet<string> _complaints = []; // endpoints of which the log has heard
    private readonly SteeredClock _clock;
    private readonly Responder _responder = new(new TransmitMemory(RememberedExchanges));
    private readonly byte[] _buffer = new byte[2048];
    private readonly PollEvent[] _events = new PollEvent[16];
    private readonly ILogger<NtpServer> _log;
    private string[] _wanted = [];
    private long _lastToken;
    private Box _state;
    private volatile bool _stopped;
    private Thread? _thread;

    private const int RememberedExchanges = 12; // log2

    /// <param name="clock">What is served.</param>
    /// <param name="log">For sockets that cannot be opened.</param>
    public NtpServer(SteeredClock clock, ILogger<NtpServer> log)
    {
        (_clock, _log) = (clock, log);
        _state = new(ServerState.Unsynchronized(Precision));
    }

    /// <summary>Resolution of our stamps as a client should see it: the kernel reads its clock to a nanosecond, in some 30 ns.</summary>
    public const sbyte Precision = -25;

    public ulong Answered => _responder.Answered;

    public ulong Ignored => _responder.Ignored;

    /// <summary>What is said from now on. From any thread.</summary>
    public void Say(in ServerState state) => Volatile.Write(ref _state, new(state));

    /// <summary>Makes the addresses that are served these. Sockets that are open and still wanted stay open.</summary>
    /// <param name="endpoints">ADDRESS:PORT or [ADDRESS]:PORT.</param>
    /// <returns>Those that cannot be had now, with the reason; they are in the log, and <see cref="Retry"/> tries again.</returns>
    public IReadOnlyList<string> Listen(IEnumerable<string> endpoints)
    {
        _wanted = [.. endpoints.Distinct()];
        _complaints.Clear();
        var gone = _listeners.Where(listener => !_wanted.Contains(listener.Value.Endpoint)).ToList();
        if (gone.Count > 0)
        {
            Pause();
            foreach (var (token, listener) in gone)
            {
                _poller.Remove(listener.Socket.Descriptor);
                listener.Socket.Dispose();
                _listeners.Remove(token);
            }
        }

        return Retry();
    }

    /// <summary>Tries again to open what is missing: an address may have come meanwhile.</summary>
    /// <returns>What is still missing, with the reason. Each is said once in the log.</returns>
    public IReadOnlyList<string> Retry()
    {
        var opened = new List<Listener>();
        var missing = new List<string>();
        foreach (string endpoint in _wanted.Where(endpoint => _listeners.Values.All(listener => listener.Endpoint != endpoint)))
        {
            var parsed = IPEndPoint.Parse(endpoint);
            try
            {
                opened.Add(new(endpoint, UdpSocket.Open(new UdpSocketOptions { Local = DatagramAddress.From(parsed.Address, parsed.Port) })));
            }
            catch (Exception exception) when (exception is System.Net.Sockets.SocketException or System.ComponentModel.Win32Exception)
            {
                missing.Add($"{endpoint} ({exception.Message})");
                if (_complaints.Add(endpoint))
                {
                    LogCannotListen(_log, endpoint, exception.Message);
                }
            }
        }

        if (opened.Count > 0)
        {
            Pause();
            opened.ForEach(Add);
        }

        Resume();
        return missing;
    }

    public void Dispose()
    {
        Pause();
        foreach (var listener in _listeners.Values)
        {
            listener.Socket.Dispose();
        }

        _poller.Dispose();
    }

    private void Add(Listener listener)
    {
        _poller.Add(listener.Socket.Descriptor, ++_lastToken);
        _listeners.Add(_lastToken, listener);
        _complaints.Remove(listener.Endpoint);
        LogListening(_log, listener.Endpoint);
    }

    /// <summary>The thread shares the listeners with nobody: it ends while they change. Requests wait in their sockets meanwhile.</summary>
    private void Pause()
    {
        _stopped = true;
        _poller.Wake();
        _thread?.Join();
        _thread = null;
    }

    private void Resume()
    {
        if (_thread is null)
        {
            _stopped = false;
            _thread = new Thread(Run) { Name = "ntp-server", IsBackground = true };
            _thread.Start();
        }
    }

    private void Run()
    {
        while (!_stopped)
        {
            int count = _poller.Wait(null, _events);
            for (int index = 0; index < count; index++)
            {
                var listener = _listeners[_events[index].Token];
                Answer(listener);
                TakeTransmitStamps(listener);
            }
        }
    }

    private void Answer(Listener listener)
    {
        var state = Volatile.Read(ref _state);
        while (!_stopped && listener.Socket.TryReceive(_buffer, out var request) == DatagramOutcome.Done)
        {
            var now = Clocks.Read();
            if (request.IsTruncated || !TryFindTime(request.Stamp, now, out var received)
                || !_responder.TryRespond(_buffer.AsSpan(0, request.Length), state.Value, NtpTimestamp.FromUtc(received), _buffer, out var response)
                || !TryFindTime(null, Clocks.Read(), out var leaving))
            {
                continue;
            }

            var reply = _buffer.AsSpan(0, response.Length);
            _responder.Depart(response, reply, NtpTimestamp.FromUtc(leaving));
            listener.Remember(listener.Socket.NextTransmitId, response);
            listener.Socket.Reply(reply, request); // what cannot be sent is lost, as on any network
        }
    }

    private void TakeTransmitStamps(Listener listener)
    {
        while (listener.Socket.TryReceiveTransmitStamp(out uint id, out var stamp))
        {
            if (listener.TryRecall(id, out var response) && TryFindTime(stamp, Clocks.Read(), out var transmitted))
            {
                _responder.OnTransmitted(response, NtpTimestamp.FromUtc(transmitted));
            }
        }
    }

    /// <summary>What the steered clock showed at a kernel stamp of the last milliseconds; without a stamp, now.</summary>
    /// <remarks>Over so short a time even a clock that is slewed by 8 % moves by less than 1 us for each 10 us that passed.</remarks>
    private bool TryFindTime(Instant<Utc>? stamp, in ClockTriple now, out Instant<Utc> time)
    {
        var age = stamp is { } at ? now.Realtime - at : Duration.Zero;
        if (age.Sign < 0 || age > OldestStamp)
        {
            age = Duration.Zero;
        }

        return _clock.TryMap(now.Raw - age, now, out time);
    }

    [LoggerMessage(LogLevel.Information, "Serving time on {Endpoint}")]
    private static partial void LogListening(ILogger log, string endpoint);

    [LoggerMessage(LogLevel.Warning, "Cannot serve on {Endpoint}: {Reason}; trying again each minute")]
    private static partial void LogCannotListen(ILogger log, string endpoint, string reason);

    /// <summary>A socket, and the replies whose transmit stamps are still to come.</summary>
    private sealed class Listener(string endpoint, UdpSocket socket)
    {
        private const int Remembered = 256; // a power of two, so that the numbers may wrap

        private readonly (uint Id, Response Response)[] _sent = new (uint, Response)[Remembered];

        public string Endpoint => endpoint;

        public UdpSocket Socket => socket;

        public void Remember(uint id, in Response response) => _sent[id % Remembered] = (id, response);

        public bool TryRecall(uint id, out Response response)
        {
            (uint stored, response) = _sent[id % Remembered];
            return stored == id;
        }
    }

    /// <summary>A value that changes hands whole.</summary>
    private sealed class Box(ServerState value)
    {
        public ServerState Value => value;
    }
}
