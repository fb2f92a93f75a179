using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Nts;
using TimeSuite.Nts.Tls;
using TimeSuite.Ntskeyd.Keys;

namespace TimeSuite.Ntskeyd.Server;

/// <summary>The server: accepts, counts, and gives each connection its deadline.</summary>
internal sealed partial class KeListener(KeCrypto crypto, Certificates certificates, CookieKeyStore keys, KeCounters counters, ILogger<KeListener> log) : IDisposable
{
    /// <summary>FileDescriptorName= of sockets that the service manager has opened.</summary>
    public const string HandedName = "ntske";

    private const int Reserve = 64; // descriptors: our own sockets, files, and those who control us
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private readonly PrefixCaps _caps = new();
    private readonly List<Socket> _sockets = [];
    private readonly List<string> _missing = []; // of the configured addresses
    private readonly HashSet<string> _said = [];
    private readonly Lock _sealing = new();
    private readonly CookieSealer _sealer = new(NonceSource.Create(KernelRandom.Fill));
    private CookieKeyRing? _sealedBy;
    private long _troubleSaid = long.MinValue;

    /// <summary>Between attempts to listen where it was not possible, e.g. because the interface is not there.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>In force for connections from now on.</summary>
    public NtsServerConfig Config { get; set; } = new();

    /// <summary>Of the pools that may ask for cookies on behalf of their users, for connections from now on.</summary>
    public IReadOnlyList<byte[]> PoolTokens { get; set; } = [];

    public IEnumerable<string> Listening => _sockets.Select(socket => socket.LocalEndPoint!.ToString()!);

    public int Connections => _caps.Count;

    /// <summary>As configured, but never so many that no descriptor would be left for anybody else.</summary>
    private int MaxConnections => Math.Min(Config.MaxConnections, Math.Max(1, OpenFiles.Limit - Reserve));

    /// <summary>Opens the sockets; those that were handed over stand for those of the configuration.</summary>
    /// <exception cref="IOException">None can be had.</exception>
    public void Open(ListenFds handed)
    {
        while (handed.Take(HandedName) is { } descriptor)
        {
            _sockets.Add(new(new SafeSocketHandle(descriptor.Number, ownsHandle: true)));
            descriptor.SetHandleAsInvalid(); // the socket's now
        }

        _missing.AddRange(_sockets.Count > 0 ? [] : Config.Listen);
        OpenMissing();
        if (_sockets.Count == 0)
        {
            throw new IOException("the key exchange has no socket to listen on");
        }
    }

    /// <summary>Serves until told to stop.</summary>
    /// <exception cref="IOException">A socket takes no more connections: those who ask there would wait for nobody, however well the others are served. Whatever else ended it is thrown as it is.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        List<Task> accepting = [];
        while (!stop.IsCancellationRequested)
        {
            accepting.AddRange(_sockets.Skip(accepting.Count).Select(socket => AcceptAsync(socket, stop)));
            using var early = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var pause = Task.Delay(_missing.Count == 0 ? Timeout.InfiniteTimeSpan : Retry, early.Token);
            var first = await Task.WhenAny([.. accepting, pause]);
            await early.CancelAsync();
            if (first != pause && !stop.IsCancellationRequested)
            {
                await first;
                throw new IOException("a socket of the key exchange takes no more connections");
            }

            if (!stop.IsCancellationRequested)
            {
                OpenMissing();
            }
        }

        await Task.WhenAll(accepting);
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    /// <summary>What could not be had is said once, and again when it can.</summary>
    private void OpenMissing()
    {
        foreach (string text in _missing.ToList())
        {
            try
            {
                _sockets.Add(KeSocket.Open(text));
                _missing.Remove(text);
                if (_said.Remove(text))
                {
                    LogSocket(log, text);
                }
            }
            catch (SocketException exception)
            {
                if (_said.Add(text))
                {
                    LogNoSocket(log, text, exception.Message);
                }
            }
        }
    }

    private async Task AcceptAsync(Socket listener, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(stop);
                if (socket.RemoteEndPoint is not IPEndPoint { Address: var address } || !_caps.TryEnter(address, MaxConnections, Config.MaxConnectionsPerPrefix))
                {
                    counters.Count("too-many");
                    socket.Dispose();
                    continue;
                }

                _ = ServeAsync(socket, address);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            {
                counters.Count("cut-handshake"); // gone before we looked
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.InvalidArgument or SocketError.NotSocket or SocketError.OperationNotSupported)
            {
                throw new IOException($"a socket of the key exchange takes no more connections: {exception.Message}"); // nor will it later
            }
            catch (SocketException exception)
            {
                // No descriptors or no memory: those that are there have to go first. The rest waits in the kernel.
                counters.Count("accept-paused");
                LogTrouble(exception.Message);
                await Task.Delay(s_pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ServeAsync(Socket socket, IPAddress address)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // the listener goes on
        var config = Config;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(config.HandshakeTimeout.Seconds));
        string outcome;
        try
        {
            socket.NoDelay = true;
            using var tls = new KeTlsServer(crypto, [.. certificates.Served.Select(served => served.Identity)]);
            var offer = new KeOffer { NtpServer = config.NtpServer, NtpPort = (ushort?)config.NtpPort, PoolTokens = PoolTokens };
            outcome = await new KeConnection(socket, tls, offer, MakeCookie, counters.Count).ServeAsync(deadline);
        }
        catch (OperationCanceledException)
        {
            outcome = "too-slow";
        }
        catch (SocketException)
        {
            outcome = "cut";
        }
        finally
        {
            _caps.Leave(address);
            socket.Dispose();
        }

        counters.Count(outcome);
        LogServed(log, address, outcome);
    }

    private byte[]? MakeCookie(NtsKeys of)
    {
        lock (_sealing)
        {
            var ring = keys.Ring;
            if (_sealedBy != ring)
            {
                _sealedBy = ring;
                _sealer.Use(ring.ToCookieKeys());
            }

            byte[] cookie = new byte[CookieSealer.SizeFor(of.Aead)];
            return _sealer.TrySeal(of.Aead, of.ClientToServer, of.ServerToClient, cookie) ? cookie : null;
        }
    }

    /// <summary>Once a minute at most: strangers can cause it.</summary>
    private void LogTrouble(string reason)
    {
        long now = Environment.TickCount64, said = Interlocked.Read(ref _troubleSaid);
        if (said == long.MinValue || now - said > 60_000)
        {
            Interlocked.Exchange(ref _troubleSaid, now);
            LogPaused(log, reason, Connections);
        }
    }

    [LoggerMessage(LogLevel.Information, "Keys are exchanged on {Endpoint} now, too")]
    private static partial void LogSocket(ILogger log, string endpoint);

    [LoggerMessage(LogLevel.Error, "No key exchange on {Endpoint} yet: {Reason}; tried again every minute")]
    private static partial void LogNoSocket(ILogger log, string endpoint, string reason);

    [LoggerMessage(LogLevel.Warning, "New connections wait: {Reason}; {Count} are open")]
    private static partial void LogPaused(ILogger log, string reason, int count);

    [LoggerMessage(LogLevel.Debug, "Key exchange with {Address}: {Outcome}")]
    private static partial void LogServed(ILogger log, IPAddress address, string outcome);
}
