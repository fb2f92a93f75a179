using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Host;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.Hardware;
using TimeSuite.Ntpd.Ptp;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Ntpd;

/// <summary>All that decides in ntpd: sources measure, the discipline weighs up, clockd is told. Time, packets and clock come through ports.</summary>
/// <remarks>One thing at a time, on one thread. The same object runs in the daemon and in the simulation.</remarks>
internal sealed partial class Timekeeper : ISessionHost, IDisposable
{
    private readonly ITimekeeperHost _host;
    private readonly ISteeredClock _clock;
    private readonly IHostClocks _time;
    private readonly ILogger<Timekeeper> _log;
    private readonly LeapWatch _leapWatch = new();
    private readonly OutcomeLog _said;
    private readonly LocalReference _local = new();
    private readonly Orphans _orphans;
    private SuiteConfig _config;
    private static readonly Duration s_nearEnough = Duration.FromSeconds(3_600L); // for certificates: days matter to them
    private bool _wasSynchronized;
    private Duration _suspended;
    private Outcome? _seen;

    /// <param name="config">The configuration; its sources come with <see cref="Apply"/>.</param>
    /// <param name="host">The world.</param>
    /// <param name="clock">The steered clock.</param>
    /// <param name="time">The clocks that nobody steers.</param>
    /// <param name="resolver">Finds addresses.</param>
    /// <param name="send">Takes a message for clockd; false if it cannot now.</param>
    /// <param name="floor">No server is right that says an earlier time.</param>
    /// <param name="loggers">For the log.</param>
    /// <param name="exchange">Fetches NTS keys. Null: nobody does.</param>
    public Timekeeper(
        SuiteConfig config, ITimekeeperHost host, ISteeredClock clock, IHostClocks time, INameResolver resolver, Func<SteerRequest, bool> send, Instant<Utc> floor, ILoggerFactory loggers, INtsExchange? exchange = null)
    {
        (_config, _host, _clock, _time) = (config, host, clock, time);
        _log = loggers.CreateLogger<Timekeeper>();
        _said = new(_log);
        _suspended = time.Suspended();
        Discipline = new(SettingsOf(config));
        Steering = new(Discipline, clock, send, loggers.CreateLogger<Steering>()) { PolicyDoubted = host.AskPolicy };
        Sources = new(this, Discipline, resolver, host.Post, time, floor, loggers.CreateLogger<SourceSet>(), exchange) { Knowledge = Know };
        _orphans = new(Sources, host.OwnReference);
        Ptp = new(Discipline, _log);
        Phc = new(Discipline, _log);
    }

    public ClockDiscipline Discipline { get; }

    public Steering Steering { get; }

    public SourceSet Sources { get; }

    /// <summary>The ports of ptpd that follow a master.</summary>
    public PtpSources Ptp { get; }

    /// <summary>Hardware clocks that somebody else sets.</summary>
    public PhcSources Phc { get; }

    /// <summary>The leap table in force, if there is one.</summary>
    public LeapSeconds? LeapTable { get; set; }

    /// <summary>The symmetric keys; those of all sources are among them. Sessions have them after <see cref="Apply"/>.</summary>
    public KeyRing Keys { get; set; } = KeyRing.Empty;

    /// <summary>What the clock follows, or followed before the sources fell silent.</summary>
    public Reference? Reference { get; private set; }

    /// <summary>[local], while it is what we are served by.</summary>
    public LocalConfig? Local => _local.IsActive ? _config.Local : null;

    /// <summary>The source that is followed now.</summary>
    public SourceSession? Selected => Steering.Outcome?.Selected is { } id ? Sources.Find(id) : null;

    /// <summary>When <see cref="OnTime"/> has something to do.</summary>
    public Instant<Raw> Due
    {
        get
        {
            var due = _leapWatch.Due is { } leap && leap < Steering.Due ? leap : Steering.Due;
            due = Sources.Due is { } sources && sources < due ? sources : due;
            due = Phc.Due is { } phc && phc < due ? phc : due;
            return _config.Local is not null && _local.Due is { } local && local < due ? local : due;
        }
    }

    /// <summary>Takes a configuration in force. What is unchanged goes on undisturbed.</summary>
    public (int Added, int Removed, int Changed, int Kept) Apply(SuiteConfig config)
    {
        _config = config;
        _local.Options = OptionsOf(config.Local ?? new());
        Steering.Configure(SettingsOf(config));
        _host.AskPolicy(); // [clock] is in the same file: clockd may have read it again too
        Sources.Quorum = config.Nts.Quorum;
        var count = Sources.Apply([.. config.Sources.Where(source => source.Kind != SourceConfig.SourceKind.Phc)], _time.Raw());
        Ptp.Apply(config.Ptp);
        Phc.Apply([.. config.Sources.Where(source => source.Kind == SourceConfig.SourceKind.Phc)]);
        foreach (var session in Sources.Sessions)
        {
            session.UseKey();
        }

        Steering.UpdateSoon();
        _seen = null; // what is served and shown follows at once, news or not
        return count;
    }

