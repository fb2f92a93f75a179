using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TimeSuite.Clockd;
using TimeSuite.Config;
using TimeSuite.Host;
using TimeSuite.Linux;
using TimeSuite.Policy;
using TimeSuite.Rpc;
using TimeSuite.Time;

const int maxMessage = 4096, maxStreams = 8;

new Enclosure(AuditTrail.Self, UsesTcp: false, "/dev").Enter(args, _ => new(Logs: null, Capabilities.SysTime)); // /dev: clocks of network cards, the later ones too
return await Daemon.RunAsync(args, AuditTrail.Self, "sets the clock as far as policy allows, and nobody else does",
[
    new("--clock", "CLOCK", "system or shadow (default system)"),
    new("--shadow-offset", "TIME", "how wrong the shadow starts, e.g. 50ms; positive is ahead"),
    new("--shadow-frequency", "RATE", "how wrong the shadow's oscillator is, e.g. 30ppm; positive is fast"),
    new("--same-uid-roles", null, "our own user may do everything; with --clock shadow only"),
    new("--end-slews", null, "end what a killed clockd left pending, and end"),
], RunAsync);

static async Task<int> RunAsync(DaemonContext context)
{
    var line = context.Arguments;
    var audit = new AuditTrail(context.Loggers.CreateLogger(AuditTrail.Self));
    var offset = Duration.Zero;
    var oscillator = FrequencyOffset.Zero;
    LeapSeconds? leaps = null;
    bool isShadow = line.Get("--clock") == "shadow";
    string? wrong = !isShadow && line.Get("--clock", "system") is var kind && kind != "system" ? $"--clock is system or shadow, and not '{kind}'"
        : line.Get("--shadow-offset") is { } offsetText && !Quantity.TryParseDuration(offsetText, out offset) ? $"--shadow-offset '{offsetText}' is no time; e.g. 50ms"
        : line.Get("--shadow-frequency") is { } rateText && (!Quantity.TryParseFrequency(rateText, out oscillator) || !oscillator.IsWithin(FrequencyOffset.FromPpm(1000)))
            ? $"--shadow-frequency '{rateText}' is no rate up to 1000ppm; e.g. 30ppm"
        : !isShadow && (line.Has("--same-uid-roles") || line.Has("--shadow-offset") || line.Has("--shadow-frequency")) ? "--shadow-offset, --shadow-frequency and --same-uid-roles need --clock shadow"
        : null;
    if (wrong is not null)
    {
        audit.Say(LogLevel.Error, "wrong arguments: " + wrong);
        return 2;
    }

    if (ReadConfig() is not { } config)
    {
        return 2;
    }

    if (!isShadow && !Capabilities.Read().MaySetClock)
    {
        audit.Say(LogLevel.Error, "clockd may not set the system's clock: CAP_SYS_TIME is missing. Start it by its systemd unit or as root, or try --clock shadow");
        return 1;
    }

    var roles = Roles.From(config.Clock, line.Has("--same-uid-roles"));
    var boot = BootId.Read();
    var policy = MakePolicy(config);
    using var page = TimePageWriter.Open(Path.Combine(context.RuntimeDirectory, "clock"), boot, Moment.Now().Raw, why => audit.Say(LogLevel.Warning, why));
    string stateFile = isShadow ? "shadow.state" : "system.state"; // a trial in shadow uses up nothing of the real clock's
    var hardware = isShadow ? null : new HardwareClocks(new(Path.Combine(context.RuntimeDirectory, "phc.pulses"), audit), audit) { Limits = config.Clock.Phc };
    var files = new StateFiles(Path.Combine(context.RuntimeDirectory, stateFile), Path.Combine(context.StateDirectory, stateFile), audit);
    ISteerableClock clock = isShadow ? ShadowClock.Resume(page.Earlier, offset, oscillator, Moment.Now()) : new KernelClock(new KernelAdjtimex(), config.Clock.RtcSync).Adopt();
    var session = new ClockSession(clock, policy, files.Load(policy, boot, page.IsBroken || page.Earlier?.Kind == clock.Kind, Moment.Now()), files, page, audit, Moment.Now);
    if (line.Has("--end-slews"))
    {
        session.Start(); // what was announced stays announced
        session.EndSlews();
        hardware?.EndPulses();
        files.Flush();
        return 0;
    }

    using var tick = new Timer(_ => session.Tick());
    using var hurry = new SemaphoreSlim(0);
    session.LeapChanged = () => hurry.Release();
    session.Ticking = wanted => tick.Change(wanted ? KernelClock.UntilTick(Moment.Now()) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    session.Start();
    context.Reload += Reload;

    var builder = RpcServer.CreateBuilder(context.Loggers, maxMessage);
    builder.Services.AddSingleton(new ClockService(session, hardware, audit, roles));
    var gate = new PeerGate(roles.Admits, (peer, why) => session.Refuse(peer.ToString(), "connection", why));
    RpcEndpoint[] endpoints = [new(Path.Combine(context.RuntimeDirectory, "clockd.sock"), RpcEndpoint.Everybody, gate, context.Handed.Take("clockd.sock"))]; // the gate judges, not the mode
    await using var server = RpcServer.Build(builder, endpoints, maxStreams);
    server.MapGrpcService<ClockService>();
    context.Close();
    await RpcServer.StartAsync(server, endpoints, context.Stop);
    using var readiness = Readiness.FromEnvironment();
    readiness.Ready();
    using var memory = new MemoryTrim();
    while (!context.Stop.IsCancellationRequested)
    {
        var wait = readiness.WatchdogWait(session.Housekeep()).Value; // what hangs in a deed hangs here, and gives no sign of life
        await ((Task)hurry.WaitAsync(TimeSpan.FromSeconds(wait.Seconds), context.Stop)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    readiness.Stopping();
    session.EndSlews();
    hardware?.EndPulses();
    using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
    await server.StopAsync(patience.Token);
    files.Flush();
    return 0;

    SuiteConfig? ReadConfig()
    {
        var read = line.Has("--config") || File.Exists(context.ConfigFile) ? ConfigFile.Load(context.ConfigFile) : ConfigFile.Parse("", context.ConfigFile);
        read.Errors.ToList().ForEach(error => audit.Say(LogLevel.Error, error.ToString()));
        if (read.TryGet(out var found))
        {
            context.LogLevel.Set(line.Get("--log-level", found.Log.Level));
        }

        return found;
    }

    ClockPolicy MakePolicy(SuiteConfig from)
    {
        string path = from.Leap.File ?? LeapSecondsFile.SystemPath;
        leaps = LeapSecondsFile.Read(path, out string? error) ?? leaps; // one that was good stays
        if (error is not null)
        {
            audit.Say(LogLevel.Information, $"no leap table from {path}: {error}");
        }

        return new(from.Clock.Limits, leaps, Build.Date);
    }

    void Reload()
    {
        if (ReadConfig() is not { } wanted)
        {
            audit.Say(LogLevel.Error, "the configuration was not read again: nothing is changed");
            return;
        }

        session.Adopt(MakePolicy(wanted));
        _ = hardware?.Limits = wanted.Clock.Phc;
        audit.Say(LogLevel.Information, "[clock] rtc-sync, steerers and readers are read at the start only: restart clockd if they have changed");
    }
}
