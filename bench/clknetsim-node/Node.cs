using System.Net;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Host;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Simulation;
using TimeSuite.Time;

namespace TimeSuite.ClknetsimNode;

/// <summary>ntpd and clockd on a host of clknetsim's: its clocks, its network, its time.</summary>
internal sealed class Node : ITimekeeperHost, IHostClocks, ISteeredClock, INameResolver, IClockdHost, IDisposable
{
    private const uint NtpPort = 123, FirstPort = 49_152, Ports = 16_384;
    private const byte FirstSubnet = 123; // 192.168.123.0/24
    private const double ShortestWait = 1e-9; // s; clknetsim counts in doubles

    private readonly NodeOptions _options;
    private readonly SuiteConfig _config;
    private readonly Dice _cookies;
    private readonly NodeLog _log;
    private readonly NtpdLoop _loop = new();
    private readonly PriorityQueue<Action, (double At, long Order)> _timers = new();
    private readonly Dictionary<uint, NodePort> _ports = [];
    private readonly Responder _responder = new(new TransmitMemory(12));
    private VirtualClockd? _clockd;
    private Timekeeper? _keeper;
    private uint _subnets;
    private long _order;

    public Node(Wire wire, NodeOptions options, SuiteConfig config, TextWriter log)
    {
        (Wire, _options, _config) = (wire, options, config);
        Clock = new(wire, options.Start);
        _cookies = new(options.Seed, $"node {options.Node}");
        _log = LogTo(log);
    }

    public Wire Wire { get; }

    public NodeClock Clock { get; }

    /// <summary>Of a packet that leaves or comes now: clknetsim's stamps are exact.</summary>
    public Stamp Stamp => new(new(Duration.FromNanoseconds(Clock.Raw.SinceEpoch.Nanoseconds)), StampSource.Kernel, Duration.Zero);

    Moment IClockdHost.Moment => Clock.Moment;

    bool IClockdHost.IsAwake => true;

    ILogger IClockdHost.Log => _log;

    TimePageKind ISteeredClock.Kind => Daemon.Page.Kind;

    private VirtualClockd Daemon => _clockd ?? throw new InvalidOperationException("not started");

    private Timekeeper Keeper => _keeper ?? throw new InvalidOperationException("not started");

    /// <summary>From the registration to the end of the simulation.</summary>
    public void Run()
    {
        _subnets = Wire.Register(_options.Node);
        Start();
        while (true)
        {
            var outcome = Wire.Select(Clock.ToMonotonic(Wait()), out var time);
            if (Clock.Set(time) && outcome != SelectOutcome.Terminate)
            {
                Keeper.OnClockStepped();
            }

            switch (outcome)
            {
                case SelectOutcome.Terminate:
                    Wire.Deregister();
                    return;
                case SelectOutcome.Packet or SelectOutcome.Broadcast:
                    if (Wire.TryReceive(out var packet) && outcome == SelectOutcome.Packet)
                    {
                        Take(packet);
                    }

                    break;
            }

            RunTimers();
            _loop.Run(Keeper, () => Clock.Raw);
        }
    }

    public void Dispose() => _keeper?.Dispose();

    public uint OpenPort(NodePort port)
    {
        uint local;
        do
        {
            local = FirstPort + (uint)(_cookies.Bits() % Ports);
        }
        while (!_ports.TryAdd(local, port));
        return local;
    }

    public void ClosePort(uint local) => _ports.Remove(local);

    IRequestPort ITimekeeperHost.OpenPort(SourceConfig config, DatagramAddress server, IRequestListener listener)
    {
        var octets = server.ToIPAddress().GetAddressBytes();
        bool isOurs = octets is [192, 168, >= FirstSubnet, >= 1] && octets[2] < FirstSubnet + _subnets;
        return isOurs
            ? new NodePort(this, (uint)(octets[2] - FirstSubnet), (uint)(octets[3] - 1), server.Port, listener)
            : throw new FormatException($"{config.Name}: servers of this simulation are 192.168.{FirstSubnet}.1 and following, of {_subnets} subnets");
    }

    ulong ITimekeeperHost.RandomCookie() => _cookies.Bits();

    void ITimekeeperHost.AskPolicy() => _loop.Post(Daemon.Describe);

    void ITimekeeperHost.Post(Action action) => _loop.Post(action);

