using TimeSuite.Discipline;
using TimeSuite.Ntpd.Ptp;
using TimeSuite.Ptp;
using TimeSuite.Ptpd;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>What a clock of a PTP network is.</summary>
public enum PtpRole
{
    /// <summary>Its PHC is true time, and it serves it where it is elected.</summary>
    Grandmaster,

    /// <summary>It follows, and never serves.</summary>
    Follower,

    /// <summary>It follows by one of its ports and serves by the others, or serves what it knows if there is nobody better.</summary>
    Boundary,

    /// <summary>It hands messages on and says how long they lay there; its PHC runs free.</summary>
    Transparent,
}

/// <summary>A PTP instance on a virtual host: ptpd's deciding half (the instance, its ports, the servo) between a virtual PHC and a virtual network.</summary>
public sealed class PtpNode : IJudged
{
    private static readonly Duration s_sinceBoot = Duration.FromSeconds(1000L);

    private readonly PhcFollower? _follower;
    private readonly Machine? _machine;
    private readonly Dice _residence;
    private readonly List<PtpNodePort> _ports = [];
    private readonly List<PtpPort> _corePorts = [];
    private PtpMaster? _told;
    private bool _isStarted;
    private double _updateAt = double.PositiveInfinity; // true time, s
    private double _heldUntil, _updatedAt;

    internal PtpNode(World world, Setup setup, ulong seed, int index, PtpRole role, DefaultDataSet own, ComparisonRule rule, Machine? machine)
    {
        (World, Setup, Index, Role, _machine) = (world, setup, index, role, machine);
        _residence = new(seed, $"ptp residence {index}");
        var chance = new Dice(seed, $"ptp chance {index}");
        var oscillator = role == PtpRole.Grandmaster ? null : new Oscillator(setup, seed, $"phc {index}");
        Phc = new(oscillator, world.TaiAt(0), role == PtpRole.Grandmaster ? 0 : setup.Offset);
        Phc.AdvanceTo(world.Now);
        Instance = new(own with { Identity = IdentityOf(index), SlaveOnly = role == PtpRole.Follower }, rule, () => Math.Min(chance.Uniform(), 1 - 1e-9))
        {
            OwnTime = new(37, PtpFlags.PtpTimescale | PtpFlags.UtcOffsetValid, TimeSource.Gnss),
        };
        if (role is PtpRole.Follower or PtpRole.Boundary && machine is null)
        {
            var p = setup.Ptp;
            _follower = new(new(new PhcServoSettings
            {
                MaxFrequency = FrequencyOffset.FromFraction(p.MaxFrequency),
                MaxSlewRate = FrequencyOffset.FromFraction(p.MaxSlew),
                FirstStepThreshold = Limit(p.FirstStep),
                StepThreshold = Limit(p.Step),
            }));
        }
    }

    public World World { get; }

    public Setup Setup { get; }

    public int Index { get; }

    public PtpRole Role { get; }

    public PtpInstance Instance { get; }

    public IReadOnlyList<PtpNodePort> Ports => _ports;

    /// <summary>The port that follows a master; null: none does.</summary>
    public PtpNodePort? Following => _ports.Find(port => port.Port.State.Follows());

    public VirtualPhc Phc { get; }

    /// <summary>What the servo found last; null: there is none.</summary>
    public PhcOutcome? Outcome => _follower?.Last;

    /// <summary>The servo; null: there is none.</summary>
    public PhcServo? Servo => _follower?.Servo;

    /// <summary>True time minus what is shown by a grandmaster's PHC, s, by true time: a liar.</summary>
    public Func<double, double> Lie { get; set; } = _ => 0;

    /// <summary>How long a message lies in a transparent clock, s, on average.</summary>
    public double Residence { get; set; }

    public double Error => Phc.Error;

    public double RateError => Phc.RateError;

    public double? Bound => Outcome is { State: not PhcState.Unlocked, Bound: { } bound } last ? bound.Seconds + (last.BoundGrowth.Fraction * (World.Now - _updatedAt)) : null;

    public double Sigma => Outcome?.Sigma.Seconds ?? 0;

    public bool IsAwake => true;

    public int Steps => Phc.Steps;

    public int Packets { get; private set; }

    /// <summary>Its process is stopped for so long, s; the PHC goes on.</summary>
    public void Pause(double length) => _heldUntil = Math.Max(_heldUntil, World.Now + length);

    /// <summary>Somebody else steps the PHC, and ptpd sees it at once by another clock.</summary>
    public void MeddleSeen(double step)
    {
        Servo!.Jumped(Phc.Shown, Duration.FromSeconds(step));
        Phc.Meddle(step);
        _corePorts.ForEach(port => port.ForgetStamps());
    }

    /// <summary>A port on a network; a transparent clock's is one of that kind.</summary>
    public PtpNodePort AddPort(PtpLan lan, PortSettings? settings = null)
    {
        settings ??= Setup.Ptp.Port;
        settings = Role == PtpRole.Transparent ? settings with { Mode = PortMode.Transparent } : settings;
        var port = new PtpNodePort(this, lan, settings, World.Seed);
        _ports.Add(port);
        _corePorts.Add(port.Port);
        return port;
    }

    /// <summary>Starts all ports at a true time, s.</summary>
    public void StartAt(double time) => World.At(time, () =>
    {
        _isStarted = true;
        _ports.ForEach(port => port.Port.Start(Boot));
    });

