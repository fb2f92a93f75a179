using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Host;
using TimeSuite.Linux;
using TimeSuite.Ptpd;
using TimeSuite.Ptpd.Hardware;
using TimeSuite.Rpc;

new Enclosure("ptpd", UsesTcp: false).Enter(args, file => new(Logs: null,
    args.Contains("--set-hardware-filters") ? [Capabilities.NetAdmin]
    : ConfigFile.Load(file).TryGet(out var config) && config.Ptp is { } spoken
        ? [.. spoken.Transports.Select(transport => transport == PtpConfig.PtpTransport.Ethernet ? Capabilities.NetRaw : Capabilities.NetBindService).Distinct()]
        : [Capabilities.NetBindService]));
return await Daemon.RunAsync(args, "ptpd", "speaks PTP: measures masters, or serves the clock's time",
    [new("--set-hardware-filters", null, "have the interfaces of [ptp] and of hw-timestamp stamp PTP and NTP by their hardware, and end; needs CAP_NET_ADMIN")], async context =>
{
    var log = context.Loggers.CreateLogger("ptpd");
    var read = ConfigFile.Load(context.ConfigFile);
    read.Errors.ToList().ForEach(error => Log.BadConfiguration(log, error.ToString()));
    if (!read.TryGet(out var config))
    {
        return 2;
    }

    if (context.Arguments.Has("--set-hardware-filters"))
    {
        return FilterSetup.Run(config, log); // udev has it run wherever there is a hardware clock: it is no mistake that nothing needs one
    }

    if (config.Ptp is not { } ptp)
    {
        Log.BadConfiguration(log, $"{context.ConfigFile}: there is no [ptp]; write [ptp] and interfaces = [\"eth0\"], or do not start ptpd");
        return 2;
    }

    if (!Seals.TryLoad(ptp, out var seals, out var faults))
    {
        faults.ToList().ForEach(fault => Log.BadConfiguration(log, fault));
        return 2;
    }

    using var clock = new SuiteClock(Path.Combine(context.SuiteRuntimeDirectory, "clockd", "clock"), config.Leap.File ?? LeapSecondsFile.SystemPath, config.Local is not null);
    using var daemon = new PtpDaemon(ptp, clock, Path.Combine(context.SuiteRuntimeDirectory, "clockd", "clockd.sock"), seals, context.Loggers);
    using var readiness = Readiness.FromEnvironment();
    using var memory = new MemoryTrim();
    daemon.Loop.Reassure(readiness);
    var gate = new PeerGate((_, _) => true, (peer, why) => Log.Refused(log, peer.ToString(), why), maxConnections: 64, maxPerUid: 16);
    RpcEndpoint[] ends = [new(Path.Combine(context.RuntimeDirectory, "status.sock"), RpcEndpoint.Everybody, gate, context.Handed.Take("status.sock"))];
    var builder = RpcServer.CreateBuilder(context.Loggers, maxMessage: 4_096);
    builder.Services.AddSingleton(new PtpService(daemon, context.Stop));
    builder.Services.AddSingleton(new PtpManagementService(daemon));
    await using var server = RpcServer.Build(builder, ends, maxStreams: 16);
    server.MapGrpcService<PtpService>();
    server.MapGrpcService<PtpManagementService>();
    context.Close();
    await RpcServer.StartAsync(server, ends, context.Stop);

    // A server of its own, so that the socket for everybody has no way to it.
    uint? group = Users.FindGroup("timesuite");
    var controlGate = new PeerGate(
        (peer, socket) => peer.Uid == 0 || peer.Uid == Users.Own || (group is { } gid && PeerCredentials.IsInGroup(socket, gid)), (peer, why) => Log.Refused(log, peer.ToString(), why));
    RpcEndpoint[] controlEnds = [new(Path.Combine(context.RuntimeDirectory, "ptpd.sock"), RpcEndpoint.Group, controlGate, context.Handed.Take("ptpd.sock"))];
    var controlBuilder = RpcServer.CreateBuilder(context.Loggers, maxMessage: 4_096);
    controlBuilder.Services.AddSingleton(new PtpControlService(daemon, log));
    await using var control = RpcServer.Build(controlBuilder, controlEnds, maxStreams: 8);
    control.MapGrpcService<PtpControlService>();
    await RpcServer.StartAsync(control, controlEnds, context.Stop);
    using var stopping = context.Stop.Register(daemon.Loop.Stop);
    daemon.Loop.Post(() => // it begins by opening the ports
    {
        readiness.Ready();
        Log.Ready(log, daemon.Instance.Default.Identity.ToString(), daemon.Profile.Name, daemon.Instance.Default.Domain, string.Join(' ', ptp.Interfaces));
    });
    try
    {
        // One thread for all ports; the pool's threads are gRPC's.
        await Task.Factory.StartNew(daemon.Run, context.Stop, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
    finally
    {
        readiness.Stopping();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await server.StopAsync(patience.Token);
        await control.StopAsync(patience.Token);
    }

    return 0;
});

/// <summary>The program's own log lines.</summary>
internal static partial class Log
{
    [LoggerMessage(LogLevel.Error, "{Error}")]
    public static partial void BadConfiguration(ILogger log, string error);

    [LoggerMessage(LogLevel.Information, "Ready: clock {Identity}, profile {Profile}, domain {Domain}, on {Interfaces}")]
    public static partial void Ready(ILogger log, string identity, string profile, byte domain, string interfaces);

    [LoggerMessage(LogLevel.Debug, "Connection of {Peer} closed: {Why}")]
    public static partial void Refused(ILogger log, string peer, string why);
}
