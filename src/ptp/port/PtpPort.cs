namespace TimeSuite.Ptp;

/// <summary>
/// A port of an ordinary or boundary clock: octets, stamps and the time in; messages, measurements and states out. It has no socket, no thread and no timer:
/// its owner calls <see cref="OnTime"/> when <see cref="Wake"/> has come.
/// </summary>
public sealed partial class PtpPort
{
    private readonly PtpInstance _instance;
    private readonly IPortMode? _mode;
    private readonly SealJudge? _seals;
    private PortSettings _settings;
    private bool _isDisabled, _hasWaited;
    private readonly ILocalTime _time;
    private readonly IPortOutput _output;
    private readonly ForeignMasters _masters;
    private readonly byte[] _buffer = new byte[1500];
    private Instant<Boot>? _announceTimeout, _syncTimeout, _qualified, _announceDue, _syncDue, _delayDue, _peerDelayDue;

    internal PtpPort(PtpInstance instance, PortIdentity identity, PortSettings settings, ILocalTime time, IPortOutput output)
    {
        (_instance, Identity, _settings, _time) = (instance, identity, settings, time);
        _seals = settings.Authentication is { } rules ? new(rules) : null;
        _output = settings.Authentication is { } authentication ? new SealedOutput(authentication, output) : output;
        _mode = settings.Mode switch
        {
            PortMode.Transparent => new TransparentPort(instance, this, _output),
            PortMode.CsptpClient => new CsptpClient(instance, this, _output),
            PortMode.CsptpServer => new CsptpServer(instance, this, time, _output),
            _ => null,
        };
        _masters = new(settings.ForeignMasterThreshold);
        _logDelayReq = settings.LogMinDelayReqInterval;
        ResetIntervals();
        ResetMechanism();
        _guard = instance.GuardFor(settings);
        if (settings.UnicastMasters.Count > 0 && _mode is null) // a client of CSPTP asks them in its own way
        {
            _client = new(settings.UnicastMasters, new(
                settings.LogAnnounceInterval, settings.LogSyncInterval, settings.LogMinDelayReqInterval, settings.UnicastSeconds, settings.DelayMechanism is DelayMechanism.E2E or DelayMechanism.Auto));
        }

        if (settings.UnicastLimits is { } limits)
        {
            _server = new(limits);
            _turns = new UnicastTurn[UnicastPending];
        }
    }

    public PortIdentity Identity { get; }

    /// <summary>Whose port it is.</summary>
    public PtpInstance Instance => _instance;

    public PortState State { get; private set; } = PortState.Disabled;

    public PortSettings Settings => _settings;

    /// <summary>Whose stamps it has now, for those who ask by management.</summary>
    public void StampedBy(bool isHardware) =>
        _settings = _settings.Description is { } description ? _settings with { Description = description with { HasHardwareStamps = isHardware } } : _settings;

    public PortCounters Counters { get; } = new();

    /// <summary>The mean delay of the link by the peer delay mechanism; null while it is not known.</summary>
    public Duration? MeanLinkDelay { get; private set; }

    /// <summary>gPTP: the other end answers, and is near enough; a delay that is as much below zero is none. Always true where no threshold is set.</summary>
    public bool IsCapable => _settings.NeighborDelayThreshold is not { } limit || MeanLinkDelay is { } delay && delay.Magnitude <= limit;

    /// <summary>The earliest time at which <see cref="OnTime"/> has something to do; null: no such time.</summary>
    public Instant<Boot>? Wake => _mode is { } mode ? Earliest(mode.Wake, _peerDelayDue) : Earliest(Earliest(Earliest(_announceTimeout, _syncTimeout), Earliest(_qualified, _announceDue)), Earliest(Earliest(_syncDue, _delayDue), Earliest(_peerDelayDue, UnicastWake)));

    internal bool IsElected => _settings.Role == PortRole.Elected;

    /// <summary>The masters that were heard, for people.</summary>
    public IEnumerable<(Candidate Candidate, Instant<Boot> Last, bool Counts)> Masters(Instant<Boot> now) => _mode?.Masters ?? _masters.All(now, AnnounceInterval);

    /// <summary>Starts the port, or starts it anew: it forgets what it had heard.</summary>
    public void Start(Instant<Boot> now)
    {
        if (_isDisabled)
        {
            return;
        }

        _masters.Clear();
        MeanLinkDelay = null;
        UnansweredPeerRequests = 0;
        ResetIntervals();
        ResetMechanism();
        Apply(PortEvent.Initialize, now);
        Apply(PortEvent.InitializationDone, now);
        _client?.Start(now);
        if (_settings.Role == PortRole.Master)
        {
            Apply(PortEvent.RecommendMaster, now);
            Apply(PortEvent.QualificationTimeout, now);
        }
        else if (_settings.Role == PortRole.Slave)
        {
            Apply(PortEvent.RecommendSlaveOfNewMaster, now);
        }

        _mode?.Start(now);
    }