    /// <summary>Timers.</summary>
    public void OnTime(Instant<Raw> now)
    {
        NoticeSuspend(now);
        PassLeap(now);
        Sources.OnTime(now);
        if (Phc.OnTime(now, LeapTable, _leapWatch.IsDoubtful(now)))
        {
            Steering.UpdateSoon();
        }

        if (_leapWatch.IsDoubtful(now))
        {
            Steering.RestUntil(now + Duration.FromSeconds(0.25)); // the clock and the estimate take the leap second at different moments
        }

        if (_config.Local is not null && _local.Due <= now)
        {
            TryGetServed(out _);
            Steering.Update(now); // clients hear of it
        }

        Steering.OnTime(now);
        OnOutcome(now);
    }

    /// <summary>What ptpd tells.</summary>
    public void OnPtp(IReadOnlyList<PtpNews> news)
    {
        foreach (var one in news)
        {
            if (Ptp.Take(one, LeapTable, _leapWatch.IsDoubtful(_time.Raw())))
            {
                Steering.UpdateSoon();
            }
        }
    }

    /// <summary>ptpd tells nothing any more.</summary>
    public void OnPtpGone()
    {
        Ptp.Lose();
        Steering.UpdateSoon();
    }

    /// <summary>What happened on the call to clockd.</summary>
    public void OnLink(ClockLinkEvent happened)
    {
        if (happened is ClockLinkEvent.Opened { Clock: { FrequencyPpb: not 0, Kind: ClockDescription.Types.Kind.System } } opened && Discipline.Drift is null)
        {
            // We were restarted and the clock goes on as we had left it: that rate is the best we know. (A shadow may run on a
            // made-up oscillator, of which the raw one knows nothing.)
            Discipline.Expect(new(FrequencyOffset.FromPpb(opened.Clock.FrequencyPpb), FrequencyOffset.FromPpm(1)));
        }

        Steering.OnEvent(happened, _time.Raw());
    }

    /// <summary>The system's clock was stepped, by whomever: the estimates stand, the clock does not. Correct it at once.</summary>
    public void OnClockStepped()
    {
        var now = _time.Raw();
        if (_clock.Kind == TimePageKind.System && !_leapWatch.IsDoubtful(now) && !Steering.IsStepping(now)) // else it is the kernel's leap second, or our own step
        {
            LogStepped(_log);
            Steering.Update(now);
        }
    }

    /// <summary>What clients are told from now on; false before the clock can be read.</summary>
    public bool TryGetServed(out ServerState state)
    {
        bool isRead = _clock.TryRead(out var clock);
        Duration? bound = isRead && _clock.TryReadBound(clock.At, out var published) ? published : null;
        state = isRead ? SystemVariables.Of(Steering.Outcome, bound, Reference, null, clock.Reading, _leapWatch.Pending) : default;
        if (isRead && _config.Local is { } local)
        {
            _local.Update(clock.At, state.Leap == LeapIndicator.Unsynchronized ? null : state.RootDelay.Half() + state.RootDispersion);
            state = _local.IsActive ? SystemVariables.Of(null, null, null, local, clock.Reading, _leapWatch.Pending) : state;
        }

        return isRead;
    }

    IRequestPort ISessionHost.OpenPort(SourceConfig config, DatagramAddress server, IRequestListener listener) => _host.OpenPort(config, server, listener);

    SymmetricKey? ISessionHost.FindKey(uint id) => Keys.Find(id);

    ulong ISessionHost.RandomCookie() => _host.RandomCookie();

    void ISessionHost.OnMeasured(SourceSession session, Exchange exchange)
    {
        Sources.Report(session, _host.IsLoop(exchange.Stratum, exchange.ReferenceId));
        if (session.Nts is not null)
        {
            _host.Post(() => Sources.JudgePeriods(_time.Raw())); // after the session's own actions, which it may end
        }

        if (_leapWatch.IsDoubtful(exchange.Received.At))
        {
            return;
        }

        var use = Discipline.OnSample(session.Id, new Sample
        {
            Forward = new Leg(exchange.Sent.At, exchange.RemoteReceived),
            Backward = new Leg(exchange.Received.At, exchange.RemoteSent),
            StampError = Duration.Max(exchange.Sent.Error, exchange.Received.Error),
            Resolution = exchange.Resolution,
            RootDelay = exchange.RootDelay,
            RootDispersion = exchange.RootDispersion,
        });
        if (use != SampleUse.Used)
        {
            LogSampleUse(_log, session.Config.Name, use);
        }

        Steering.UpdateSoon(); // once for all that this turn of the loop brings
        _host.OnMeasured(session, exchange);
    }