    internal ILocalTime Served => _follower is { } follower ? follower : new Shown(this);

    internal Instant<Boot> Boot => new(s_sinceBoot + Duration.FromSeconds(World.Now));

    /// <summary>When something is to be done by timer, true time in s. A nanosecond late, so that rounding cannot make it early.</summary>
    internal double Due
    {
        get
        {
            if (!_isStarted)
            {
                return double.PositiveInfinity;
            }

            double due = _updateAt;
            foreach (var port in _corePorts)
            {
                due = port.Wake is { } wake ? Math.Min(due, (wake.SinceEpoch - s_sinceBoot).Seconds + 1e-9) : due;
            }

            return Math.Max(due, _heldUntil);
        }
    }

    internal void AdvanceTo(double time) => Phc.AdvanceTo(time);

    internal void OnSecond() => Phc.Oscillator?.Second(World.Now);

    internal void OnDue()
    {
        if (World.Now >= _updateAt)
        {
            Update();
        }

        foreach (var port in _corePorts)
        {
            port.OnTime(Boot);
        }

        TellMaster();
    }

    /// <summary>Something has come, or a stamp; while the process is stopped, it waits.</summary>
    internal void Do(Action what)
    {
        if (World.Now < _heldUntil)
        {
            World.At(_heldUntil, () => Do(what));
            return;
        }

        what();
        TellMaster();
    }

    /// <summary>How long what came now lies there before it is looked at, s.</summary>
    internal double Hold() => Residence > 0 ? Residence * _residence.Exponential() : 0;

    /// <summary>What the clock that stamps shows now.</summary>
    internal Instant<Local> Stamp() => World.Quantised(new Instant<Local>(
        _machine is { } machine ? machine.Host.Raw.SinceEpoch
        : Phc.Shown.SinceEpoch + Duration.FromSeconds(Lie(World.Now))));

    internal void Count(ReadOnlySpan<byte> message) => Packets += message.Length > 0 ? 1 : 0;

    internal void OnSync(PtpNodePort port, in SyncPair pair)
    {
        if (_machine is { } machine)
        {
            var news = new PtpNews.Sync(port.Port.Identity.Port, pair.Sent, new(pair.Received.SinceEpoch), Duration.Zero);
            machine.Take(() => machine.Keeper.OnPtp([news]));
        }
        else if (_follower is { } follower && follower.Synchronized(port.Port, pair, Duration.Zero))
        {
            Update();
        }
    }

    internal void OnDelay(PtpNodePort port, in DelayPair pair)
    {
        if (_machine is { } machine)
        {
            var news = new PtpNews.Delay(port.Port.Identity.Port, new(pair.Sent.SinceEpoch), pair.Received, Duration.Zero);
            machine.Take(() => machine.Keeper.OnPtp([news]));
        }

        _follower?.Delayed(port.Port, pair, Duration.Zero);
    }

    internal void OnLink(PtpNodePort port, in PeerDelayMeasurement measurement)
    {
        if (_machine is { } machine)
        {
            var news = new PtpNews.Link(port.Port.Identity.Port, measurement.MeanLinkDelay);
            machine.Take(() => machine.Keeper.OnPtp([news]));
        }

        _follower?.PeerDelayed(port.Port, measurement);
    }

    internal void OnChange(PtpNodePort port, PortState before, PortState after) =>
        World.PtpChanged(this, port, before, after);

    private void Update()
    {
        var outcome = _follower!.Update(_corePorts, Phc.Shown, Boot);
        _updatedAt = World.Now;
        if (outcome.Steering is { } steering)
        {
            _follower.Servo.Steered(Phc.Shown, steering);
            Phc.Steer(steering);
            if (steering.Step is not null)
            {
                _corePorts.ForEach(port => port.ForgetStamps());
            }
        }

        _updateAt = World.Now + outcome.Until.Seconds;
    }

    /// <summary>ntpd hears of another master, and of other news from the same one.</summary>
    private void TellMaster()
    {
        if (_machine is not { } machine)
        {
            return;
        }

        var port = Following;
        var time = Instance.Time;
        var master = port is null ? null : new PtpMaster(
            Instance.Parent.Port.ToString()!, Instance.Parent.Grandmaster.ToString()!, Instance.StepsRemoved, (time.Flags & PtpFlags.PtpTimescale) != 0, time.TaiMinusUtc,
            (time.Flags & PtpFlags.Leap61) != 0 ? LeapSecond.Insert : (time.Flags & PtpFlags.Leap59) != 0 ? LeapSecond.Delete : LeapSecond.None,
            Instance.Parent.Quality.Accuracy.Bound());
        if (master == _told)
        {
            return;
        }

        _told = master;
        var news = new PtpNews.Changed(1, master);
        machine.Take(() => machine.Keeper.OnPtp([news]));
    }

    private static Duration? Limit(double seconds) => double.IsInfinity(seconds) ? null : Duration.FromSeconds(seconds);

    internal static ClockIdentity IdentityOf(int index) => new(0x0200_00FF_FE00_0000UL + (ulong)index + 1);

    /// <summary>A PHC that is served as it is.</summary>
    private sealed class Shown(PtpNode node) : ILocalTime
    {
        public bool TryToTai(Instant<Local> stamp, out Instant<Tai> time)
        {
            time = new(stamp.SinceEpoch);
            return node.Role == PtpRole.Grandmaster;
        }
    }
}