    /// <summary>The port's network is gone or does not stamp: it does nothing until it is started again.</summary>
    public void Fault(Instant<Boot> now)
    {
        Apply(PortEvent.FaultDetected, now);
        _instance.Decide(now);
    }

    /// <summary>The owner has the time of this port's master, or has lost it again.</summary>
    public void Calibrated(bool calibrated, Instant<Boot> now) => Apply(calibrated ? PortEvent.MasterClockSelected : PortEvent.SynchronizationFault, now);

    /// <summary>Does what is due. Call it when <see cref="Wake"/> has come; earlier does no harm.</summary>
    public void OnTime(Instant<Boot> now)
    {
        if (_mode is { } mode)
        {
            mode.OnTime(now);
        }
        else
        {
            OnOwnTime(now);
        }

        if (IsDue(ref _peerDelayDue, now, LogInterval.ToDuration(_logPdelayReq)) && !_stopsPdelayReq)
        {
            SendPdelayReq(now);
        }
    }

    private void OnOwnTime(Instant<Boot> now)
    {
        if (TakeIf(ref _qualified, now))
        {
            Apply(PortEvent.QualificationTimeout, now);
        }

        if (TakeIf(ref _announceTimeout, now) && !WaitsOnce(now))
        {
            Counters.AnnounceTimeouts++;
            LoseMaster(now);
        }

        if (TakeIf(ref _syncTimeout, now))
        {
            Counters.SyncTimeouts++;
            LoseMaster(now);
        }

        OnUnicastTime(now);
        if (IsDue(ref _announceDue, now, LogInterval.ToDuration(_logAnnounce)) && !_stopsAnnounce)
        {
            SendAnnounce(Next(ref _announceSequence), _logAnnounce, Destination.Group);
        }

        if (IsDue(ref _syncDue, now, LogInterval.ToDuration(_logSync)) && !_stopsSync)
        {
            ushort sequence = Next(ref _syncSequence);
            SendSync(sequence, _logSync, Destination.Group, new(MessageType.Sync, sequence, _settings.OneStepSync));
        }

        if (TakeIf(ref _delayDue, now))
        {
            SendDelayReq();
            ScheduleDelayReq(now);
        }
    }

    /// <summary>Says and hears nothing until it is enabled again.</summary>
    public void Disable(Instant<Boot> now)
    {
        _isDisabled = true;
        Apply(PortEvent.Disable, now);
        _instance.Decide(now);
    }

    /// <summary>Undoes <see cref="Disable"/>; else does nothing.</summary>
    public void Enable(Instant<Boot> now)
    {
        if (_isDisabled)
        {
            _isDisabled = false;
            Start(now);
        }
    }

    /// <summary>Takes other settings while it runs: intervals, time-outs and the like. What a port is stays as it was made.</summary>
    internal void Change(PortSettings settings, Instant<Boot> now)
    {
        _settings = settings;
        ResetIntervals();
        Enter(now); // timers that have begun end as they would have
    }

    /// <summary>What takes the place of the port's own doings.</summary>
    internal IPortMode? Mode => _mode;

    /// <summary>A port without election waits for another master.</summary>
    internal void FollowAnew(Instant<Boot> now) => Apply(PortEvent.RecommendSlaveOfNewMaster, now);

    internal Candidate? BestHeard(Instant<Boot> now) =>
        IsElected && State >= PortState.Listening && IsCapable ? _masters.Best(now, AnnounceInterval, _instance.Rule) : null;

    internal void Recommend(Recommendation recommended, Instant<Boot> now)
    {
        switch (recommended)
        {
            case Recommendation.M1 or Recommendation.M2:
                Apply(PortEvent.RecommendMaster, now);
                if (State == PortState.PreMaster)
                {
                    Apply(PortEvent.QualificationTimeout, now); // no wait where there is nobody better anywhere (clause 9.2.6.11)
                }

                break;
            case Recommendation.M3:
                Apply(PortEvent.RecommendMaster, now);
                break;
            case Recommendation.S1:
                Apply(_followed == _instance.Parent.Port ? PortEvent.RecommendSlave : PortEvent.RecommendSlaveOfNewMaster, now);
                break;
            case Recommendation.P1 or Recommendation.P2:
                Apply(PortEvent.RecommendPassive, now);
                break;
            default:
                break;
        }
    }

