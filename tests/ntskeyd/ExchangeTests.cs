using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Nts;
using TimeSuite.Nts.Tls;
using TimeSuite.Ntskeyd.Client;
using TimeSuite.Ntskeyd.Keys;
using TimeSuite.Ntskeyd.Server;

namespace TimeSuite.Ntskeyd.Tests;

/// <summary>Our server and our client over loopback, and clients and servers that misbehave.</summary>
public sealed class ExchangeTests : IDisposable
{
    private static readonly KeCrypto Crypto = KeCrypto.OpenSsl(RandomNumberGenerator.Fill, KeyAgreement.Begin);

    private readonly Authority _authority = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("exchange");
    private readonly CancellationTokenSource _stop = new();
    private readonly KeCounters _counters = new();
    private readonly CookieKeyStore _keys;
    private readonly Certificates _certificates = new(Crypto, NullLogger<Certificates>.Instance);
    private readonly CertificateConfig _files;
    private readonly KeListener _listener;
    private readonly int _port;

    public ExchangeTests()
    {
        var (chain, key, _) = _authority.Issue("localhost");
        _files = new(chain, key);
        _keys = new(Path.Combine(_folder.FullName, "keys"), RandomNumberGenerator.Fill, NullLogger.Instance);
        _keys.Load(Clocks.Realtime());
        Assert.Empty(_certificates.Load([_files]));
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            _port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        _listener = new(Crypto, _certificates, _keys, _counters, NullLogger<KeListener>.Instance)
        {
            Config = new() { Listen = [$"127.0.0.1:{_port}"], MaxConnections = 20, MaxConnectionsPerPrefix = 12, HandshakeTimeout = Duration.FromSeconds(3L), NtpPort = 1123 },
        };
        _listener.Open(ListenFds.FromEnvironment());
        _ = _listener.RunAsync(_stop.Token);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private ExchangeOrder Order(params NtsAead[] aeads) => new("localhost", _port, aeads.Length == 0 ? [NtsAead.AesSivCmac256] : aeads, _authority.RootFile, [], 4, [], Clocks.Realtime());

    private static Task<IReadOnlyList<IPAddress>> FindAsync(string host, int family, CancellationToken deadline) =>
        Task.FromResult<IReadOnlyList<IPAddress>>([IPAddress.TryParse(host, out var literal) ? literal : IPAddress.Loopback]);

    private static Task<Exchanged> HoldAsync(ExchangeOrder order, params string[] revoked) => new KeyExchange(Crypto, FindAsync, NullLogger.Instance) { RevocationLists = revoked }.HoldAsync(order, default);

    [Theory]
    [InlineData(NtsAead.AesSivCmac256)]
    [InlineData(NtsAead.AesSivCmac512)]
    [InlineData(NtsAead.Aes128GcmSiv)]
    public async Task Keys_and_eight_cookies_are_got_and_each_cookie_holds_the_keys(NtsAead aead)
    {
        using var got = await HoldAsync(Order(aead));

        Assert.Equal((aead, 8, (ushort?)1123), (got.Answer.Aead, got.Answer.Cookies.Count, got.Answer.NtpPort));
        Assert.Equal(8, got.Answer.Cookies.Select(Convert.ToHexString).Distinct().Count());
        var opener = new CookieSealer(new NonceSource(new byte[16]));
        opener.Use(_keys.Ring.ToCookieKeys());
        byte[] keys = new byte[2 * NtsAeads.LongestKey];
        foreach (byte[] cookie in got.Answer.Cookies)
        {
            Assert.True(opener.TryOpen(cookie, out var sealedFor, keys));
            Assert.Equal(aead, sealedFor);
            Assert.Equal([.. got.Keys.ClientToServer, .. got.Keys.ServerToClient], keys[..(2 * aead.KeySize())]);
        }
    }

    [Fact]
    public async Task A_server_that_is_not_to_be_trusted_is_told_from_one_that_is_not_there()
    {
        using var other = new Authority();
        Assert.Equal(ExchangeFault.Untrusted, await FaultAsync(Order() with { TrustAnchors = other.RootFile }));
        Assert.Equal(ExchangeFault.Untrusted, await FaultAsync(Order() with { Host = "127.0.0.1" }));
        Assert.Equal(ExchangeFault.Untrusted, await FaultAsync(Order() with { Pins = [new byte[32]] }));
        Assert.Equal(ExchangeFault.BadOrder, await FaultAsync(Order() with { TrustAnchors = "/nowhere.pem" }));
        using var unused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // nobody listens
        Assert.Equal(ExchangeFault.Unreachable, await FaultAsync(Order() with { Port = ((IPEndPoint)unused.LocalEndPoint!).Port }));
        using var still = await HoldAsync(Order());
    }

    [Fact]
    public async Task Keys_rotate_under_load_and_no_client_is_refused()
    {
        for (int round = 0; round < 10; round++)
        {
            var all = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => HoldAsync(Order())));
            _keys.Rotate(Clocks.Realtime());
            all.ToList().ForEach(one => one.Dispose());
        }

