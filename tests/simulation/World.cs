using System.Net;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Ntp;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>True time and all that happens in it: machines, servers, the ways between them. One thread, no waiting, the same for the same seed.</summary>
public sealed partial class World
{
    private const int FirstServer = 1;

    private readonly Setup _setup;
    private readonly ulong _seed;
    private readonly SuiteConfig _config;
    private readonly Scheduler _scheduler = new();
    private readonly Dictionary<(int Machine, IPAddress Address), NetworkPath> _paths = [];
    private readonly Dictionary<IPAddress, IAnswers> _hosts = [];
    private readonly List<Machine> _machines = [];
    private readonly List<VirtualServer> _servers = [];
    private readonly double _leapAt;
    private readonly long _quantum; // ns
    private double _nextSecond = 1;

    /// <param name="setup">What it is made of.</param>
    /// <param name="seed">Of all its chances.</param>
    public World(Setup setup, ulong seed)
    {
        (_setup, _seed) = (setup, seed);
        _quantum = Math.Max(1, (long)Math.Round(setup.Resolution * 1e9));
        long day = 86_400 - (setup.Start % 86_400);
        _leapAt = setup.Leap == LeapSecond.None ? double.PositiveInfinity : setup.Leap == LeapSecond.Insert ? day : day - 1;
        LeapTable = setup.LeapTable ? MakeLeapTable(setup.Start + day) : null;
        for (int i = 0; i < setup.Servers; i++)
        {
            AddServer(i);
        }

        _config = setup.ToConfig();
        Client = AddMachine(_config);
        Judged = Client;
        if (setup.Ptp.Slaves > 0)
        {
            BuildPtp();
        }

        if (setup.PausePeriod > 0)
        {
            SchedulePauses(new(seed, "pauses"));
        }

        if (setup.SuspendAt < setup.Limit)
        {
            At(setup.SuspendAt, () => Client.Suspend(setup.SuspendLength));
        }
    }

    public Setup Setup => _setup;

    /// <summary>True time, s since the start.</summary>
    public double Now { get; private set; }

    /// <summary>The machine with the daemons of the configuration.</summary>
    public Machine Client { get; }

    /// <summary>The clock that is judged: the client's, if no other is.</summary>
    public IJudged Judged { get; set; }

    public IReadOnlyList<Machine> Machines => _machines;

    public IReadOnlyList<VirtualServer> Servers => _servers;

    /// <summary>Names and their addresses, for the resolver.</summary>
    public Dictionary<string, Func<double, IReadOnlyList<IPAddress>>> Names { get; } = [];

    /// <summary>The day of the build, as far as the daemons know: a year before the start.</summary>
    public Instant<Utc> BuildDate => new(Duration.FromSeconds(_setup.Start - (365 * 86_400L)));

    /// <summary>As Build.EraStart: ten years before it.</summary>
    public Instant<Utc> EraStart => BuildDate - Duration.FromSeconds(3_652L * 86_400);

    /// <summary>The leap-seconds.list that the daemons have, if any.</summary>
    public LeapSeconds? LeapTable { get; }

    /// <summary>Sees what a machine's discipline found.</summary>
    public Action<Machine, Outcome> Seen { get; set; } = (_, _) => { };

    /// <summary>Sees what a machine's discipline got from a server, by its index; machines are not servers here.</summary>
    public Action<Machine, int, Sample> Measured { get; set; } = (_, _, _) => { };

    /// <summary>Sees each whole second, after the clocks have acted on it.</summary>
    public Action<double> Second { get; set; } = _ => { };

    /// <summary>UTC as Unix counts it: a leap second is a second that comes twice.</summary>
    public Instant<Utc> UtcAt(double time) => new(Duration.FromSeconds(_setup.Start) + Duration.FromSeconds(time) + LeapAt(time));

    /// <summary>Whether true time is so close to a leap second that nobody can say what is right.</summary>
    public bool IsInLeap(double time) => Math.Abs(time - _leapAt) < 2;

    /// <summary>192.168.123.n: clknetsim's network.</summary>
    public static IPAddress AddressOf(int node) => new([192, 168, 123, (byte)node]);

    /// <summary>Does something at a true time, s.</summary>
    public void At(double time, Action action) => _scheduler.At(Math.Max(time, Now), action);

    /// <summary>Does something again and again from a true time on, s.</summary>
    public void Every(double period, double from, Action action) => At(from, () =>
    {
        action();
        Every(period, from + period, action);
    });

    /// <summary>Another server, at 192.168.123.(index + 1).</summary>
    public VirtualServer AddServer(int index)
    {
        var server = new VirtualServer(this, index) { Error = Lie(index) };
        server.State = server.State with { RootDelay = Duration.FromSeconds(_setup.RootDelay), RootDispersion = Duration.FromSeconds(_setup.RootDispersion) };
        _servers.Add(server);
        _hosts.Add(AddressOf(FirstServer + index), server);
        return server;
    }

    /// <summary>Another machine with the daemons on it.</summary>
    public Machine AddMachine(SuiteConfig config, Setup? setup = null)
    {
        var machine = new Machine(this, setup ?? _setup, config, _seed, _machines.Count);
        _machines.Add(machine);
        _hosts.Add(machine.Address, machine);
        return machine;
    }

