using System.Numerics;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Discipline;
using TimeSuite.Host;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Nts;
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
    private static readonly Duration SaveInterval = Duration.FromSeconds(3600L), ServeRetry = Duration.FromSeconds(60L);

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
    private readonly ConfinedRight _ports;
    private readonly ServedSockets _sockets;
    private readonly KeptSessionFile _keptSessions;
    private readonly KeyServiceLink _keyService;
    private readonly PtpLink _ptp;
    private readonly HardwareStamps _hardware;
    private readonly List<NtsServer> _sealers = []; // one for each serving thread
    private ServerCounters _counted = new(); // by servers of before
    private CookieKeys _cookieKeys = CookieKeys.None;
    private NtpServer? _server;
    private SuiteConfig _config;
    private (Outcome? Outcome, LocalClock Clock) _weighed;
    private Instant<Raw> _saveAt;
    private Instant<Raw>? _serveAt; // when to try again to serve on an address that could not be had
    private TaskCompletionSource _configured = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="context">Directories and log.</param>
    /// <param name="config">The configuration; it comes in force with <see cref="Run"/>.</param>
    /// <param name="keys">Those of its key file.</param>
    /// <param name="handed">Sockets of the service manager to serve on.</param>
    /// <param name="ports">The right to privileged ports; given up as soon as all that is configured is open.</param>
    public NtpDaemon(DaemonContext context, SuiteConfig config, KeyRing keys, HandedSockets handed, ConfinedRight ports)
    {
        (_context, _config, _handed, _ports) = (context, config, handed, ports);
        _sockets = new(handed.Groups, ports, context.Loggers.CreateLogger<ServedSockets>());
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
        _keeper = new(config, this, _clock, new HostClocks(), resolver, Link.TrySend, Build.EraStart, context.Loggers, _keyService) { Keys = keys };
    }

    public EventLoop Loop { get; } = new();

    public ClockLink Link { get; }

    public Steering Steering => _keeper.Steering;

    public SourceSet Sources => _keeper.Sources;

    /// <summary>Who is served, and by whom.</summary>
    public AccessControl Access { get; } = new();

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
                await _keyService.WatchAsync(keys => Loop.Post(() => UseCookieKeys(keys)), stop);
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
        _server?.Dispose();
        _sockets.Dispose();
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
        Access.Apply(config, keys);
        _hardware.Apply(config.Ntp);
        var unserved = Serve(config.Serve, config.Broadcast, keys);
        _config = config;
        Interlocked.Exchange(ref _configured, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        var (added, removed, changed, kept) = _keeper.Apply(config);
        LogConfigured(_log, added, removed, changed, kept);
        return new Wire.ReloadReply { Added = (uint)added, Removed = (uint)removed, Changed = (uint)changed, Kept = (uint)kept, Unserved = { unserved } };
    }

    /// <returns>The addresses that cannot be had now, with the reason.</returns>
    private IReadOnlyList<string> Serve(ServeConfig? config, BroadcastConfig? broadcast, KeyRing keys)
    {
        int threads = config?.Threads ?? Environment.ProcessorCount;
        int clients = config?.Access.ClientLog ?? 0;
        if (_server is not null && (config is null || _server.Threads != threads || _config.Serve?.Access.ClientLog != clients))
        {
            _server.Dispose(); // its sockets stay for the next one, and what waits in them
            _server = null;
            foreach (var service in Access.Services)
            {
                _counted.Add(service.Counters);
            }

            Access.Services = [];
        }

        if (config is null)
        {
            _sockets.Keep([]);
        }

        if (_server is null && config is not null)
        {
            _sealers.Clear();
            _sealers.AddRange(Enumerable.Range(0, threads).Select(_ => new NtsServer(NonceSource.Create(KernelRandom.Fill))));
            Access.Services = [.. _sealers.Select(sealer => NewService(clients / threads, sealer))];
            Access.Services[0].Counters.Add(_counted); // nobody counts here yet
            _counted = new();
            UseCookieKeys(_cookieKeys);
            _server = new(_clock, Access.Services, _sockets, _context.Loggers.CreateLogger<NtpServer>(), _hardware.Lines);
            SayToClients();
        }

        _sockets.TellApart(new(Access.Policy.Ipv4Bits, Access.Policy.Ipv6Bits));
        _server?.Broadcast(PlanOf(broadcast, keys));
        return RetryLater(config is null ? null : _server?.Listen(config.Listen, _hardware.IsWanted));
    }

    private static BroadcastPlan? PlanOf(BroadcastConfig? config, KeyRing keys) =>
        config is null ? null : new([.. config.To.Select(to => ListenPoint.Parse(to).Local)], config.Interval, config.Ttl, keys.Find(config.Key));

    private void UseCookieKeys(CookieKeys keys)
    {
        if (ReferenceEquals(_cookieKeys, CookieKeys.None) && !ReferenceEquals(keys, CookieKeys.None))
        {
            LogNtsServed(_log, AeadCipher.IsByInstructions ? "by the processor's instructions" : "in software, which costs ten times as much: this processor or this build has not the instructions");
        }

        _cookieKeys = keys;
        _sealers.ForEach(sealer => sealer.Keys = keys);
    }

    /// <param name="clients">To be remembered, at least; 0: none.</param>
    /// <param name="sealer">Of the same thread.</param>
    private static RequestService NewService(int clients, NtsServer sealer)
    {
        const int rememberedExchanges = 12; // log2
        int exponent = Math.Clamp(BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(clients, 1))), ClientTable.SmallestExponent, ClientTable.LargestExponent);
        return new(
            new Responder(new TransmitMemory(rememberedExchanges)),
            clients == 0 ? null : new ClientTable(exponent, new UInt128(KernelRandom.Next(), KernelRandom.Next())),
            sealer);
    }

    /// <summary>An address that we are to serve on may come later than we do.</summary>
    private IReadOnlyList<string> RetryLater(IReadOnlyList<string>? unserved)
    {
        _serveAt = unserved is { Count: > 0 } ? Clocks.Raw() + ServeRetry : null;
        if (_serveAt is null)
        {
            _ports.Dispose();
        }

        return unserved ?? [];
    }

    private Instant<Raw>? NextDue()
    {
        var due = _saveAt < _keeper.Due ? _saveAt : _keeper.Due;
        due = _hardware.Due is { } hardware && hardware < due ? hardware : due;
        return _serveAt is { } serve && serve < due ? serve : due;
    }

    private void OnTime(Instant<Raw> now)
    {
        _kernelRate.Follow(now);
        _hardware.OnTime(now);
        _keeper.OnTime(now);
        if (_serveAt <= now)
        {
            RetryLater(_server?.Retry());
        }

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
        if (_server is not null && _keeper.TryGetServed(out var state))
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
            RetryLater(_server?.Retry());
        }
    }

    [LoggerMessage(LogLevel.Warning, "clockd's time page is another file than before: somebody has removed the old one. Reading the new one")]
    private static partial void LogPageReplaced(ILogger log);

    [LoggerMessage(LogLevel.Information, "Configuration: {Added} sources added, {Removed} removed, {Changed} changed, {Kept} kept")]
    private static partial void LogConfigured(ILogger log, int added, int removed, int changed, int kept);

    [LoggerMessage(LogLevel.Information, "Serving NTS; AES {How}")]
    private static partial void LogNtsServed(ILogger log, string how);
}
