using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.Hardware;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Serving;

/// <summary>A thread that answers requests, with sockets and memory of its own: per packet it allocates nothing, locks nothing and waits for nobody.</summary>
/// <remarks>All but <see cref="Run"/> is for the thread that owns it, while it does not run.</remarks>
internal sealed class ServingThread : IDisposable
{
    private const int ServersPort = 123, BatchSize = 64, MostAwaited = 128, WorthAnotherLook = 4, MaxRounds = 32;

    /// <summary>A kernel stamp of a departure that is further than this from when we sent the reply is of another one.</summary>
    private static readonly Duration LatestStamp = Duration.FromSeconds(0.05);

    private readonly DatagramBatch _batch = new(BatchSize);
    private readonly PollEvent[] _events = new PollEvent[16];
    private readonly List<ServingSocket> _sockets = []; // by token
    private readonly ServingClock _clock;
    private readonly Published<ServerState> _state;
    private readonly Published<HardwareLines> _hardware;
    private readonly string _name;
    private volatile bool _stopped;
    private Thread? _thread;
    private IReadinessWait? _wait;
    private int _answered, _awaited;

    /// <param name="name">Of the thread.</param>
    /// <param name="clock">What is served.</param>
    /// <param name="state">What is said of it.</param>
    /// <param name="service">Decides about each request; this thread's own.</param>
    /// <param name="hardware">How stamps of interfaces' own clocks are carried over.</param>
    public ServingThread(string name, SteeredClock clock, Published<ServerState> state, RequestService service, Published<HardwareLines> hardware)
    {
        (_name, _clock, _state, Service, _hardware) = (name, new(clock), state, service, hardware);
    }

    public RequestService Service { get; }

    /// <summary>What this thread sends unasked; null: nothing.</summary>
    public Broadcaster? Broadcaster { get; set; }

    public void Add(ServingSocket socket) => _sockets.Add(socket);

    /// <summary>Does nothing if it was not added.</summary>
    public void Remove(ServingSocket socket) => _sockets.Remove(socket);

    public void Start()
    {
        if (_thread is null)
        {
            _stopped = false;
            _wait = _sockets.Exists(socket => socket.IsShared) ? new Poller() : new PollSet();
            for (int token = 0; token < _sockets.Count; token++)
            {
                _wait.Add(_sockets[token].Socket.Descriptor, token, _sockets[token].IsShared);
            }

            _thread = new Thread(Run) { Name = _name, IsBackground = true };
            _thread.Start();
        }
    }

    /// <summary>Returns when the thread has ended. Requests wait in their sockets meanwhile.</summary>
    public void Stop()
    {
        _stopped = true;
        _wait?.Wake();
        _thread?.Join();
        _wait?.Dispose();
        (_thread, _wait) = (null, null);
    }

    public void Dispose()
    {
        Stop();
        _batch.Dispose();
    }

    private void Run()
    {
        _clock.TryLook(answered: 0); // a step of the system's clock is seen from here on, however late the first request is
        while (!_stopped)
        {
            int count = _wait!.Wait(Broadcaster?.Until(Clocks.Raw()), _events);
            _answered = 0; // there was a pause
            for (int index = 0; index < count; index++)
            {
                var socket = _sockets[(int)_events[index].Token];
                Serve(socket);
                if ((_events[index].Readiness & PollReadiness.Error) != 0)
                {
                    TakeTransmitStamps(socket);
                }
            }

            Broadcaster?.OnTime(Clocks.Raw(), _state.Value, _clock, _sockets);
        }
    }

    /// <summary>Answers what waits, while there is much of it; what is left is found by the next wait.</summary>
    private void Serve(ServingSocket socket)
    {
        for (int round = 0; round < MaxRounds && !_stopped; round++)
        {
            int count = _batch.Receive(socket.Socket);
            if (count > 0)
            {
                Answer(socket, count);
            }

            if (_awaited >= MostAwaited)
            {
                TakeTransmitStamps(socket); // they take room from the requests that wait
            }

            if (count < WorthAnotherLook)
            {
                return;
            }
        }
    }

    private void Answer(ServingSocket socket, int count)
    {
        if (!_clock.TryLook(_answered))
        {
            for (int slot = 0; slot < count; slot++)
            {
                Service.Counters.Count(RequestVerdict.NoTime);
            }

            return;
        }

        Service.BeginBatch(_state.Value, _clock.Now);
        _answered = 0;
        for (int slot = 0; slot < count; slot++)
        {
            var source = _batch.Source(slot);
            if (Unanswerable(slot, source) is { } verdict)
            {
                Service.Counters.Count(verdict);
                continue;
            }

            var reply = _batch.Reply(slot);
            bool fromServersPort = source.Port == ServersPort;
            var hardware = socket.Socket.StampsByHardware ? _batch.Hardware(slot) : default;
            var kernels = _batch.Stamp(slot);
            var stamp = hardware.IsKnown ? _hardware.Value.Better(hardware, kernels) : kernels;
            bool isByHardware = stamp != kernels;
            if (!Service.TryRespond(_batch.Request(slot), ClientOf(source), _clock.Received(stamp), reply, out var response, fromServersPort))
            {
                continue;
            }

            Service.Depart(response, reply[..response.Length], _clock.Departure(_answered++));
            if (response.IsToBeStamped && socket.CanStamp)
            {
                _awaited++;
                socket.Remember(_batch.AnswerStamped(socket.Socket, slot, response.Length, isByHardware), response, hardware.Interface);
            }
            else
            {
                _batch.Answer(slot, response.Length);
            }
        }

        ulong lost = _batch.Lost;
        if (_answered > 0 && !_batch.Send(socket.Socket))
        {
            socket.Forget();
            Service.Counters.Unsent += _batch.Lost - lost;
        }
    }

    /// <summary>What the datagram's envelope alone decides. One that was sent to many comes to every thread, and would be answered by each.</summary>
    private RequestVerdict? Unanswerable(int slot, in DatagramAddress source) =>
        _batch.IsTruncated(slot) ? RequestVerdict.Truncated
        : _batch.IsToMany(slot) ? RequestVerdict.ToMany
        : source.Port == 0 ? RequestVerdict.FromPortZero
        : null;

    private void TakeTransmitStamps(ServingSocket socket)
    {
        bool looked = false;
        _awaited = 0;
        while (socket.Socket.TryReceiveTransmitStamp(out uint id, out var kernels, out var hardware))
        {
            looked = looked || _clock.TryLook(answered: 0);
            if (!socket.IsShared && socket.TryRecall(id, out var response, out int wayIn) && looked
                && TryStamp(kernels, hardware with { Interface = wayIn }, out var stamp) && _clock.TryMap(stamp, out var transmitted) && (transmitted - response.Receive) < LatestStamp)
            {
                Service.OnTransmitted(response, transmitted);
            }
        }
    }

    /// <summary>The kernel's stamp of a departure, or the hardware's of the interface that the request came by: where the hardware stamps, there is no other.</summary>
    private bool TryStamp(Instant<Utc>? kernels, HardwareStamp hardware, out KernelStamp stamp)
    {
        long realtime = kernels?.SinceEpoch.Nanoseconds ?? 0;
        bool isMapped = kernels is not null || _hardware.Value.TryMap(hardware, out realtime);
        stamp = new(realtime);
        return isMapped;
    }

    private static ClientAddress ClientOf(in DatagramAddress source)
    {
        var bits = source.Bits;
        return new((ulong)(bits >> 64), unchecked((ulong)bits)); // the lower half
    }
}