    void ISessionHost.OnGivenUp(SourceSession session, KissCode reason) =>
        _host.Post(() => Sources.OnGivenUp(session, reason, _time.Raw())); // after the session's own actions, which it would end

    void ISessionHost.OnStateChanged(SourceSession session)
    {
        Sources.Report(session, loop: false);
        Steering.UpdateSoon();
    }

    public void Dispose()
    {
        Phc.Dispose();
        foreach (var session in Sources.Sessions)
        {
            session.Dispose();
        }
    }

    private static LocalReferenceOptions OptionsOf(LocalConfig local) =>
        new() { Stratum = local.Stratum, Distance = local.Distance, Activate = local.Activate, Wait = local.Wait };

    private static DisciplineSettings SettingsOf(SuiteConfig config) => new()
    {
        AccuracyTarget = config.Selection.AccuracyTarget,
        MinSources = config.Selection.MinSources,
        MaxDistance = config.Selection.MaxDistance,
        MaxJitter = config.Selection.MaxJitter,
        CombineLimit = config.Selection.CombineLimit,
        MaxStratum = config.Selection.MaxStratum,
        StepThreshold = config.Selection.StepThreshold,
        StepLimit = config.Selection.StepLimit,
        JumpLimit = config.Selection.JumpLimit,
        JumpWait = config.Selection.JumpWait,
        MaxFrequency = config.Clock.MaxFrequency,
        MaxSlewRate = config.Clock.MaxSlewRate,
        MinBoundGrowth = config.Clock.MinBoundGrowth,
    };

    /// <summary>A new outcome: polls, pools and everybody outside follow.</summary>
    private void OnOutcome(Instant<Raw> now)
    {
        if (Steering.Outcome is not { } outcome || ReferenceEquals(outcome, _seen) || !_clock.TryRead(out var clock))
        {
            return;
        }

        _seen = outcome;
        TryGetServed(out _); // whether [local] holds now
        if (_orphans.Judge(_config.Local))
        {
            Steering.UpdateSoon();
        }

        LookForLeap(outcome, clock);
        foreach (var report in outcome.Sources)
        {
            Sources.Find(report.Id)?.SetPoll(report.PollInterval);
        }

        Sources.OnVerdicts(outcome.Sources, now);
        if (Selected is { Last: { } last } selected)
        {
            Reference = new(selected.Config.Name, OwnReferences.Of(selected.Address.ToIPAddress()), last.Stratum + 1);
        }
        else if (outcome.Selected is { } id && Ptp.Find(id) is { Master: { } master } port)
        {
            Reference = new(port.Name, ReferenceId.FromAscii("PTP"), Math.Clamp(master.StepsRemoved, 1, 15));
        }

        else if (outcome.Selected is { } clockId && Phc.Find(clockId) is { } phc)
        {
            Reference = new(phc.Name, ReferenceId.FromAscii("PHC"), 1);
        }

        _said.Say(outcome, outcome.Selected is not null, id => Sources.Find(id)?.Config.Name ?? Ptp.Find(id)?.Name ?? Phc.Find(id)?.Name ?? id.ToString(), now);
        _host.OnOutcome(outcome, clock);
    }

    private ClockKnowledge Know()
    {
        bool isRead = _clock.TryRead(out var clock);
        _wasSynchronized |= isRead && _clock.TryReadBound(clock.At, out var bound) && bound <= s_nearEnough;
        return new(isRead && clock.Reading > Build.Date ? clock.Reading : Build.Date, _wasSynchronized);
    }

    private void NoticeSuspend(Instant<Raw> now)
    {
        var suspended = _time.Suspended();
        var slept = suspended - _suspended;
        _suspended = suspended;
        if (slept > Duration.FromSeconds(0.1))
        {
            LogSuspend(_log, slept.ToString());
            Discipline.OnGap();
            Sources.BurstAll(now);
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Source}: sample {Use}")]
    private static partial void LogSampleUse(ILogger log, string source, SampleUse use);

    [LoggerMessage(LogLevel.Warning, "The machine was suspended for {Length}: measuring anew, keeping the rate")]
    private static partial void LogSuspend(ILogger log, string length);

    [LoggerMessage(LogLevel.Warning, "The system's clock was stepped. If it was not clockd (timectl clock shows its steps), somebody else sets this clock")]
    private static partial void LogStepped(ILogger log);
}
