using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.Hardware;

namespace TimeSuite.Ntpd.Serving;

/// <summary>Answers NTP requests on threads of its own; what it says of the clock is handed to it whole, and never waited for.</summary>
/// <remarks>Except for <see cref="Say"/>, on one thread only.</remarks>
internal sealed partial class NtpServer : IDisposable
{
    private readonly Published<ServerState> _state = new(ServerState.Unsynchronized(Precision));
    private readonly ServingThread[] _threads;
    private readonly List<Listener> _listeners = [];
    private readonly HashSet<string> _complaints = []; // endpoints of which the log has heard
    private readonly ServedSockets _sockets;
    private readonly ILogger<NtpServer> _log;
    private IReadOnlyList<string> _wanted = [];
    private bool _byHardware;

    /// <param name="clock">What is served.</param>
    /// <param name="services">What decides about requests: one for each thread, which has it for itself.</param>
    /// <param name="sockets">Where requests come. They stay open when this ends.</param>
    /// <param name="log">For sockets that cannot be opened.</param>
    /// <param name="hardware">How stamps of interfaces' own clocks are carried over; null: there are none.</param>
    public NtpServer(SteeredClock clock, IEnumerable<RequestService> services, ServedSockets sockets, ILogger<NtpServer> log, Published<HardwareLines>? hardware = null)
    {
        (_sockets, _log) = (sockets, log);
        hardware ??= new(default);
        _threads = [.. services.Select((service, number) => new ServingThread($"serve-{number}", clock, _state, service, hardware))];
        ArgumentOutOfRangeException.ThrowIfZero(_threads.Length, nameof(services));
    }

    /// <summary>Resolution of our stamps as a client should see it: the kernel reads its clock to a nanosecond, in some 30 ns.</summary>
    public const sbyte Precision = -25;

    /// <summary>How many answer.</summary>
    public int Threads => _threads.Length;

    /// <summary>What decides about requests, one for each thread.</summary>
    public IEnumerable<RequestService> Services => _threads.Select(thread => thread.Service);

    /// <summary>What is said from now on. From any thread.</summary>
    public void Say(in ServerState state) => _state.Replace(state);

    /// <summary>Sends the time unasked from now on, or no longer. The first thread does it. <see cref="Listen"/> or <see cref="Retry"/> has to follow.</summary>
    public void Broadcast(BroadcastPlan? plan)
    {
        if (plan is not null || _threads[0].Broadcaster is not null)
        {
            Pause();
            _threads[0].Broadcaster = plan is null ? null : new(plan, former: _threads[0].Broadcaster, _log);
        }
    }

    /// <summary>Makes the addresses that are served these. Sockets that are open and still wanted stay open.</summary>
    /// <param name="endpoints">ADDRESS:PORT or [ADDRESS]:PORT, perhaps with %INTERFACE behind the address.</param>
    /// <param name="byHardware">Whether the hardware of interfaces is asked for stamps.</param>
    /// <returns>Those that cannot be had now, with the reason; they are in the log, and <see cref="Retry"/> tries again.</returns>
    public IReadOnlyList<string> Listen(IEnumerable<string> endpoints, bool byHardware = false)
    {
        _wanted = _sockets.Choose(endpoints);
        _complaints.Clear();
        var gone = _listeners.Where(listener => !_wanted.Contains(listener.Endpoint)).ToList();
        if (gone.Count > 0)
        {
            Pause();
            gone.ForEach(Leave);
        }

        if (byHardware != _byHardware)
        {
            Pause();
            _byHardware = byHardware;
            _listeners.ForEach(AskForStamps);
        }

        _sockets.Keep(_wanted);
        return Retry();
    }

    /// <summary>Tries again to open what is missing: an address may have come meanwhile.</summary>
    /// <returns>What is still missing, with the reason. Each is said once in the log.</returns>
    public IReadOnlyList<string> Retry()
    {
        var opened = new List<(string Endpoint, IReadOnlyList<UdpSocket> Sockets)>();
        var missing = new List<string>();
        foreach (string endpoint in _wanted.Where(endpoint => _listeners.TrueForAll(listener => listener.Endpoint != endpoint)))
        {
            try
            {
                opened.Add((endpoint, _sockets.Open(endpoint, _threads.Length)));
            }
            catch (System.ComponentModel.Win32Exception exception)
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
            opened.ForEach(one => Add(one.Endpoint, one.Sockets));
        }

        Array.ForEach(_threads, thread => thread.Start());
        return missing;
    }

    public void Dispose()
    {
        Pause();
        Array.ForEach(_threads, thread => thread.Dispose());
    }

    private void Add(string endpoint, IReadOnlyList<UdpSocket> sockets)
    {
        var listener = new Listener(endpoint, [.. sockets.Select(socket => new ServingSocket(socket, isShared: sockets.Count < _threads.Length))]);
        for (int number = 0; number < Math.Max(_threads.Length, sockets.Count); number++)
        {
            _threads[number % _threads.Length].Add(listener.Sockets[number % sockets.Count]);
        }

        _listeners.Add(listener);
        AskForStamps(listener);
        _complaints.Remove(endpoint);
        LogListening(_log, endpoint);
    }

    private void AskForStamps(Listener listener)
    {
        foreach (var socket in listener.Sockets)
        {
            socket.Socket.StampByHardware(_byHardware);
        }
    }

    private void Leave(Listener listener)
    {
        foreach (var socket in listener.Sockets)
        {
            Array.ForEach(_threads, thread => thread.Remove(socket));
        }

        _listeners.Remove(listener);
    }

    /// <summary>The threads share the sockets with nobody: they end while these change. Requests wait in their sockets meanwhile.</summary>
    private void Pause() => Array.ForEach(_threads, thread => thread.Stop());

    [LoggerMessage(LogLevel.Information, "Serving time on {Endpoint}")]
    private static partial void LogListening(ILogger log, string endpoint);

    [LoggerMessage(LogLevel.Warning, "Cannot serve on {Endpoint}: {Reason}")]
    private static partial void LogCannotListen(ILogger log, string endpoint, string reason);

    /// <param name="Endpoint">As it was asked for.</param>
    /// <param name="Sockets">One for each thread, or fewer, which are shared.</param>
    private sealed record Listener(string Endpoint, IReadOnlyList<ServingSocket> Sockets);
}