    private void Apply(PortEvent happened, Instant<Boot> now)
    {
        var before = State;
        State = before.Next(happened, _instance.Default.SlaveOnly && IsElected);
        if (State != before || happened is PortEvent.RecommendSlaveOfNewMaster or PortEvent.Initialize)
        {
            Enter(now);
            if (State != before)
            {
                if (before == PortState.Slave || State == PortState.Slave)
                {
                    RequestIntervals(State == PortState.Slave);
                }

                _output.Changed(before, State, happened);
            }
        }
    }

    /// <summary>Sets the timers of the state that was entered (IEEE 1588-2019 table 21 and figure 30).</summary>
    private void Enter(Instant<Boot> now)
    {
        bool runs = State >= PortState.Listening;
        bool elected = runs && IsElected;
        var announce = AnnounceInterval;

        _hasWaited = false;
        _qualified = State == PortState.PreMaster ? now + announce.Times(_instance.StepsRemoved + 1) : null;
        _announceTimeout = elected && State is not (PortState.Master or PortState.PreMaster) ? now + AnnounceTimeout() : null;
        _announceDue = State == PortState.Master && !_settings.InhibitAnnounce && _settings.Multicast ? _announceDue ?? now : null;
        _syncDue = State == PortState.Master && _settings.Multicast ? _syncDue ?? now : null;
        _peerDelayDue = runs && Mechanism == DelayMechanism.P2P ? _peerDelayDue ?? now : null;

        if (State != PortState.Master)
        {
            _server?.Clear();
            _steps = null;
        }

        if (!runs)
        {
            _client?.Stop();
        }

        if (!State.Follows())
        {
            _client?.Follow(null, now);
            (_followed, _syncTimeout, _delayDue) = (null, null, null);
            return;
        }

        if (State == PortState.Uncalibrated)
        {
            _followed = IsElected ? _instance.Parent.Port : null;
            _syncs.Clear();
            _delays.Clear();
            _logDelayReq = _settings.LogMinDelayReqInterval;
            _masterLogSync = null;
            _masterAddress = _followed is { } chosen && _client is { } client ? client.AddressOf(chosen) : default; // else it comes with its next message
            _client?.Follow(_followed, now);
        }

        ExpectSync(now);
        if (Mechanism == DelayMechanism.E2E && _delayDue is null)
        {
            ScheduleDelayReq(now);
        }
    }

    // Alone on a new network, all would give up waiting at once: so one interval more, in part (clause 9.2.6.12).
    private Duration AnnounceTimeout() =>
        AnnounceInterval.Times(_settings.AnnounceReceiptTimeout + (State == PortState.Listening ? _instance.Chance() : 0));

    /// <summary>Somebody was heard, but not yet so often that it counts: one interval more, once, for if it is a master its next Announce comes within that time.</summary>
    private bool WaitsOnce(Instant<Boot> now)
    {
        if (State != PortState.Listening || _hasWaited || BestHeard(now) is not null || _masters.Count == 0)
        {
            return false;
        }

        (_hasWaited, _announceTimeout) = (true, now + AnnounceInterval);
        return true;
    }

    private void LoseMaster(Instant<Boot> now)
    {
        if (_followed is { } lost)
        {
            _masters.GiveUp(lost, now);
            _client?.Lost(lost, now);
        }

        if (!IsElected)
        {
            Apply(PortEvent.RecommendSlaveOfNewMaster, now); // a static slave waits for the next that speaks
            return;
        }

        _followed = null;
        if (BestHeard(now) is null)
        {
            Apply(PortEvent.AnnounceReceiptTimeout, now);
        }

        if (State is PortState.Listening or PortState.Passive)
        {
            _announceTimeout = now + AnnounceTimeout();
        }

        _instance.Decide(now);
    }

    private static Instant<Boot>? Earliest(Instant<Boot>? a, Instant<Boot>? b) => a is { } first && (b is not { } second || first <= second) ? a : b;

    private static ushort Next(ref ushort sequence) => unchecked(sequence++);

    private static bool TakeIf(ref Instant<Boot>? due, Instant<Boot> now)
    {
        bool has = due is { } at && at <= now;
        due = has ? null : due;
        return has;
    }

    // From the time it was due, so that the rate is kept; from now, if that much was missed that it would be a burst.
    private static bool IsDue(ref Instant<Boot>? due, Instant<Boot> now, Duration interval)
    {
        if (due is not { } at || at > now)
        {
            return false;
        }

        due = now - at > interval ? now + interval : at + interval;
        return true;
    }
}
