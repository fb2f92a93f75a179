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
const string systemsLeapFile = "/usr/share/zoneinfo/leap-seconds.list";

return await Daemon.RunAsync(args, "clockd", "sets the clock as far as policy allows, and nobody else does",
[
    new("--clock", "CLOCK", "system or shadow (default system)"),
    new("--shadow-offset", "TIME", "how wrong the shadow starts, e.g. 50ms; positive is ahead"),
    new("--shadow-frequency", "RATE", "how wrong the shadow's oscillator is, e.g. 30ppm; positive is fast"),
    new("--same-uid-roles", null, "our own user may do everything; with --clock shadow only"),
    new("--end-slews", null, "end what a killed clockd left pending, and end"),
], RunAsync);

static async Task<int> RunAsync(DaemonContext context)
{
    var log = context.Loggers.CreateLogger("clockd");
    var line = context.Arguments;
    var offset = Duration.Zero;
    var oscillator = FrequencyOffset.Zero;
    bool isShadow = line.Get("--clock") == "shadow";
    if ((!isShadow && line.Get("--clock", "system") != "system")
        || (line.Get("--shadow-offset") is { } offsetText && !Quantity.TryParseDuration(offsetText, out offset))
        || (line.Get("--shadow-frequency") is { } rateText && !Quantity.TryParseFrequency(rateText, out oscillator))
        || !oscillator.IsWithin(FrequencyOffset.FromPpm(1000))
        || (!isShadow && (line.Has("--same-uid-roles") || line.Has("--shadow-offset") || line.Has("--shadow-frequency"))))
    {
        Says.WrongArguments(log);
        return 2;
    }

    var config = new SuiteConfig();
    if (line.Has("--config") || File.Exists(context.ConfigFile))
    {
        var read = ConfigFile.Load(context.ConfigFile);
        if (!read.TryGet(out var found))
        {
            read.Errors.ToList().ForEach(error => Says.WrongConfig(log, error));
            return 2;
        }

        config = found;
    }

    if (!line.Has("--log-level"))
    {
        context.LogLevel.Set(config.Log.Level);
    }

    if (!isShadow && !Capabilities.Read().MaySetClock)
    {
        Says.NoCapability(log);
        return 1;
    }

    var roles = Roles.From(config.Clock, line.Has("--same-uid-roles"));
    var boot = BootId.Read();
    var policy = new ClockPolicy(config.Clock.Limits, ReadLeapTable(config.Leap.File ?? systemsLeapFile, log), Build.Date);
    using var page = TimePageWriter.Open(Path.Combine(context.RuntimeDirectory, "clock"), boot);
    string stateFile = isShadow ? "shadow.state" : "system.state"; // a trial in shadow uses up nothing of the real clock's
    var files = new StateFiles(Path.Combine(context.RuntimeDirectory, stateFile), Path.Combine(context.StateDirectory, stateFile), log);
    var kind = isShadow ? TimePageKind.Shadow : TimePageKind.System;
    var audit = new AuditTrail(log);
    var session = new ClockSession(OpenClock(), policy, files.Load(policy, boot, page.Earlier?.Kind == kind, Moment.Now()), files, page, audit, Moment.Now);
    if (line.Has("--end-slews"))
    {
        session.Start(); // what was announced stays announced
        session.EndSlews();
        files.Flush();
        return 0;
    }

    using var tick = new Timer(_ => session.Tick());
    session.Ticking = wanted => tick.Change(wanted ? TimeSpan.FromSeconds(1) : Timeout.InfiniteTimeSpan, TimeSpan.FromSeconds(1));
    session.Start();

    var builder = RpcServer.CreateBuilder(context.Loggers, maxMessage);
    builder.Services.AddSingleton(new ClockService(session, audit.Events, roles));
    var gate = new PeerGate(
        (peer, socket) => roles.Knows(peer.Uid) || (roles.ReaderGroup is { } group && PeerCredentials.IsInGroup(socket, group)),
        (peer, why) => session.CountRefusal(peer.ToString(), "connection", why));
    const UnixFileMode all = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    RpcEndpoint[] endpoints = [new(Path.Combine(context.RuntimeDirectory, "clockd.sock"), all, gate)]; // the gate judges, not the mode
    await using var server = RpcServer.Build(builder, endpoints, maxStreams);
    server.MapGrpcService<ClockService>();
    await RpcServer.StartAsync(server, endpoints, context.Stop);
    using var readiness = Readiness.FromEnvironment();
    readiness.Ready();
    using var memory = new MemoryTrim();
    try
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(session.Housekeep().Seconds), context.Stop);
        }
    }
    catch (OperationCanceledException)
    {
        readiness.Stopping();
        session.EndSlews();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await server.StopAsync(patience.Token);
        files.Flush();
        return 0;
    }

    ISteerableClock OpenClock()
    {
        if (isShadow)
        {
            return ShadowClock.Resume(page.Earlier, offset, oscillator, Moment.Now());
        }

        var kernel = new KernelClock(new KernelAdjtimex(), config.Clock.RtcSync);
        kernel.Adopt();
        return kernel;
    }
}

static LeapSeconds? ReadLeapTable(string file, ILogger log)
{
    string? error;
    try
    {
        if (LeapSeconds.TryParse(File.ReadAllText(file), out var table, out error))
        {
            return table;
        }
    }
    catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
    {
        error = failure.Message;
    }

    Says.NoLeapTable(log, file, error);
    return null;
}

internal static partial class Says
{
    [LoggerMessage(LogLevel.Error, "wrong arguments: --clock is system or shadow; --shadow-offset (e.g. 50ms), --shadow-frequency (e.g. 30ppm, at most 1000ppm) and --same-uid-roles need --clock shadow")]
    public static partial void WrongArguments(ILogger log);

    [LoggerMessage(LogLevel.Error, "{Error}")]
    public static partial void WrongConfig(ILogger log, ConfigError error);

    [LoggerMessage(LogLevel.Error, "clockd may not set the system's clock: CAP_SYS_TIME is missing. Start it by its systemd unit or as root, or try --clock shadow")]
    public static partial void NoCapability(ILogger log);

    [LoggerMessage(LogLevel.Information, "no leap table from {File}: {Error}")]
    public static partial void NoLeapTable(ILogger log, string file, string? error);
}