    /// <summary>The way from a machine to an address; made when it is first asked for. Unknown addresses are a void.</summary>
    public NetworkPath PathTo(Machine from, IPAddress address)
    {
        if (!_paths.TryGetValue((from.Index, address), out var path))
        {
            string name = $"{from.Index} {address}";
            path = new(new Way(from.Setup, _seed, $"up {name}", isDown: false), new Way(from.Setup, _seed, $"down {name}", isDown: true), new Lookup(this, address));
            _paths.Add((from.Index, address), path);
        }

        return path;
    }

    /// <summary>The client's way to a server.</summary>
    public NetworkPath PathTo(int server) => PathTo(Client, AddressOf(FirstServer + server));

    public IReadOnlyList<IPAddress> Resolve(string name) => Names.TryGetValue(name, out var addresses) ? addresses(Now) : [];

    /// <summary>Runs to a true time.</summary>
    public void RunTo(double limit)
    {
        while (Now < limit)
        {
            double due = double.PositiveInfinity;
            Machine? first = null;
            foreach (var machine in _machines)
            {
                double mine = machine.Due;
                (due, first) = mine < due ? (mine, machine) : (due, first);
            }

            PtpNode? node = null;
            foreach (var candidate in _nodes)
            {
                double its = candidate.Due;
                (due, node) = its < due ? (its, candidate) : (due, node);
            }

            double packet = _scheduler.Next;
            double next = Math.Min(Math.Min(Math.Max(due, Now), packet), Math.Min(_nextSecond, limit));
            foreach (var machine in _machines)
            {
                machine.Host.AdvanceTo(next);
            }

            foreach (var clock in _nodes)
            {
                clock.AdvanceTo(next);
            }

            Now = next;
            if (next == _nextSecond)
            {
                OnSecond();
            }
            else if (packet <= next)
            {
                _scheduler.RunOne();
            }
            else if (due <= next && node is not null)
            {
                node.OnDue();
            }
            else if (due <= next)
            {
                first!.OnDue();
            }
        }
    }

    internal void OnMeasured(Machine machine, IPAddress address, in Sample sample)
    {
        if (_hosts.GetValueOrDefault(address) is VirtualServer server)
        {
            Measured(machine, server.Index, sample);
        }
    }

    internal void OnOutcome(Machine machine, Outcome outcome) => Seen(machine, outcome);

    /// <summary>Cut to the resolution of stamps.</summary>
    internal Instant<TScale> Quantised<TScale>(Instant<TScale> instant)
        where TScale : struct, ITimescale
    {
        int nanosecond = instant.SinceEpoch.NanosecondOfSecond;
        return new(Duration.FromSeconds(instant.SinceEpoch.WholeSeconds) + Duration.FromNanoseconds(nanosecond - (nanosecond % _quantum)));
    }

    /// <summary>What a server says of the leap second on its day.</summary>
    internal LeapIndicator LeapFlagAt(double time) =>
        time >= _leapAt || time < _leapAt - 86_400 ? LeapIndicator.None : _setup.Leap == LeapSecond.Insert ? LeapIndicator.Insert : LeapIndicator.Delete;

    private void OnSecond()
    {
        foreach (var machine in _machines)
        {
            machine.Host.Second();
            machine.OnSecond();
        }

        foreach (var node in _nodes)
        {
            node.OnSecond();
        }

        _nextSecond++;
        Second(Now);
    }

    private Duration LeapAt(double time) =>
        time < _leapAt ? Duration.Zero : Duration.FromSeconds(_setup.Leap == LeapSecond.Insert ? -1L : 1L);

    /// <summary>What IERS would publish: 37 s since 2017, and the leap second of this simulation.</summary>
    private LeapSeconds MakeLeapTable(long midnight)
    {
        const long unixEpochInNtp = 2_208_988_800;
        string text = $"#@ {midnight + (180 * 86_400L) + unixEpochInNtp}\n3692217600 37\n";
        text += _setup.Leap == LeapSecond.None ? "" : $"{midnight + unixEpochInNtp} {(_setup.Leap == LeapSecond.Insert ? 38 : 36)}\n";
        return LeapSeconds.TryParse(text, out var table, out string? error) ? table! : throw new InvalidOperationException(error);
    }

    private Func<double, double> Lie(int index)
    {
        double lie = index < _setup.Falsetickers ? _setup.FalseOffset * (index + 1) : 0;
        bool steps = _setup.ServerStep != 0 && index < _setup.SteppingServers;
        return time => lie + (steps && time >= _setup.ServerStepAt ? _setup.ServerStep : 0);
    }

    private void SchedulePauses(Dice dice) => At(Now + (_setup.PausePeriod * dice.Exponential()), () =>
    {
        Client.Pause(_setup.PauseLength * dice.Exponential());
        SchedulePauses(dice);
    });

    /// <summary>Who is at an address is looked up when a packet comes there.</summary>
    private sealed class Lookup(World world, IPAddress address) : IAnswers
    {
        public int Answer(ReadOnlySpan<byte> request, double now, Span<byte> reply) =>
            world._hosts.TryGetValue(address, out var host) ? host.Answer(request, now, reply) : 0;
    }
}