    bool ITimekeeperHost.IsLoop(int stratum, ReferenceId reference) => stratum > 1
        && Enumerable.Range(0, (int)_subnets).Any(subnet => reference == ReferenceId.FromIPv4([192, 168, (byte)(FirstSubnet + subnet), (byte)(_options.Node + 1)]));

    void ITimekeeperHost.OnMeasured(SourceSession session, Exchange exchange)
    {
    }

    void ITimekeeperHost.OnOutcome(Outcome outcome, in LocalClock clock)
    {
    }

    Instant<Raw> IHostClocks.Raw() => Clock.Raw;

    Duration IHostClocks.Suspended() => Duration.Zero;

    bool ISteeredClock.TryRead(out LocalClock clock) => SteeredClock.TryRead(Daemon.Page, new(Clock.Raw, Clock.Realtime, Duration.Zero), Duration.Zero, out clock);

    bool ISteeredClock.TryReadBound(Instant<Raw> now, out Duration bound)
    {
        bool synchronized = Daemon.Page.IsSynchronizedAt(now, Duration.Zero);
        bound = synchronized ? Daemon.Page.BoundAt(now) : default;
        return synchronized;
    }

    void INameResolver.Resolve(string name, int? family, Action<IReadOnlyList<IPAddress>> answer) =>
        answer(IPAddress.TryParse(name, out var literal) ? [literal] : []); // there is no DNS in the simulation

    void IClockdHost.After(double seconds, Action action) => _timers.Enqueue(action, (Clock.Seconds + seconds, ++_order));

    void IClockdHost.Take(Action action)
    {
        action();
        _loop.Run(Keeper, () => Clock.Raw);
    }

    void IClockdHost.OnLink(ClockLinkEvent happened) => _loop.Post(() => Keeper.OnLink(happened));

    private NodeLog LogTo(TextWriter output) => new(output, () => Clock.Seconds);

    private void Start()
    {
        // clknetsim begins in 2010, and a scenario may set the clock some years before: no build of ours can be younger.
        var early = new Instant<Utc>(Duration.FromSeconds(_options.Start - (10 * 365 * 86_400L)));
        var build = early < Build.Date ? early : Build.Date;
        var clock = new KernelClock(Clock, setsRtc: true);
        clock.Adopt();
        var leaps = ReadLeapTable(_config.Leap.File);
        _clockd = new(this, clock, _config.Clock.Limits, leaps, build);
        _keeper = new(_config, this, this, this, this, Daemon.TrySend, build - Duration.FromSeconds(3_652L * 86_400), _log) { LeapTable = leaps };
        _keeper.Apply(_config);
        Daemon.Connect();
        _loop.Run(_keeper, () => Clock.Raw);
    }

    /// <summary>Until the next timer, s of the raw clock.</summary>
    private double Wait()
    {
        double due = (Keeper.Due - Clock.Raw).Seconds;
        double timer = _timers.TryPeek(out _, out var key) ? key.At - Clock.Seconds : double.PositiveInfinity;
        return Math.Max(Math.Min(due, timer), ShortestWait);
    }

    private void RunTimers()
    {
        while (_timers.TryPeek(out var action, out var key) && key.At <= Clock.Seconds)
        {
            _timers.Dequeue();
            action();
        }
    }

    private void Take(in NodePacket packet)
    {
        if (_ports.TryGetValue(packet.DestinationPort, out var port))
        {
            port.Take(packet);
        }
        else if (packet.DestinationPort == NtpPort && _config.Serve is not null)
        {
            Serve(packet);
        }
    }

    private void Serve(in NodePacket request)
    {
        byte[] reply = new byte[NtpHeader.Size];
        var now = NtpTimestamp.FromUtc(Clock.Realtime);
        if (Keeper.TryGetServed(out var state) && _responder.TryRespond(request.Data.Span, state, now, reply, out var response))
        {
            _responder.Depart(response, reply, now);
            Wire.Send(new(request.Subnet, request.Node, NtpPort, request.SourcePort, reply.AsMemory(0, response.Length)));
        }
    }

    private static LeapSeconds? ReadLeapTable(string? file) =>
        file is null ? null
        : LeapSeconds.TryParse(File.ReadAllText(file), out var table, out string? error) ? table
        : throw new FormatException($"{file}: {error}");
}
