using System.Net;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>A host with ntpd and clockd on it: the daemons' own code between virtual clocks and virtual packets.</summary>
public sealed class Machine : IAnswers, ITimekeeperHost, IHostClocks, ISteeredClock, INameResolver, IClockdHost, IJudged
{
    private const double AlarmLatency = 5e-5; // s, until ntpd's loop has been woken

    private readonly Setup _setup;
    private readonly Dice _cookies;
    private readonly StampMaker _stamps;
    private readonly NtpdLoop _loop = new();
    private readonly List<Action> _held = [];
    private readonly Responder _responder = new(new TransmitMemory(4));
    private readonly VirtualClockd _clockd;
    private Timekeeper _keeper;
    private double _heldUntil;
    private double? _due;

    internal Machine(World world, Setup setup, SuiteConfig config, ulong seed, int index)
    {
        (World, _setup, Index, Config) = (world, setup, index, config);
        Host = new(setup, seed, $"{index}") { Alarm = () => world.At(world.Now + AlarmLatency, () => Take(() => _keeper?.OnClockStepped())) };
        Log = new(this);
        _cookies = new(seed, $"cookies {index}");
        _stamps = new(setup, world, seed, $"{index}");
        _clockd = new(this, OpenClock(), config.Clock.Limits, world.LeapTable, world.BuildDate);
        _keeper = StartNtpd();
    }

    public World World { get; }

    public Setup Setup => _setup;

    public VirtualHost Host { get; }

    public int Index { get; }

    public IPAddress Address => World.AddressOf(100 + Index);

    /// <summary>What the daemons wrote.</summary>
    public LogBook Log { get; }

    public SuiteConfig Config { get; }

    /// <summary>Requests sent so far, over all servers.</summary>
    public int Packets { get; private set; }

    /// <summary>The discipline's last word.</summary>
    public Outcome? Outcome => _keeper.Steering.Outcome;

    /// <summary>For what only ntpd knows.</summary>
    internal Timekeeper Keeper => _keeper;

    internal VirtualClockd Clockd => _clockd;

    public bool IsAwake { get; private set; } = true;

    /// <summary>What the discipline thinks of a server; null if it is not a source.</summary>
    public SourceReport? ReportOn(int server)
    {
        var address = World.AddressOf(server + 1);
        var session = _keeper.Sources.Sessions.FirstOrDefault(candidate => candidate.Address.ToIPAddress().Equals(address));
        return session is null ? null : Outcome?.Sources.FirstOrDefault(report => report.Id == session.Id);
    }

    /// <summary>Whether a server's time takes part in what is followed.</summary>
    public bool Follows(int server) => ReportOn(server) is { Verdict: Verdict.Selected };

    /// <summary>Steps of the steered clock.</summary>
    public int Steps => (int)_clockd.Page.StepGeneration;

    /// <summary>What the steered clock shows.</summary>
    public Instant<Utc> Clock => _setup.Actuator == Actuator.Kernel ? Host.Realtime : _clockd.Shadow;

    /// <summary>Steered clock minus UTC, s.</summary>
    public double Error => (Clock - World.UtcAt(World.Now)).Seconds;

    /// <summary>Rate error of the steered clock, slew included, s/s.</summary>
    public double RateError => _setup.Actuator == Actuator.Kernel ? Host.RealRate : ((1 + Host.RawRate) * (1 + _clockd.ShadowRate)) - 1;

    /// <summary>The rate correction that is in force, without the slew, s/s.</summary>
    public double Correction => _clockd.Page.Frequency.Fraction;

    /// <summary>What clockd publishes of the error, s; null while the clock is called unsynchronised.</summary>
    public double? Bound => ((ISteeredClock)this).TryReadBound(Host.Raw, out var bound) ? bound.Seconds : null;

    /// <summary>Standard deviation as published, s.</summary>
    public double Sigma => _clockd.Page.Sigma.Seconds;

    /// <summary>When something is to be done by timer, true time in s. A nanosecond late, so that rounding cannot make it early.</summary>
    internal double Due => !IsAwake ? double.PositiveInfinity : Math.Max(_due ??= Host.TimeOf(_keeper.Due) + 1e-9, _heldUntil);

    TimePageKind ISteeredClock.Kind => _clockd.Page.Kind;

    /// <summary>ntpd stops here for a while, as for a collection or by a hypervisor; the kernel goes on.</summary>
    public void Pause(double length) => _heldUntil = Math.Max(_heldUntil, World.Now + length);

    /// <summary>The machine sleeps; packets that come meanwhile are lost.</summary>
    public void Suspend(double length)
    {
        IsAwake = false;
        Host.FallAsleep();
        World.At(World.Now + length, () =>
        {
            IsAwake = true;
            double truth = (World.UtcAt(World.Now) - Host.Epoch).Seconds - World.Now; // leap seconds
            Host.WakeUp(truth + _setup.RtcError);
            _due = null;
            Turn();
        });
    }

    /// <summary>kill -9 and a new start of ntpd; it has lost its memory.</summary>
    public void RestartNtpd() => RestartNtpd(remembers: false);

    /// <summary>A new start of ntpd.</summary>
    /// <param name="remembers">With its history file.</param>
    public void RestartNtpd(bool remembers)
    {
        var history = remembers
            ? _keeper.Sources.Sessions.ToDictionary(SourceSet.KeyOf, session => _keeper.Discipline.ExportHistory(session.Id)!.Samples.ToList())
            : [];
        _keeper.Dispose();
        _clockd.Hangup("killed");
        _loop.Clear();
        _keeper = StartNtpd();
        _keeper.Sources.Remember(history);
    }

