using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Host;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.Hardware;
using TimeSuite.Ntpd.KeyService;
using TimeSuite.Ntpd.Ptp;
using TimeSuite.Ntpd.Service;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Ntpd.State;
using TimeSuite.Rpc;
using TimeSuite.Time;
using Wire = TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ntpd;

/// <summary>The composition: a <see cref="Timekeeper"/> on the kernel's clocks and sockets, with its files, its server and its watchers.</summary>
internal sealed partial class NtpDaemon : ITimekeeperHost, IDaemonView, IDisposable
{
    private static readonly Duration SaveInterval = Duration.FromSeconds(3600L);

    private readonly DaemonContext _context;
    private readonly ILogger<NtpDaemon> _log;
    private readonly Timekeeper _keeper;
    private readonly NameLookup _lookup;
    private readonly SteeredClock _clock;
    private readonly OwnReferences _own = new();
    private readonly MeasurementLogs _logs;
    private readonly KeptState _kept;
    private readonly KernelRate _kernelRate = new();
    private readonly ClockStepAlarm _stepAlarm = new();
    private readonly NetworkWatch _network = new();
    private readonly LeapTable _leap;
    private readonly List<SourceSession> _measured = [];
    private readonly Instant<Raw> _started = Clocks.Raw();
    private readonly HandedSockets _handed;
    private readonly ConfiguredServer _server;
    private readonly KeptSessionFile _keptSessions;
    private readonly KeyServiceLink _keyService;
    private readonly PtpLink _ptp;
    private readonly HardwareStamps _hardware;
    private SuiteConfig _config;
    private (Outcome? Outcome, LocalClock Clock) _weighed;
    private Instant<Raw> _saveAt;
    private TaskCompletionSource _configured = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="context">Directories and log.</param>
    /// <param name="config">The configuration; it comes in force with <see cref="Run"/>.</param>
    /// <param name="keys">Those of its key file.</param>
    /// <param name="handed">Sockets of the service manager to serve on.</param>
    /// <param name="ports">The right to privileged ports; given up as soon as all that is configured is open.</param>
    public NtpDaemon(DaemonContext context, SuiteConfig config, KeyRing keys, HandedSockets handed, ConfinedRight ports)
    {
        (_context, _config, _handed) = (context, config, handed);
        _log = context.Loggers.CreateLogger<NtpDaemon>();
        _clock = new(Path.Combine(context.SuiteRuntimeDirectory, "clockd", "clock"));
        _logs = new(context.Loggers.CreateLogger<MeasurementLogs>());
        _kept = new(context.StateDirectory, context.Loggers);
        _leap = new(context.Loggers.CreateLogger<LeapTable>());
        Link = new(Path.Combine(context.SuiteRuntimeDirectory, "clockd", "clockd.sock"), $"ntpd {Daemon.Version}", happened => Loop.Post(() => OnLink(happened)), context.Loggers.CreateLogger<ClockLink>());
        _keptSessions = new(Path.Combine(context.StateDirectory, "nts-sessions"), context.Loggers.CreateLogger<KeptSessionFile>());
        _lookup = new(Path.Combine(context.SuiteRuntimeDirectory, "lookupd", "lookupd.sock"), context.Loggers.CreateLogger<NameLookup>());
        var resolver = new NameResolver(_lookup);
        _keyService = new(Path.Combine(context.SuiteRuntimeDirectory, "ntskeyd", "keys.sock"), _keptSessions, resolver, context.Loggers.CreateLogger<KeyServiceLink>());
        _ptp = new(Path.Combine(context.SuiteRuntimeDirectory, "ptpd", "status.sock"), context.Loggers.CreateLogger<PtpLink>());
        _hardware = new(context.Loggers.CreateLogger<HardwareStamps>());
        _server = new(_clock, new(handed.Groups, ports, context.Loggers.CreateLogger<ServedSockets>()), ports, _hardware, context.Loggers);
        _keeper = new(config, this, _clock, new HostClocks(), resolver, Link.TrySend, Build.EraStart, context.Loggers, _keyService) { Keys = keys };
    }

    public EventLoop Loop { get; } = new();

    public ClockLink Link { get; }

    public Steering Steering => _keeper.Steering;

    public SourceSet Sources => _keeper.Sources;

    /// <summary>Who is served, and by whom.</summary>
    public AccessControl Access => _server.Access;

