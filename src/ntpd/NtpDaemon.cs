using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Host;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.Service;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Ntpd.State;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;
using Wire = TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ntpd;

/// <summary>The composition: sources measure, the discipline decides, clockd is told, clients and timectl are answered.</summary>
internal sealed partial class NtpDaemon : ISessionHost, IDaemonView, IDisposable
{
    private static readonly Duration SaveInterval = Duration.FromSeconds(3600L);

    private readonly DaemonContext _context;
    private readonly ILogger<NtpDaemon> _log;
    private readonly ClockDiscipline _discipline;
    private readonly SystemNameResolver _resolver = new();
    private readonly SteeredClock _clock;
    private readonly OwnReferences _own = new();
    private readonly MeasurementLogs _logs;
    private readonly KeptState _kept;
    private readonly KernelRate _kernelRate = new();
    private readonly ClockStepAlarm _stepAlarm = new();
    private readonly NetworkWatch _network = new();
    private readonly LeapTable _leap;
    private readonly LeapWatch _leapWatch = new();
    private readonly HashSet<SourceId> _alarms = [];
    private readonly List<SourceSession> _measured = [];
    private Reference? _reference;
    private readonly Instant<Raw> _started = Clocks.Raw();
    private NtpServer? _server;
    private SuiteConfig _config;
    private Duration _suspended = Clocks.Suspended();
    private Instant<Raw> _saveAt;
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Outcome? _seen;
    private string _lastSaid = "";

    public NtpDaemon(DaemonContext context, SuiteConfig config)
    {
        (_context, _config) = (context, config);
        _log = context.Loggers.CreateLogger<NtpDaemon>();
        _discipline = new(SettingsOf(config));
        _clock = new(Path.Combine(context.SuiteRuntimeDirectory, "clockd", "clock"));
        _logs = new(context.Loggers.CreateLogger<MeasurementLogs>());
        _kept = new(context.StateDirectory, context.Loggers);
        _leap = new(context.Loggers.CreateLogger<LeapTable>());
        Link = new(Path.Combine(context.SuiteRuntimeDirectory, "clockd", "clockd.sock"), $"ntpd {Daemon.Version}", happened => Loop.Post(() => OnLink(happened)), context.Loggers.CreateLogger<ClockLink>());
        Steering = new(_discipline, _clock, Link.TrySend, context.Loggers.CreateLogger<Steering>());
        Sources = new(this, _discipline, _resolver, Loop, Build.EraStart, context.Loggers.CreateLogger<SourceSet>())
        {
            Remembered = _kept.ReadHistory(),
        };
    }

    public EventLoop Loop { get; } = new();

    public ClockLink Link { get; }

    public Steering Steering { get; }

    public SourceSet Sources { get; }

    public FrequencyOffset KernelRate => _kernelRate.Value;

    public Task NextChange => Volatile.Read(ref _change).Task;

    /// <summary>Runs on the calling thread until <see cref="EventLoop.Stop"/>.</summary>
    public void Run()
    {
        if (_kept.ReadDrift() is { } drift)
        {
            _discipline.Expect(drift);
        }

        _own.Refresh();
        Loop.Watch(_stepAlarm.Descriptor, OnStepAlarm);
        Loop.Watch(_network.Descriptor, OnNetwork);
        Apply(_config);
        _saveAt = Clocks.Raw() + SaveInterval;
        Loop.Run(Due, OnTime);
        _kept.Save(_discipline, Sources.Sessions)();
    }

    /// <summary>Reads the configuration again. What is unchanged goes on undisturbed.</summary>
    /// <exception cref="InvalidDataException">It is wrong: where and why. Nothing has changed then.</exception>
    public Wire.ReloadReply Reload()
    {
        var loaded = ConfigFile.Load(_context.ConfigFile);
        if (!loaded.TryGet(out var config))
        {
            const int named = 100; // what a gRPC status can carry
            string more = loaded.Errors.Count > named ? $"\n... and {loaded.Errors.Count - named} more mistakes" : "";
            throw new InvalidDataException(string.Join('\n', loaded.Errors.Take(named)) + more);
        }

        return Apply(config);
    }