    /// <summary>Interfaces or addresses have changed.</summary>
    public void NetworkChanged() => Take(() => _keeper.Sources.OnNetworkChange(Host.Raw));

    /// <summary>What ntpd answers to whoever asks it.</summary>
    public int Answer(ReadOnlySpan<byte> request, double now, Span<byte> reply)
    {
        if (!_keeper.TryGetServed(out var state))
        {
            return 0;
        }

        var time = NtpTimestamp.FromUtc(World.Quantised(Clock));
        if (!_responder.TryRespond(request, state, time, reply, out var response))
        {
            return 0;
        }

        _responder.Depart(response, reply, time);
        return response.Length;
    }

    /// <summary>What ntpd says of itself to clients now; null before it can read its clock.</summary>
    public ServerState? Served => _keeper.TryGetServed(out var state) ? state : null;

    /// <summary>Something has come for ntpd: it is handled now, or when ntpd goes on.</summary>
    internal void Take(Action handler)
    {
        if (!IsAwake)
        {
            return;
        }

        if (World.Now < _heldUntil)
        {
            _held.Add(handler);
            return;
        }

        handler();
        Turn();
    }

    /// <summary>Timers are due, or a pause is over.</summary>
    internal void OnDue()
    {
        foreach (var handler in _held)
        {
            handler();
        }

        _held.Clear();
        Turn();
    }

    /// <summary>The oscillator's rate has changed: the same raw instant comes at another time.</summary>
    internal void OnSecond() => _due = double.IsPositiveInfinity(_due ?? 0) ? _due : null;

    internal void CountRequest() => Packets++;

    Moment IClockdHost.Moment => Host.Moment;

    Microsoft.Extensions.Logging.ILogger IClockdHost.Log => Log;

    void IClockdHost.After(double seconds, Action action) => World.At(World.Now + seconds, action);

    void IClockdHost.Take(Action action) => Take(action);

    void IClockdHost.OnLink(ClockLinkEvent happened) => _loop.Post(() => _keeper.OnLink(happened));

    IRequestPort ITimekeeperHost.OpenPort(SourceConfig config, DatagramAddress server, IRequestListener listener) =>
        new VirtualPort(this, World.PathTo(this, server.ToIPAddress()), listener, _stamps);

    ulong ITimekeeperHost.RandomCookie() => _cookies.Bits();

    void ITimekeeperHost.AskPolicy() => _loop.Post(_clockd.Describe);

    void ITimekeeperHost.Post(Action action) => _loop.Post(action);

    bool ITimekeeperHost.IsLoop(int stratum, ReferenceId reference)
    {
        Span<byte> octets = stackalloc byte[4];
        return stratum > 1 && Address.TryWriteBytes(octets, out _) && reference == ReferenceId.FromIPv4(octets);
    }

    void ITimekeeperHost.OnMeasured(SourceSession session, Exchange exchange) => World.OnMeasured(this, session.Address.ToIPAddress(), new()
    {
        Forward = new Leg(exchange.Sent.At, exchange.RemoteReceived),
        Backward = new Leg(exchange.Received.At, exchange.RemoteSent),
    });

    void ITimekeeperHost.OnOutcome(Outcome outcome, in LocalClock clock) => World.OnOutcome(this, outcome);

    Instant<Raw> IHostClocks.Raw() => Host.Raw;

    Duration IHostClocks.Suspended() => Host.Suspended;

    bool ISteeredClock.TryRead(out LocalClock clock) =>
        SteeredClock.TryRead(_clockd.Page, new(Host.Raw, Host.Realtime, Duration.Zero), Host.Suspended, out clock);

    bool ISteeredClock.TryReadBound(Instant<Raw> now, out Duration bound)
    {
        bool synchronized = _clockd.Page.IsSynchronizedAt(now, Host.Suspended);
        bound = synchronized ? _clockd.Page.BoundAt(now) : default;
        return synchronized;
    }

    void INameResolver.Resolve(string name, int? family, Action<IReadOnlyList<IPAddress>> answer) =>
        answer(IPAddress.TryParse(name, out var literal) ? [literal] : World.Resolve(name));

    private Timekeeper StartNtpd()
    {
        var keeper = new Timekeeper(Config, this, this, this, this, _clockd.TrySend, World.EraStart, Log);
        if (_setup.Drift is { } drift)
        {
            keeper.Discipline.Expect(new(FrequencyOffset.FromFraction(drift.Rate), FrequencyOffset.FromFraction(drift.Sigma)));
        }

        keeper.LeapTable = World.LeapTable;
        _due = double.PositiveInfinity;
        World.At(_setup.StartAt, () => Take(() =>
        {
            keeper.Apply(Config);
            _clockd.Connect();
        }));
        return keeper;
    }

    private void Turn()
    {
        _loop.Run(_keeper, () => Host.Raw);
        _due = null;
    }

    private ISteerableClock OpenClock()
    {
        if (_setup.Actuator == Actuator.Ideal)
        {
            return ShadowClock.Resume(null, Duration.Zero, FrequencyOffset.Zero, Host.Moment);
        }

        var clock = new KernelClock(Host.Kernel, setsRtc: true);
        clock.Adopt();
        return clock;
    }
}