    /// <summary>Whether there is a symmetric key of this number.</summary>
    public bool HasKey(uint id) => _keeper.Keys.Find(id) is not null;

    public Task NextChange => Volatile.Read(ref _change).Task;

    /// <summary>Takes the keys of cookies from ntskeyd for our server, while the configuration in force has [nts-server].</summary>
    public async Task WatchKeysAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var next = NextConfiguration; // before the look, or one in between would be missed
            if (Volatile.Read(ref _config).NtsServer is not null)
            {
                await _keyService.WatchAsync(keys => Loop.Post(() => _server.Use(keys)), stop);
            }

            await next.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Takes what ptpd measures, while the configuration in force has a [ptp] that follows.</summary>
    public async Task WatchPtpAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var next = NextConfiguration; // before the look, or one in between would be missed
            if (Volatile.Read(ref _config).Ptp is { Role: PtpConfig.PtpRole.Follow or PtpConfig.PtpRole.Boundary })
            {
                await _ptp.WatchAsync(news => Loop.Post(() => _keeper.OnPtp(news)), () => Loop.Post(_keeper.OnPtpGone), stop);
            }

            await next.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Done when the next configuration is in force: what it says is served, is served.</summary>
    public Task NextConfiguration => Volatile.Read(ref _configured).Task;

    /// <summary>Runs on the calling thread until <see cref="EventLoop.Stop"/>.</summary>
    public void Run()
    {
        if (_kept.ReadDrift() is { } drift)
        {
            _keeper.Discipline.Expect(drift);
        }

        Sources.Remember(_kept.ReadHistory());
        Loop.Watch(_stepAlarm.Descriptor, OnStepAlarm);
        Loop.Watch(_network.Descriptor, OnNetwork);
        Apply(_config, _keeper.Keys);
        _own.Refresh(); // after what can be served is: it takes some ms, and no source has answered yet
        _saveAt = Clocks.Raw() + SaveInterval;
        Loop.Run(NextDue, OnTime);
        _kept.Save(_keeper.Discipline, Sources.Sessions)();
        _keptSessions.Save(Sources.Sessions, Clocks.Realtime());
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

        var stayed = Sources.Sources.Where(source => source.IsOfRunTime).Select(source => source.Config);
        return Apply(config, SymmetricKeys.Load(config, config.Sources.Concat(stayed), _log));
    }

    IRequestPort ITimekeeperHost.OpenPort(SourceConfig config, DatagramAddress server, IRequestListener listener) =>
        new UdpRequestPort(config, server, listener, Loop, _kernelRate, _hardware);

    ulong ITimekeeperHost.RandomCookie() => KernelRandom.Next();

    void ITimekeeperHost.AskPolicy() => _ = Link.DescribeAsync();

    void ITimekeeperHost.Post(Action action) => Loop.Post(action);

    bool ITimekeeperHost.IsLoop(int stratum, ReferenceId reference) => _own.IsLoop(stratum, reference);

    ReferenceId? ITimekeeperHost.OwnReference(SourceSession session) => OwnReferences.Towards(session);

    void ITimekeeperHost.OnMeasured(SourceSession session, Exchange exchange)
    {
        _measured.Add(session);
        if (_logs.WantsMeasurements && _clock.TryRead(out var clock))
        {
            var offset = ((exchange.RemoteReceived - clock.Reading) + (exchange.RemoteSent - clock.Reading)).Half()
                - ((exchange.Sent.At - clock.At) + (exchange.Received.At - clock.At)).Half();
            _logs.OnMeasured(session, exchange, clock.Reading, offset);
        }
    }