        await UntilAsync(() => _counters.All.SequenceEqual([("served", 60L)]));
    }

    [Fact]
    public async Task Slow_noisy_and_cut_connections_are_ended_and_the_others_are_served()
    {
        var slow = Enumerable.Range(0, 40).Select(_ => Dial()).ToList(); // more than a prefix may have
        await UntilAsync(() => Count("too-many") == 28);
        Assert.Equal(12, _listener.Connections);
        slow.ForEach(socket => socket.Dispose());
        await UntilAsync(() => _listener.Connections == 0);

        for (int noisy = 1; noisy <= 50; noisy++) // it is gone before, while or after it is told
        {
            using (var noise = Dial())
            {
                noise.Send([0, .. RandomNumberGenerator.GetBytes(4_000)]);
            }

            await UntilAsync(() => Count("bad-tls") == noisy && _listener.Connections == 0);
        }

        using var patient = Dial(); // says nothing: hung up on after three seconds
        using var still = await HoldAsync(Order());
        patient.ReceiveTimeout = 15_000;
        Assert.Equal(0, patient.Receive(new byte[1]));
        await UntilAsync(() => Count("too-slow") == 1);
    }

    /// <summary>Our client's octets, cut after each number of them: the server ends the connection and goes on.</summary>
    [Fact]
    public async Task A_connection_that_is_cut_anywhere_costs_nobody_anything()
    {
        for (int cut = 0; cut < 500; cut += 23)
        {
            using var socket = Dial();
            using var tls = new KeTlsClient(Crypto, "localhost", _ => null);
            byte[] hello = new byte[4_096];
            int length = tls.Take(hello);
            socket.Send(hello.AsSpan(0, Math.Min(cut, length)));
        }

        await UntilAsync(() => _counters.All.Sum(entry => entry.Count) == 22 && _listener.Connections == 0);
        using var still = await HoldAsync(Order());
    }

    /// <summary>Servers that our client has to refuse: what they say behind a good handshake.</summary>
    [Theory]
    [InlineData("80010002000080040002000F80000000", "no cookie")]
    [InlineData("80010002000080040002000F0005FFFF00", "longer than")]
    [InlineData("80010002000080040002000F000500008000000", "0 octets")]
    [InlineData("80020002000180000000", "error 1")]
    [InlineData("8001000200008004000200110005000401020304" + "80000000", "AEAD that we did not offer")]
    [InlineData("C0FF0000" + "80000000", "critical record")]
    [InlineData("8001000200", "hung up")]
    [InlineData("", "hung up")]
    public async Task A_server_that_says_nonsense_is_refused(string said, string words)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var served = ServeAsync();
        var failure = await Assert.ThrowsAsync<ExchangeException>(() => HoldAsync(Order() with { Port = ((IPEndPoint)listener.LocalEndpoint).Port }));
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        await served;

        async Task ServeAsync()
        {
            using var socket = await listener.AcceptSocketAsync();
            using var tls = new KeTlsServer(Crypto, [_certificates.Served[0].Identity]);
            byte[] buffer = new byte[16_384];
            bool isSaid = false;
            for (int count; (count = await socket.ReceiveAsync(buffer)) > 0;)
            {
                tls.Offer(buffer.AsSpan(0, count));
                if (tls.Read(buffer) > 0 && !isSaid)
                {
                    isSaid = true;
                    tls.Write(Convert.FromHexString(said.Length % 2 == 0 ? said : said + "0"));
                    tls.Finish();
                }

                for (int taken; (taken = tls.Take(buffer)) > 0;)
                {
                    await socket.SendAsync(buffer.AsMemory(0, taken));
                }

                if (isSaid)
                {
                    socket.Shutdown(SocketShutdown.Send);
                }
            }
        }
    }

    [Fact]
    public async Task New_certificates_are_taken_when_their_files_change_and_broken_ones_are_not()
    {
        string before = _certificates.Served[0].Identity.ValidUntil.ToString();
        File.WriteAllText(_files.Key, "broken");
        _certificates.Look(Clocks.Realtime());
        Assert.Equal(before, _certificates.Served[0].Identity.ValidUntil.ToString());
        using var still = await HoldAsync(Order());

        _authority.Issue("localhost", until: 60);
        _certificates.Look(Clocks.Realtime());
        Assert.NotEqual(before, _certificates.Served[0].Identity.ValidUntil.ToString());
        using var now = await HoldAsync(Order());
    }

    [Theory]
    [InlineData(31, null)]
    [InlineData(29, "expires on")]
    [InlineData(-1, "has expired on")]
    public void From_30_days_before_its_end_a_certificate_is_warned_of_each_day(int days, string? words)
    {
        var log = new Lines<Certificates>();
        var certificates = new Certificates(Crypto, log);
        var (chain, key, _) = _authority.Issue("ending", from: -60, until: days);
        Assert.Empty(certificates.Load([new(chain, key)]));

        var now = Clocks.Realtime();
        foreach (long second in new[] { 0L, 1, 3_600, 86_399 })
        {
            certificates.Look(now + Duration.FromSeconds(second));
        }

        string[] today = [.. log.Warnings];
        certificates.Look(now + Duration.FromSeconds(86_401L));
        Assert.Equal(words is null ? 0 : 1, today.Length);
        Assert.All(today, line => Assert.Contains($"{chain} {words}", line, StringComparison.Ordinal));
        Assert.Equal(words is null ? 1 : 2, log.Warnings.Count); // a day later the 31st is within the 30 as well
    }

    private long Count(string name) => _counters.All.FirstOrDefault(entry => entry.Name == name).Count;

    private Socket Dial()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, _port);
        return socket;
    }

    [Fact]
    public async Task A_certificate_that_only_the_time_stands_against_is_told_from_one_that_is_not_to_be_trusted()
    {
        var far = Clocks.Realtime() + Duration.FromSeconds(20L * 365 * 86_400);

        Assert.Equal(ExchangeFault.OutOfPeriod, await FaultAsync(Order() with { VerifyAt = far }));
        Assert.Equal(ExchangeFault.Untrusted, await FaultAsync(Order() with { VerifyAt = far, TrustAnchors = "" }));
        using var exchanged = await HoldAsync(Order() with { VerifyAt = null });
        Assert.True(exchanged.Trust.ValidUntil < far && exchanged.Trust.ValidFrom < Clocks.Realtime());
    }

    [Fact]
    public async Task An_interface_is_demanded_and_one_that_is_not_there_yet_stops_nobody_else()
    {
        using var listener = new KeListener(Crypto, _certificates, _keys, _counters, NullLogger<KeListener>.Instance)
        {
            Config = new() { Listen = ["127.0.0.1%lo:0", "[::1%lo]:0", "192.0.2.9:0", "0.0.0.0%nowhere7:0"], NtpPort = 1123 },
            Retry = TimeSpan.FromMilliseconds(50),
        };
        listener.Open(ListenFds.FromEnvironment());
        Assert.Equal(3, listener.Listening.Count());
        using var stop = new CancellationTokenSource();
        var running = listener.RunAsync(stop.Token);
        await Task.Delay(200);
        Assert.False(running.IsCompleted);
        using var got = await HoldAsync(Order() with { Port = IPEndPoint.Parse(listener.Listening.First()).Port });
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(5));
    }

    /// <summary>It would look alive, and one address would be deaf.</summary>
    [Theory]
    [InlineData("127.0.0.1:0", "[::1]:0")]
    [InlineData("127.0.0.1:0", "0.0.0.0%nowhere7:0")]
    public async Task When_one_socket_is_not_served_any_more_the_listener_ends_though_others_are(string first, string second)
    {
        using var listener = new KeListener(Crypto, _certificates, _keys, _counters, NullLogger<KeListener>.Instance) { Config = new() { Listen = [first, second] } };
        listener.Open(ListenFds.FromEnvironment());
        using var stop = new CancellationTokenSource();
        var running = listener.RunAsync(stop.Token);
        listener.Config = null!; // whoever comes next finds a bug
        using var client = new TcpClient();
        await client.ConnectAsync(IPEndPoint.Parse(listener.Listening.First()));

        await Assert.ThrowsAsync<NullReferenceException>(() => running.WaitAsync(TimeSpan.FromSeconds(5)));
        await stop.CancelAsync();
    }

    [Fact]
    public void Without_any_address_there_is_no_listener()
    {
        using var listener = new KeListener(Crypto, _certificates, _keys, _counters, NullLogger<KeListener>.Instance) { Config = new() { Listen = [$"127.0.0.1:{_port}"] } };

        Assert.Throws<IOException>(() => listener.Open(ListenFds.FromEnvironment())); // in use
    }

    [Theory]
    [InlineData(30)]
    [InlineData(-1)]
    public async Task A_certificate_that_its_authority_has_revoked_is_not_to_be_trusted(int nextUpdate)
    {
        byte[] served = X509CertificateLoader.LoadCertificateFromFile(_files.Chain).RawData, other = _authority.Issue("other").Der;
        using var stranger = new Authority();

        Assert.Equal(ExchangeFault.Untrusted, await FaultAsync(Order(), _authority.Revoke(nextUpdate, other), _authority.Revoke(nextUpdate, other, served)));
        Assert.Equal(ExchangeFault.Untrusted, await FaultAsync(Order() with { VerifyAt = null }, _authority.Revoke(nextUpdate, served)));
        using var trusted = await HoldAsync(Order(), _authority.Revoke(nextUpdate, other), stranger.Revoke(nextUpdate, served)); // no authority takes back what is another's
    }

    [Fact]
    public async Task Without_its_list_of_revoked_certificates_nobody_is_trusted()
    {
        Assert.Equal(ExchangeFault.BadOrder, await FaultAsync(Order(), Path.Combine(_folder.FullName, "nowhere")));
        Assert.Equal(ExchangeFault.BadOrder, await FaultAsync(Order(), _files.Chain)); // a certificate is no list
    }

    private static async Task<ExchangeFault> FaultAsync(ExchangeOrder order, params string[] revoked) => (await Assert.ThrowsAsync<ExchangeException>(() => HoldAsync(order, revoked))).Fault;

    /// <summary>Keeps what is warned of.</summary>
    private sealed class Lines<T> : ILogger<T>
    {
        public List<string> Warnings { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning)
            {
                Warnings.Add(formatter(state, exception));
            }
        }
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (int attempt = 0; attempt < 300 && !holds(); attempt++)
        {
            await Task.Delay(50);
        }

        Assert.True(holds());
    }
}
