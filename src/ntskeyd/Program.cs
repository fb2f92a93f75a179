using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Host;
using TimeSuite.Linux;
using TimeSuite.Nts.Tls;
using TimeSuite.Ntskeyd.Client;
using TimeSuite.Ntskeyd.Keys;
using TimeSuite.Ntskeyd.Server;
using TimeSuite.Ntskeyd.Service;
using TimeSuite.Rpc;

const int upkeepSeconds = 1;
var lookupPatience = Duration.FromSeconds(5L); // as long as an exchange may take
// A handshake is three short turns of work that never wait: done where the octets are noticed, each saves waking another thread, a tenth of its cost.
// .NET takes this from the environment only, and looks when the first socket is made.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

if (args is ["make-certificate", var directory, _, ..])
{
    try
    {
        SelfSigned.Make(directory, args[2..], DateTimeOffset.UtcNow);
        return 0;
    }
    catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
    {
        await Console.Error.WriteLineAsync($"ntskeyd make-certificate: {exception.Message}");
        return 1;
    }
}

if (args is ["make-certificate", ..])
{
    await Console.Error.WriteLineAsync("ntskeyd make-certificate DIRECTORY NAME... : writes chain.pem and key.pem, for trials");
    return 2;
}

new Enclosure("ntskeyd", UsesTcp: true).Enter(args, file => // port 4460 takes no right
    ConfigFile.Load(file).TryGet(out var found) && found.NtsServer is { } server && server.Listen.Any(at => IPEndPoint.TryParse(at, out var end) && end.Port < 1024) ? new(Logs: null, Capabilities.NetBindService) : new(Logs: null));
