using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Host;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Ntpd;
using TimeSuite.Ntpd.Service;
using TimeSuite.Ntpd.Serving;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Rpc;

new Enclosure("ntpd", UsesTcp: false).Enter(args, file => new(ConfigFile.Load(file).TryGet(out var config) ? config.Log.Directory : null, Capabilities.NetBindService));

// Before there is any other thread.
using var ports = ConfinedRight.Take(Capabilities.NetBindService);

return await Daemon.RunAsync(args, "ntpd", "measures time against NTP servers, has clockd steer the clock, and serves time", [], async context =>
{
    var log = context.Loggers.CreateLogger("ntpd");
    var loaded = ConfigFile.Load(context.ConfigFile);
    if (!loaded.TryGet(out var config))
    {
        foreach (var error in loaded.Errors)
        {
            Log.BadConfiguration(log, error.ToString());
        }

        return 2;
    }

    KeyRing keys;
    try
    {
        keys = SymmetricKeys.Load(config, config.Sources, log);
    }
    catch (InvalidDataException wrong)
    {
        Log.BadConfiguration(log, wrong.Message);
        return 2;
    }

    using var daemon = new NtpDaemon(context, config, keys, HandedSockets.Take(context.Handed, context.Loggers.CreateLogger<HandedSockets>()), ports);
    using var readiness = Readiness.FromEnvironment();
    using var memory = new MemoryTrim();
    daemon.Loop.Reassure(readiness);

    context.Reload += () => daemon.Loop.Post(() =>
    {
        try
        {
            daemon.Reload();
        }
        catch (InvalidDataException wrong)
        {
            Log.BadConfiguration(log, wrong.Message);
        }
    });

    _ = NativeLibrary.TryLoad("libssl.so.3", out _); // MD5 of addresses and keys need it, and code cannot be mapped later; a machine without has neither
    context.Close();
    using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.Stop);
    var configured = daemon.NextConfiguration;
    var looped = RunLoop(daemon, ended);
    WebApplication? statusServer = null, controlServer = null;
    try
    {
        await Task.WhenAny(configured, looped); // time is served first: to build what follows takes as long as all before it
        var statusGate = new PeerGate((_, _) => true, Refused, maxConnections: 64, maxPerUid: 16);
        uint? group = Users.FindGroup("timesuite");
        var controlGate = new PeerGate(
            (peer, socket) => peer.Uid == 0 || peer.Uid == Users.Own || (group is { } gid && PeerCredentials.IsInGroup(socket, gid)), Refused);
        string status = Path.Combine(context.RuntimeDirectory, "status.sock"), control = Path.Combine(context.RuntimeDirectory, "ntpd.sock");
        RpcEndpoint[] statusEnds = [new(status, RpcEndpoint.Everybody, statusGate, context.Handed.Take("status.sock"))], controlEnds = [new(control, RpcEndpoint.Group, controlGate, context.Handed.Take("ntpd.sock"))];

        // Two servers, so that the world-readable socket has no way to the control service at all.
        var statusBuilder = RpcServer.CreateBuilder(context.Loggers, maxMessage: 4096);
        statusBuilder.Services.AddSingleton(new StatusService(daemon.Loop, daemon, daemon.Access, daemon.Link));
        statusServer = RpcServer.Build(statusBuilder, statusEnds, maxStreams: 8);
        statusServer.MapGrpcService<StatusService>();

        var controlBuilder = RpcServer.CreateBuilder(context.Loggers, maxMessage: 16_384);
        controlBuilder.Services.AddSingleton(new ControlService(daemon.Loop, daemon.Sources, daemon.Steering, daemon.Access, daemon.HasKey, daemon.Reload));
        controlServer = RpcServer.Build(controlBuilder, controlEnds, maxStreams: 8);
        controlServer.MapGrpcService<ControlService>();

        await RpcServer.StartAsync(statusServer, statusEnds, context.Stop);
        await RpcServer.StartAsync(controlServer, controlEnds, context.Stop);
        readiness.Ready();
        _ = daemon.WatchKeysAsync(ended.Token);
        _ = daemon.WatchPtpAsync(ended.Token);
        await daemon.Link.RunAsync(ended.Token);
    }
    finally
    {
        readiness.Stopping();
        daemon.Loop.Stop();
        await looped; // before anything that it uses is disposed
        foreach (var server in new[] { statusServer, controlServer }.OfType<WebApplication>())
        {
            await server.StopAsync(CancellationToken.None);
            await server.DisposeAsync();
        }
    }

    return 0;

    void Refused(PeerCredentials peer, string why) => Log.Refused(log, peer.ToString(), why);
});

// A loop that has died takes the process with it, rather than leave it half alive.
static Task RunLoop(NtpDaemon daemon, CancellationTokenSource ended)
{
    var outcome = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    var thread = new Thread(() =>
    {
        Exception? failure = null;
        try
        {
            daemon.Run();
        }
#pragma warning disable CA1031 // Whatever it is, it is told to the main thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        ended.Cancel();
        if (failure is null)
        {
            outcome.SetResult();
        }
        else
        {
            outcome.SetException(failure);
        }
    })
    { Name = "loop" };
    thread.Start();
    return outcome.Task;
}

/// <summary>The program's own log lines.</summary>
internal static partial class Log
{
    [LoggerMessage(LogLevel.Error, "{Error}")]
    public static partial void BadConfiguration(ILogger log, string error);

    [LoggerMessage(LogLevel.Debug, "Connection of {Peer} closed: {Why}")]
    public static partial void Refused(ILogger log, string peer, string why);
}