    /// <summary>A new outcome: the server's variables, the logs and the watchers follow.</summary>
    void ITimekeeperHost.OnOutcome(Outcome outcome, in LocalClock clock)
    {
        _weighed = (outcome, clock);
        SayToClients();
        LogMeasured(outcome, clock.Reading);
        Interlocked.Exchange(ref _change, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    public Wire.Tracking Tracking()
    {
        var tracking = StatusMapping.ToWire(Steering, _clock, _keeper.Reference, _keeper.Local, ReferenceEquals(Steering.Outcome, _weighed.Outcome) ? _weighed.Clock : null, Clocks.Raw());
        if (Steering.Outcome?.Selected is null && Troubles.Of(Sources.Sources) is { Length: > 0 } troubles)
        {
            tracking.Explanation = $"{tracking.Explanation}; {troubles}";
        }

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
                var wire = StatusMapping.ToWire(source);
                wire.Protection = ProtectionMapping.Of(source, session: null, now);
                yield return wire;
            }

            foreach (var session in source.Sessions)
            {
                var report = Steering.Outcome?.Sources.FirstOrDefault(candidate => candidate.Id == session.Id);
                var wire = StatusMapping.ToWire(session, report, now);
                wire.Protection = ProtectionMapping.Of(source, session, now);
                yield return wire;
            }
        }

        foreach (var port in _keeper.Ptp.All)
        {
            yield return StatusMapping.ToWire(port, Steering.Outcome?.Sources.FirstOrDefault(candidate => candidate.Id == port.Id), now);
        }

        foreach (var phc in _keeper.Phc.All)
        {
            yield return StatusMapping.ToWire(phc, Steering.Outcome?.Sources.FirstOrDefault(candidate => candidate.Id == phc.Id), now);
        }
    }

    public void Dispose()
    {
        _keeper.Dispose();
        _server.Dispose();
        _handed.Dispose();
        _logs.Dispose();
        _network.Dispose();
        _stepAlarm.Dispose();
        _clock.Dispose();
        _lookup.Dispose();
        _keptSessions.Dispose();
        _ptp.Dispose();
        _hardware.Dispose();
        Loop.Dispose();
    }

    private Wire.ReloadReply Apply(SuiteConfig config, KeyRing keys)
    {
        _context.LogLevel.Set(_context.Arguments.Get("--log-level", config.Log.Level));
        _logs.Configure(config.Log);
        _leap.Load(config.Leap);
        _keeper.LeapTable = _leap.Table;
        _keeper.Keys = keys;
        _hardware.Apply(config.Ntp);
        var unserved = _server.Apply(config, keys);
        _config = config;
        Interlocked.Exchange(ref _configured, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        var (added, removed, changed, kept) = _keeper.Apply(config);
        LogConfigured(_log, added, removed, changed, kept);
        return new Wire.ReloadReply { Added = (uint)added, Removed = (uint)removed, Changed = (uint)changed, Kept = (uint)kept, Unserved = { unserved } };
    }

    private Instant<Raw>? NextDue()
    {
        var due = _saveAt < _keeper.Due ? _saveAt : _keeper.Due;
        due = _hardware.Due is { } hardware && hardware < due ? hardware : due;
        return _server.Due is { } serve && serve < due ? serve : due;
    }

    private void OnTime(Instant<Raw> now)
    {
        _kernelRate.Follow(now);
        _hardware.OnTime(now);
        _keeper.OnTime(now);
        _server.OnTime(now);
        if (_saveAt <= now)
        {
            _saveAt = now + SaveInterval;
            var save = _kept.Save(_keeper.Discipline, Sources.Sessions);
            ThreadPool.QueueUserWorkItem(_ => save()); // a slow disk must not hold the loop
        }
    }

    private void OnLink(ClockLinkEvent happened)
    {
        if (happened is ClockLinkEvent.Opened && _clock.Reopen())
        {
            LogPageReplaced(_log);
        }

        _keeper.OnLink(happened);
        SayToClients(); // what clockd has accepted, or no longer does
    }

    private void SayToClients()
    {
        if (_keeper.TryGetServed(out var state))
        {
            _server.Say(state);
        }
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
        _logs.OnUpdate(outcome, _keeper.Selected, time);
    }

    private void OnStepAlarm()
    {
        if (_stepAlarm.Drain())
        {
            _kernelRate.Restart();
            _keeper.OnClockStepped();
        }
    }

    private void OnNetwork()
    {
        if (_network.Drain())
        {
            _own.Refresh();
            _hardware.SearchSoon();
            Sources.OnNetworkChange(Clocks.Raw());
            _server.Retry();
        }
    }

    [LoggerMessage(LogLevel.Warning, "clockd's time page is another file than before: somebody has removed the old one. Reading the new one")]
    private static partial void LogPageReplaced(ILogger log);

    [LoggerMessage(LogLevel.Information, "Configuration: {Added} sources added, {Removed} removed, {Changed} changed, {Kept} kept")]
    private static partial void LogConfigured(ILogger log, int added, int removed, int changed, int kept);
}