return await Daemon.RunAsync(args, "ntskeyd", "exchanges keys for NTS: with servers for ntpd, and with clients", [], async context =>
{
    var log = context.Loggers.CreateLogger("ntskeyd");
    if (ReadConfig() is not { } config)
    {
        return 2;
    }

    if (!NativeLibrary.TryLoad("libssl.so.3", out _) || !NativeLibrary.TryLoad("libcrypto.so.3", out _))
    {
        Log.BadConfiguration(log, "libssl.so.3 is not there; install OpenSSL 3 (package libssl3): certificates are read and judged by it, whoever computes TLS");
        return 2;
    }

    var provider = config.Nts.Crypto == NtsConfig.CryptoProvider.Managed ? KeProvider.Managed : KeProvider.OpenSsl;
    var crypto = provider == KeProvider.OpenSsl ? KeCrypto.OpenSsl(KernelRandom.Fill, KeyAgreement.Begin) : KeCrypto.Managed(KernelRandom.Fill);
    var counters = new KeCounters();
    var certificates = new Certificates(crypto, context.Loggers.CreateLogger<Certificates>());
    var keys = new CookieKeyStore(Path.Combine(context.StateDirectory, "cookie.keys"), KernelRandom.Fill, log);
    var serverConfig = config.NtsServer ?? new();
    keys.Plan = (serverConfig.Rotate, serverConfig.OldKeys);
    keys.Load(Clocks.Realtime());
    using var listener = config.NtsServer is null ? null : new KeListener(crypto, certificates, keys, counters, context.Loggers.CreateLogger<KeListener>()) { Config = serverConfig };
    if (listener is not null)
    {
        var faults = ReadSecrets(listener, serverConfig);
        if (faults.Count > 0)
        {
            faults.ToList().ForEach(fault => Log.BadConfiguration(log, fault));
            return 2;
        }

        listener.Open(context.Handed);
    }

    using var lookup = new NameLookup(Path.Combine(context.SuiteRuntimeDirectory, "lookupd", "lookupd.sock"), context.Loggers.CreateLogger<NameLookup>());
    var exchange = new KeyExchange(crypto, (host, family, deadline) => lookup.FindAsync(host, family, lookupPatience, deadline), log) { RevocationLists = config.Nts.RevocationLists };
    var keeping = new KeepingKeyFile(Path.Combine(context.StateDirectory, "keeping.key"), KernelRandom.Fill, log);
    using var readiness = Readiness.FromEnvironment();
    using var memory = new MemoryTrim();

    uint? clock = Users.FindUser("timesuite-ntp"), group = Users.FindGroup("timesuite");
    var keysGate = new PeerGate((peer, _) => peer.Uid == clock || peer.Uid == Users.Own, Refused);
    var statusGate = new PeerGate((_, _) => true, Refused, maxConnections: 64, maxPerUid: 16);
    var controlGate = new PeerGate((peer, socket) => peer.Uid == 0 || peer.Uid == Users.Own || (group is { } gid && PeerCredentials.IsInGroup(socket, gid)), Refused);

    // Three servers, so that no socket has a way to the service of another.
    await using var keysServer = Serve("keys.sock", RpcEndpoint.Everybody, keysGate, 16_384, out var keysEnds, // the gate judges, not the mode
        services => services.AddSingleton(new KeyExchangeService(exchange, keys, keeping, context.Loggers.CreateLogger<KeyExchangeService>(), context.Stop)));
    keysServer.MapGrpcService<KeyExchangeService>();
    await using var statusServer = Serve("status.sock", RpcEndpoint.Everybody, statusGate, 4_096, out var statusEnds,
        services => services.AddSingleton(new NtsStatusService(crypto, listener, certificates, keys, counters)));
    statusServer.MapGrpcService<NtsStatusService>();
    await using var controlServer = Serve("ntskeyd.sock", RpcEndpoint.Group, controlGate, 16_384, out var controlEnds,
        services => services.AddSingleton(new NtsControlService(keys, Reload, context.Loggers.CreateLogger<NtsControlService>())));
    controlServer.MapGrpcService<NtsControlService>();

    context.Reload += () => Reload();
    context.Close();
    try
    {
        await RpcServer.StartAsync(keysServer, keysEnds, context.Stop);
        await RpcServer.StartAsync(statusServer, statusEnds, context.Stop);
        await RpcServer.StartAsync(controlServer, controlEnds, context.Stop);
        var serving = listener?.RunAsync(context.Stop) ?? Task.CompletedTask;
        readiness.Ready();
        Log.Ready(log, provider == KeProvider.OpenSsl ? "openssl" : "managed", listener is null ? "nowhere" : string.Join(' ', listener.Listening));
        while (!context.Stop.IsCancellationRequested)
        {
            certificates.Look(Clocks.Realtime());
            keys.Advance(Clocks.Realtime());
            if (listener is not null && serving.IsCompleted && !context.Stop.IsCancellationRequested)
            {
                await serving; // somebody is not served any more: an end, and a new start
                throw new IOException("the key exchange has ended");
            }

            readiness.WatchdogWait(null);
            await Task.Delay(TimeSpan.FromSeconds(upkeepSeconds), context.Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await serving;
    }
    finally
    {
        readiness.Stopping();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await keysServer.StopAsync(patience.Token);
        await statusServer.StopAsync(patience.Token);
        await controlServer.StopAsync(patience.Token);
    }

    return 0;

    WebApplication Serve(string name, UnixFileMode mode, PeerGate gate, int maxMessage, out RpcEndpoint[] ends, Action<IServiceCollection> add)
    {
        ends = [new(Path.Combine(context.RuntimeDirectory, name), mode, gate, context.Handed.Take(name))];
        var builder = RpcServer.CreateBuilder(context.Loggers, maxMessage);
        add(builder.Services);
        return RpcServer.Build(builder, ends, maxStreams: 16);
    }

    // Tokens of pools, then certificates; if anything is wrong nothing changes.
    IReadOnlyList<string> ReadSecrets(KeListener to, NtsServerConfig wanted)
    {
        IReadOnlyList<byte[]> tokens = [];
        var wrong = wanted.PoolTokens is { } file ? PoolTokenFile.Load(file, out tokens) : [];
        IReadOnlyList<string> found = wrong.Count > 0 ? [.. wrong.Select(error => error.ToString())] : certificates.Load(wanted.Certificates);
        to.PoolTokens = found.Count > 0 ? to.PoolTokens : tokens;
        return found;
    }

    SuiteConfig? ReadConfig()
    {
        var read = ConfigFile.Load(context.ConfigFile);
        read.Errors.ToList().ForEach(error => Log.BadConfiguration(log, error.ToString()));
        return read.TryGet(out var found) ? found : null;
    }

    (IReadOnlyList<string> Faults, IReadOnlyList<string> Notes) Reload()
    {
        var read = ConfigFile.Load(context.ConfigFile);
        IReadOnlyList<string> faults = [.. read.Errors.Select(error => error.ToString())];
        if (read.TryGet(out var wanted) && listener is not null && wanted.NtsServer is { } server)
        {
            faults = ReadSecrets(listener, server);
        }

        if (!read.TryGet(out wanted) || faults.Count > 0)
        {
            faults.ToList().ForEach(fault => Log.NotReloaded(log, fault));
            return (faults, []);
        }

        List<string> notes = [];
        if (wanted.NtsServer is null != listener is null || (listener is not null && !wanted.NtsServer!.Listen.SequenceEqual(listener.Config.Listen)) || wanted.Nts.Crypto != config.Nts.Crypto)
        {
            notes.Add("[nts-server] listen and [nts] crypto are read at the start only: restart ntskeyd");
        }

        if (listener is not null && wanted.NtsServer is { } taken)
        {
            listener.Config = taken;
            keys.Plan = (taken.Rotate, taken.OldKeys);
        }

        exchange.RevocationLists = wanted.Nts.RevocationLists;
        Log.Reloaded(log, string.Concat(notes.Select(note => "; " + note)));
        return ([], notes);
    }

    void Refused(PeerCredentials peer, string why) => Log.Refused(log, peer.ToString(), why);
});

/// <summary>The program's own log lines.</summary>
internal static partial class Log
{
    [LoggerMessage(LogLevel.Error, "{Error}")]
    public static partial void BadConfiguration(ILogger log, string error);

    [LoggerMessage(LogLevel.Error, "{Error}; nothing is changed")]
    public static partial void NotReloaded(ILogger log, string error);

    [LoggerMessage(LogLevel.Information, "Configuration and certificates were read again{Notes}")]
    public static partial void Reloaded(ILogger log, string notes);

    [LoggerMessage(LogLevel.Information, "Ready, with the primitives of {Crypto}; keys are exchanged with clients at: {Listening}")]
    public static partial void Ready(ILogger log, string crypto, string listening);

    [LoggerMessage(LogLevel.Debug, "Connection of {Peer} closed: {Why}")]
    public static partial void Refused(ILogger log, string peer, string why);
}
