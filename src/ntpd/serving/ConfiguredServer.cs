using System.Numerics;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Ntp;
using TimeSuite.Nts;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Ntpd.Hardware;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Serving;

/// <summary>The server as the configuration in force wants it: made anew where a change takes that, with what it has counted and sealed by before; addresses that cannot be had are tried again. On the loop's thread only.</summary>
/// <param name="clock">What is served.</param>
/// <param name="sockets">Where requests come.</param>
/// <param name="ports">The right to privileged ports; given up as soon as all that is configured is open.</param>
/// <param name="hardware">Whose stamps are used, if they are wanted.</param>
/// <param name="loggers">For the server and its keys.</param>
internal sealed partial class ConfiguredServer(SteeredClock clock, ServedSockets sockets, ConfinedRight ports, HardwareStamps hardware, ILoggerFactory loggers) : IDisposable
{
    private static readonly Duration RetryAfter = Duration.FromSeconds(60L);

    private readonly ILogger<ConfiguredServer> _log = loggers.CreateLogger<ConfiguredServer>();
    private readonly List<NtsServer> _sealers = []; // one for each serving thread
    private ServerCounters _counted = new(); // by servers of before
    private CookieKeys _cookieKeys = CookieKeys.None;
    private NtpServer? _server;
    private int _clients; // that the one there remembers
    private ServerState? _said;

    /// <summary>Who is served, and by whom.</summary>
    public AccessControl Access { get; } = new();

    /// <summary>When to try again to serve on an address that could not be had; null: all are served.</summary>
    public Instant<Raw>? Due { get; private set; }

    /// <summary>Serves what is configured, from now on.</summary>
    /// <returns>The addresses that cannot be had now, with the reason.</returns>
    public IReadOnlyList<string> Apply(SuiteConfig whole, KeyRing keys)
    {
        Access.Apply(whole, keys);
        if (whole.Serve is not { } config)
        {
            End();
            sockets.Keep([]);
            return RetryLater([]);
        }

        int threads = config.Threads ?? Environment.ProcessorCount, clients = config.Access.ClientLog;
        if (_server is not null && (_server.Threads != threads || _clients != clients))
        {
            End(); // its sockets stay for the next one, and what waits in them
        }

        _server ??= Begin(threads, clients);
        sockets.TellApart(new(Access.Policy.Ipv4Bits, Access.Policy.Ipv6Bits));
        _server.Broadcast(PlanOf(whole.Broadcast, keys));
        return RetryLater(_server.Listen(config.Listen, hardware.IsWanted));
    }

    /// <summary>What is said of the clock from now on.</summary>
    public void Say(in ServerState state)
    {
        _said = state;
        _server?.Say(state);
    }

    /// <summary>Seals cookies by these keys from now on.</summary>
    public void Use(CookieKeys keys)
    {
        if (ReferenceEquals(_cookieKeys, CookieKeys.None) && !ReferenceEquals(keys, CookieKeys.None))
        {
            LogNtsServed(_log, AeadCipher.IsByInstructions ? "by the processor's instructions" : "in software, which costs ten times as much: this processor or this build has not the instructions");
        }

        _cookieKeys = keys;
        _sealers.ForEach(sealer => sealer.Keys = keys);
    }

    public void OnTime(Instant<Raw> now)
    {
        if (Due <= now)
        {
            Retry();
        }
    }

    /// <summary>An address that could not be had may be there now.</summary>
    public void Retry() => RetryLater(_server?.Retry() ?? []);

    public void Dispose()
    {
        _server?.Dispose();
        sockets.Dispose();
    }

    private NtpServer Begin(int threads, int clients)
    {
        _sealers.AddRange(Enumerable.Range(0, threads).Select(_ => new NtsServer(NonceSource.Create(KernelRandom.Fill)) { Keys = _cookieKeys }));
        Access.Services = [.. _sealers.Select(sealer => NewService(clients / threads, sealer))];
        Access.Services[0].Counters.Add(_counted); // nobody counts here yet
        _counted = new();
        _clients = clients;
        var server = new NtpServer(clock, Access.Services, sockets, loggers.CreateLogger<NtpServer>(), hardware.Lines);
        if (_said is { } state)
        {
            server.Say(state); // before anybody is answered
        }

        return server;
    }

    private void End()
    {
        _server?.Dispose();
        _server = null;
        foreach (var service in Access.Services)
        {
            _counted.Add(service.Counters);
        }

        Access.Services = [];
        _sealers.Clear();
    }

    private static BroadcastPlan? PlanOf(BroadcastConfig? config, KeyRing keys) =>
        config is null ? null : new([.. config.To.Select(to => ListenPoint.Parse(to).Local)], config.Interval, config.Ttl, keys.Find(config.Key));

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
    private IReadOnlyList<string> RetryLater(IReadOnlyList<string> unserved)
    {
        Due = unserved.Count > 0 ? Clocks.Raw() + RetryAfter : null;
        if (Due is null)
        {
            ports.Dispose();
        }

        return unserved;
    }

    [LoggerMessage(LogLevel.Information, "Serving NTS; AES {How}")]
    private static partial void LogNtsServed(ILogger log, string how);
}