    public void Watch(UdpSocket socket, Action ready) => Loop.Watch(socket.Descriptor, ready);

    public void Unwatch(UdpSocket socket) => Loop.Unwatch(socket.Descriptor);

    public void OnMeasured(SourceSession session, Exchange exchange)
    {
        Sources.Report(session, _own.IsLoop(exchange.Stratum, exchange.ReferenceId));
        if (_leapWatch.IsDoubtful(exchange.Received.At))
        {
            return;
        }

        var use = _discipline.OnSample(session.Id, new Sample
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

        _measured.Add(session);
        Steering.UpdateSoon(); // once for all that this turn of the loop brings
        if (_clock.TryRead(out var clock))
        {
            var offset = ((exchange.RemoteReceived - clock.Reading) + (exchange.RemoteSent - clock.Reading)).Half()
                - ((exchange.Sent.At - clock.At) + (exchange.Received.At - clock.At)).Half();
            _logs.OnMeasured(session, exchange, clock.Reading, offset);
        }
    }

    public void OnGivenUp(SourceSession session, KissCode reason) =>
        Loop.Post(() => Sources.OnGivenUp(session, reason, Clocks.Raw())); // after the session's own actions, which it would end

    public void OnSynchronizationChanged(SourceSession session)
    {
        Sources.Report(session, loop: false);
        Steering.Update(Clocks.Raw());
    }

    public Wire.Tracking Tracking()
    {
        var tracking = StatusMapping.ToWire(Steering, _clock, _reference, _config.Local, Clocks.Raw());
        tracking.Version = Daemon.Version;
        tracking.Uptime = (Clocks.Raw() - _started).ToWire();
        tracking.PacketsPerHour = Sources.Sessions.Where(session => session.Association.IsOnline).Sum(session => 3600 / session.Association.Poll.Seconds);
        return tracking;
    }

    IEnumerable<Wire.Source> IDaemonView.Sources()
    {
        var now = Clocks.Raw();
        foreach (var source in Sources.Sources)
        {
            if (source.Sessions.Count == 0)
            {
                yield return StatusMapping.ToWire(source);
            }

            foreach (var session in source.Sessions)
            {
                var report = Steering.Outcome?.Sources.FirstOrDefault(candidate => candidate.Id == session.Id);
                yield return StatusMapping.ToWire(session, report, now);
            }
        }
    }

    public void Dispose()
    {
        foreach (var session in Sources.Sessions)
        {
            session.Dispose();
        }

        _server?.Dispose();
        _logs.Dispose();
        _network.Dispose();
        _stepAlarm.Dispose();
        _clock.Dispose();
        _resolver.Dispose();
        Loop.Dispose();
    }

    private static DisciplineSettings SettingsOf(SuiteConfig config) => new()
    {
        MinSources = config.Selection.MinSources,
        MaxDistance = config.Selection.MaxDistance,
        MaxJitter = config.Selection.MaxJitter,
        CombineLimit = config.Selection.CombineLimit,
        MaxStratum = config.Selection.MaxStratum,
        StepThreshold = config.Selection.StepThreshold,
        StepLimit = config.Selection.StepLimit,
        MaxFrequency = config.Clock.MaxFrequency,
        MaxSlewRate = config.Clock.MaxSlewRate,
        MinBoundGrowth = config.Clock.MinBoundGrowth,
    };

    private Wire.ReloadReply Apply(SuiteConfig config)
    {
        _context.LogLevel.Set(_context.Arguments.Get("--log-level", config.Log.Level));
        _logs.Configure(config.Log);
        _leap.Load(config.Leap);
        Steering.Configure(SettingsOf(config));
        if (_server is not null && !(config.Serve?.Listen ?? []).SequenceEqual(_config.Serve?.Listen ?? []))
        {
            _server.Dispose();
            _server = null;
        }

        if (_server is null && config.Serve is { } serve)
        {
            _server = new(_clock, _context.Loggers.CreateLogger<NtpServer>());
            _server.Listen(serve.Listen);
            _server.Start();
        }

        _config = config;
        var (added, removed, changed, kept) = Sources.Apply(config.Sources, Clocks.Raw());
        Steering.UpdateSoon();
        _seen = null; // what is served and shown follows at once, news or not
        LogConfigured(_log, added, removed, changed, kept);
        return new Wire.ReloadReply { Added = (uint)added, Removed = (uint)removed, Changed = (uint)changed, Kept = (uint)kept };
    }

    private Instant<Raw>? Due()
    {
        var due = Steering.Due < _saveAt ? Steering.Due : _saveAt;
        due = _leapWatch.Due is { } leap && leap < due ? leap : due;
        return Sources.Due is { } sources && sources < due ? sources : due;
    }

    private void OnTime(Instant<Raw> now)
    {
        _kernelRate.Follow(now);
        NoticeSuspend(now);
        PassLeap(now);
        Sources.OnTime(now);
        Steering.OnTime(now);
        OnOutcome(now);
        if (_saveAt <= now)
        {
            _saveAt = now + SaveInterval;
            var save = _kept.Save(_discipline, Sources.Sessions);
            ThreadPool.QueueUserWorkItem(_ => save()); // a slow disk must not hold the loop
        }
    }

    private void OnLink(ClockLinkEvent happened)
    {
        if (happened is ClockLinkEvent.Opened { Clock: { FrequencyPpb: not 0, Kind: ClockDescription.Types.Kind.System } } opened && _discipline.Drift is null)
        {
            // We were restarted and the clock goes on as we had left it: that rate is the best we know. (A shadow may run on a
            // made-up oscillator, of which the raw one knows nothing.)
            _discipline.Expect(new(FrequencyOffset.FromPpb(opened.Clock.FrequencyPpb), FrequencyOffset.FromPpm(1)));
        }

        Steering.OnEvent(happened, Clocks.Raw());
        SayToClients(); // what clockd has accepted, or no longer does
    }

    private void SayToClients()
    {
        if (_server is not null && _clock.TryRead(out var clock))
        {
            Duration? bound = _clock.TryReadBound(clock.At, out var published) ? published : null;
            _server.Say(SystemVariables.Of(Steering.Outcome, bound, _reference, _config.Local, clock.Reading, _leapWatch.Pending));
        }
    }

    /// <summary>A new outcome: the server's variables, the logs and the watchers follow.</summary>
    private void OnOutcome(Instant<Raw> now)
    {
        if (Steering.Outcome is not { } outcome || ReferenceEquals(outcome, _seen))
        {
            return;
        }

        _seen = outcome;
        if (!_clock.TryRead(out var clock))
        {
            return;
        }

        var time = clock.Reading;
        LookForLeap(outcome, clock, time);
        foreach (var report in outcome.Sources)
        {
            Sources.Find(report.Id)?.SetPoll(report.PollInterval);
        }

        Sources.OnVerdicts(outcome.Sources, now);
        if (Selected() is { Last: { } last } selected)
        {
            _reference = new(selected.Config.Name, OwnReferences.Of(selected.Address.ToIPAddress()), last.Stratum + 1);
        }

        SayToClients();
        LogMeasured(outcome, time);
        Say(outcome);
        Interlocked.Exchange(ref _change, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private void LogMeasured(Outcome outcome, Instant<Utc> time)
    {
        if (_measured.Count == 0)
        {
            return;
        }

        foreach (var report in outcome.Sources)
        {
            if (_measured.Find(session => session.Id == report.Id) is { } session)
            {
                _logs.OnEstimate(session, report, time);
            }
        }

        _measured.Clear();
        _logs.OnUpdate(outcome, Selected(), time);
    }

    private void LookForLeap(Outcome outcome, in LocalClock clock, Instant<Utc> time)
    {
        var bound = outcome.Announcement.Synchronized ? outcome.Announcement.Bound : Duration.FromSeconds(16L);
        _leapWatch.Look(time + outcome.Tracking.Offset, clock.At, bound, _leap.AtEndOfDay(time), outcome.Announcement.Leap);
        Steering.TaiOffset = _leap.TaiOffset(time);
        Steering.KernelLeap = _config.Leap.Mode == LeapConfig.LeapMode.System ? _leapWatch.Pending : LeapSecond.None;
    }

    /// <summary>The leap second itself: UTC jumps, and the clock follows as configured.</summary>
    private void PassLeap(Instant<Raw> now)
    {
        if (!_leapWatch.TryPass(now, out var leap) || _config.Leap.Mode == LeapConfig.LeapMode.Ignore)
        {
            return;
        }

        LogLeap(_log, leap, _config.Leap.Mode);
        _discipline.OnLeap(leap);
        bool kernelDoesIt = _config.Leap.Mode == LeapConfig.LeapMode.System && _clock.Kind == TimePageKind.System;
        if (_config.Leap.Mode != LeapConfig.LeapMode.Slew && !kernelDoesIt)
        {
            Steering.StepBy(Duration.FromSeconds(leap == LeapSecond.Insert ? -1L : 1L));
        }
    }

    /// <summary>What an operator wants to find in the log: who is followed, and when that ends.</summary>
    private void Say(Outcome outcome)
    {
        string said = outcome.Announcement.Synchronized
            ? Selected() is not null ? "Synchronised" : "No source to follow: holding the rate"
            : "Not synchronised";
        if (said != _lastSaid)
        {
            LogState(_log, said, outcome.Tracking.Explanation);
            _lastSaid = said;
        }

        foreach (var report in outcome.Sources)
        {
            if (report.Alarm is not { } alarm)
            {
                _alarms.Remove(report.Id);
            }
            else if (_alarms.Add(report.Id))
            {
                LogAlarm(_log, Sources.Find(report.Id)?.Config.Name ?? report.Id.ToString(), alarm); // once, not at each sample with other numbers
            }
        }
    }

    private SourceSession? Selected() => Steering.Outcome?.Selected is { } id ? Sources.Find(id) : null;

    private void NoticeSuspend(Instant<Raw> now)
    {
        var suspended = Clocks.Suspended();
        var slept = suspended - _suspended;
        _suspended = suspended;
        if (slept > Duration.FromSeconds(0.1))
        {
            LogSuspend(_log, slept.ToString());
            _discipline.OnGap();
            Sources.BurstAll(now);
        }
    }

    private void OnStepAlarm()
    {
        if (!_stepAlarm.Drain())
        {
            return;
        }

        _kernelRate.Restart();
        if (_clock.Kind == TimePageKind.System)
        {
            LogStepped(_log);
            Steering.Update(Clocks.Raw()); // the estimates stand, the clock does not: correct it at once
        }
    }

    private void OnNetwork()
    {
        if (_network.Drain())
        {
            _own.Refresh();
            Sources.OnNetworkChange(Clocks.Raw());
        }
    }

    [LoggerMessage(LogLevel.Information, "Leap second ({Leap}), mode {Mode}")]
    private static partial void LogLeap(ILogger log, LeapSecond leap, LeapConfig.LeapMode mode);

    [LoggerMessage(LogLevel.Information, "{State}: {Explanation}")]
    private static partial void LogState(ILogger log, string state, string explanation);

    [LoggerMessage(LogLevel.Warning, "Source {Name} {Alarm}")]
    private static partial void LogAlarm(ILogger log, string name, string alarm);

    [LoggerMessage(LogLevel.Information, "Configuration: {Added} sources added, {Removed} removed, {Changed} changed, {Kept} kept")]
    private static partial void LogConfigured(ILogger log, int added, int removed, int changed, int kept);

    [LoggerMessage(LogLevel.Debug, "{Source}: sample {Use}")]
    private static partial void LogSampleUse(ILogger log, string source, SampleUse use);

    [LoggerMessage(LogLevel.Warning, "The machine was suspended for {Length}: measuring anew, keeping the rate")]
    private static partial void LogSuspend(ILogger log, string length);

    [LoggerMessage(LogLevel.Warning, "The system's clock was stepped. If it was not clockd (timectl clock shows its steps), somebody else sets this clock")]
    private static partial void LogStepped(ILogger log);
}
