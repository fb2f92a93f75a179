using System.Net.Sockets;
using System.Net;
using TimeSuite.Rpc.Nts.V1;
using TimeSuite.Time;

namespace TimeSuite.Interop.Tests;

/// <summary>NTS with chronyd at the other end, both ways, with both providers of cryptography.</summary>
public sealed class NtsTests
{
    private const double Ahead = 0.250, Tolerance = 0.010; // s

    [Theory]
    [InlineData("openssl")]
    [InlineData("managed")]
    public async Task Chronyd_exchanges_keys_with_us_and_takes_our_time(string crypto)
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        var (chain, key) = NtsStage.Certificate(stage);
        using var server = await NtsStage.ServeAsync(stage, port, chain, key, crypto);

        double offset = await Chronyd.QueryAsync(stage, $"127.0.0.1 port {port} nts ntsport {port} iburst", $"ntstrustedcerts {chain}");

        Assert.InRange(offset, Ahead - Tolerance, Ahead + Tolerance);
    }

    /// <summary>Row 27: at a clock that is 20 years ahead every certificate has expired, and no clock of ours is trusted before it was synchronised.</summary>
    [Fact]
    public async Task A_clock_that_is_twenty_years_ahead_is_set_right_once_by_two_servers_that_agree()
    {
        using var stage = new Stage();
        var (suite, _) = await FarAheadAsync(stage, servers: 2);
        using (suite)
        {
            await suite.SettleAsync(Duration.FromSeconds(0.010), TimeSpan.FromSeconds(2));

            Assert.Equal(1UL, suite.Read()!.Value.StepGeneration);
            Assert.All(await suite.SourcesAsync(), source => Assert.True(source.Received > 0));
        }
    }

    [Fact]
    public async Task One_server_alone_does_not_set_a_clock_that_is_twenty_years_ahead()
    {
        using var stage = new Stage();
        var (suite, _) = await FarAheadAsync(stage, servers: 1);
        using (suite)
        {
            await stage.UntilAsync(async () => (await suite.SourcesAsync()).SingleOrDefault() is { Received: >= 8 } good ? good : null, "eight protected replies were good");
            await Task.Delay(TimeSpan.FromSeconds(3));

            Assert.False(suite.Read()?.IsSynchronized ?? false);
            Assert.Equal(0UL, suite.Read()?.StepGeneration ?? 0);
        }
    }

    private static async Task<(Suite Suite, string Chain)> FarAheadAsync(Stage stage, int servers)
    {
        var (chain, key) = NtsStage.Certificate(stage);
        List<string> sources = [];
        foreach (string name in (string[])["127.0.0.1", "localhost"])
        {
            if (sources.Count == servers)
            {
                break;
            }

            int exchange = Stage.FreePort();
            _ = Chronyd.Serve(stage, "chronyd-" + name, more: [$"ntsservercert {chain}", $"ntsserverkey {key}", $"ntsport {exchange}", $"ntsdumpdir {stage.Folder("dump-" + name)}"]);
            sources.Add(NtsStage.Source(exchange, $"nts-trust = \"{chain}\"").Replace("127.0.0.1", name, StringComparison.Ordinal));
        }

        var suite = new Suite(stage, "suite", "7300d", string.Join('\n', sources));
        suite.StartKeyService();
        await stage.UntilAsync(async () => (await suite.SourcesAsync()) is { Count: > 0 } known && known.All(source => source.Received > 0) ? known : null, "all are asked with NTS");
        return (suite, chain);
    }

    [Fact]
    public async Task After_a_restart_kept_cookies_are_used_and_no_keys_are_exchanged()
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        var (chain, key) = NtsStage.Certificate(stage);
        using var server = await NtsStage.ServeAsync(stage, port, chain, key, "openssl");
        using var suite = Suite.Follow(stage, NtsStage.Source(port, $"nts-trust = \"{chain}\""));
        suite.StartKeyService();
        await HeardAsync(10);
        Assert.Equal(1UL, await ServedAsync());

        for (int restart = 0; restart < 3; restart++)
        {
            suite.StopNtpd();
            string kept = Path.Combine(suite.StateDirectory, "ntpd", "nts-sessions");
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kept));
            suite.StartNtpd();
            await HeardAsync(10);
            Assert.False(File.Exists(kept), "cookies that may be used once lie in the file still");
            Assert.Equal(1UL, await ServedAsync());
        }

        suite.StopNtpd();
        File.WriteAllBytes(Path.Combine(suite.StateDirectory, "ntpd", "nts-sessions"), new byte[500]); // row 60
        suite.StartNtpd();
        await HeardAsync(10);
        Assert.Equal(2UL, await ServedAsync());
        Assert.Single(Directory.GetFiles(Path.Combine(suite.StateDirectory, "ntpd"), "nts-sessions.bad-*"));

        Task<TimeSuite.Rpc.Ntp.V1.Source> HeardAsync(ulong replies) =>
            stage.UntilAsync(async () => (await suite.SourcesAsync()).SingleOrDefault() is { } one && one.Received >= replies ? one : null, $"{replies} protected replies were good");

        async Task<ulong> ServedAsync()
        {
            using var channel = server.OpenKeyServiceStatus();
            var status = await new NtsStatus.NtsStatusClient(channel).GetNtsStatusAsync(new());
            return status.Counts.Single(count => count.Name == "served").Count;
        }
    }

    [Fact]
    public async Task Chronyd_that_does_not_trust_our_certificate_gets_no_time()
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        var (chain, key) = NtsStage.Certificate(stage);
        using var server = await NtsStage.ServeAsync(stage, port, chain, key, "openssl");
        var chronyd = Chronyd.Follow(stage, $"127.0.0.1 port {port} nts ntsport {port} iburst\nnosystemcert");

        await Task.Delay(TimeSpan.FromSeconds(8));
        stage.Require(await chronyd.AskAsync("sources") is not { Length: >= 8 } line || line[5] == "0", "an untrusted server was heard");
    }

    [Theory]
    [InlineData("openssl")]
    [InlineData("managed")]
    public async Task We_exchange_keys_with_chronyd_and_take_its_time(string crypto)
    {
        using var stage = new Stage();
        var (chain, key) = NtsStage.Certificate(stage);
        int exchange = Stage.FreePort();
        _ = Chronyd.Serve(stage, more: [$"ntsservercert {chain}", $"ntsserverkey {key}", $"ntsport {exchange}", $"ntsdumpdir {stage.Folder("dump")}"]);
        using var suite = Suite.Follow(stage, NtsStage.Source(exchange, $"nts-trust = \"{chain}\""), $"[nts]\ncrypto = \"{crypto}\"");
        suite.StartKeyService();

        var source = await stage.UntilAsync(async () => (await suite.SourcesAsync()).SingleOrDefault() is { Received: >= 10 } good ? good : null, "ten protected replies were good");
        Assert.Equal(8U, source.Protection.Cookies);
        await suite.SettleAsync(Duration.FromSeconds(0.001), TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task We_take_nothing_from_a_chronyd_whose_certificate_leads_nowhere()
    {
        using var stage = new Stage();
        var (chain, key) = NtsStage.Certificate(stage);
        int exchange = Stage.FreePort();
        _ = Chronyd.Serve(stage, more: [$"ntsservercert {chain}", $"ntsserverkey {key}", $"ntsport {exchange}", $"ntsdumpdir {stage.Folder("dump")}"]);
        using var suite = Suite.Follow(stage, NtsStage.Source(exchange));
        suite.StartKeyService();

        var source = await stage.UntilAsync(async () => (await suite.SourcesAsync()).SingleOrDefault() is { Protection.Failure.Length: > 0 } refused && !refused.Protection.Failure.Contains("ntskeyd", StringComparison.Ordinal) ? refused : null, "the certificate was refused");
        Assert.Equal(0UL, source.Sent);
    }

    /// <summary>chronyd's figures of its source: a NAK shows as an exchange of keys before its time, a reply that was not good in the reach.</summary>
    [Fact]
    public async Task Keys_that_rotate_every_two_seconds_under_load_cost_chronyd_nothing()
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        var (chain, key) = NtsStage.Certificate(stage);
        using var server = await NtsStage.ServeAsync(stage, port, chain, key, "openssl", "rotate = \"2 s\"");
        var chronyd = Chronyd.Follow(stage, $"127.0.0.1 port {port} nts ntsport {port} minpoll -4 maxpoll -4\nntstrustedcerts {chain}");
        await stage.UntilAsync(async () => await chronyd.AskAsync("authdata") is { Length: >= 10 } line && line[8] == "8" ? line : null, "chronyd has eight cookies");
        var first = await stage.UntilAsync(async () => await chronyd.AskAsync("ntpdata") is { Length: > 30 } line ? line : null, "chronyd has data");

        for (int second = 0; second < 12; second++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            var reach = await chronyd.AskAsync("sources");
            stage.Require(reach is { Length: >= 8 } && reach[5] is "377", $"chronyd's reach is {(reach is null ? "unknown" : reach[5])}");
        }

        var last = (await chronyd.AskAsync("ntpdata"))!;
        var protection = (await chronyd.AskAsync("authdata"))!;
        double asked = Number(last[^3]) - Number(first[^3]), answered = Number(last[^2]) - Number(first[^2]);
        stage.Require(asked > 100 && answered >= asked - 1, $"{answered} of {asked} requests were answered");
        stage.Require(protection[6] == "0", $"{protection[6]} attempts at another exchange of keys");
        stage.Require(Number(protection[5]) >= 12, $"the last exchange of keys is {protection[5]} s old: there was another");
        static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Connections that say nothing, from as many networks, at a ntskeyd that may have 256 descriptors.</summary>
    [Fact]
    public async Task Five_thousand_slow_connections_at_256_descriptors_leave_it_alive_and_within_its_memory()
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        var (chain, key) = NtsStage.Certificate(stage);
        using var server = await NtsStage.ServeAsync(stage, port, chain, key, "openssl", "max-connections = 10000\nhandshake-timeout = \"5 s\"", enter: ["prlimit", "--nofile=256"]);
        int process = server.KeyService!.Id;
        List<Socket> slow = [];
        int most = 0;
        try
        {
            for (int count = 0; count < 5_000; count++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                slow.Add(socket);
                socket.Bind(new IPEndPoint(new IPAddress(new byte[] { 127, (byte)(1 + (count / 250)), (byte)(count % 250), 1 }), 0));
                try
                {
                    socket.Connect(IPAddress.Loopback, port);
                }
                catch (SocketException busy) when (busy.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
                {
                    // under way
                }

                if (count % 100 == 99)
                {
                    most = Math.Max(most, Directory.GetFiles($"/proc/{process}/fd").Length);
                    await Task.Delay(5);
                }
            }

            stage.Require(most is > 150 and < 256, $"{most} descriptors at most");
            using var control = server.OpenKeyServiceStatus();
            var status = await new NtsStatus.NtsStatusClient(control).GetNtsStatusAsync(new(), deadline: DateTime.UtcNow.AddSeconds(5));
            stage.Require(status.Counts.Any(count => count.Name == "too-many" && count.Count > 1_000), "more than there is room for were turned away");
            stage.Require(!status.Counts.Any(count => count.Name == "accept-paused"), "descriptors never ran out");
        }
        finally
        {
            slow.ForEach(socket => socket.Dispose());
        }

        double offset = await Chronyd.QueryAsync(stage, $"127.0.0.1 port {port} nts ntsport {port} iburst", $"ntstrustedcerts {chain}");
        Assert.InRange(offset, Ahead - Tolerance, Ahead + Tolerance);
        stage.Require(!server.KeyService.HasEnded, "ntskeyd lives");
    }

    /// <summary>Its limit is set below what it has open already: as on a machine whose descriptors are all in use.</summary>
    [Fact]
    public async Task Without_a_descriptor_left_it_takes_no_connection_and_goes_on_once_there_is_one()
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        var (chain, key) = NtsStage.Certificate(stage);
        using var server = await NtsStage.ServeAsync(stage, port, chain, key, "openssl");
        using var control = server.OpenKeyServiceStatus();
        var service = new NtsStatus.NtsStatusClient(control);
        await service.GetNtsStatusAsync(new(), deadline: DateTime.UtcNow.AddSeconds(30)); // its connection is there from now on

        SetLimit(server.KeyService!.Id, 3);
        using var waiting = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await waiting.ConnectAsync(IPAddress.Loopback, port);
        await stage.UntilAsync(async () => await PausedAsync() > 2 ? "" : null, "it looks for a descriptor again and again");
        stage.Require(!server.KeyService.HasEnded, "ntskeyd lives");

        SetLimit(server.KeyService.Id, 1024);
        double offset = await Chronyd.QueryAsync(stage, $"127.0.0.1 port {port} nts ntsport {port} iburst", $"ntstrustedcerts {chain}");
        Assert.InRange(offset, Ahead - Tolerance, Ahead + Tolerance);
        long paused = await PausedAsync();
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.Equal(paused, await PausedAsync());

        async Task<long> PausedAsync() =>
            (long)((await service.GetNtsStatusAsync(new(), deadline: DateTime.UtcNow.AddSeconds(30))).Counts.SingleOrDefault(count => count.Name == "accept-paused")?.Count ?? 0);

        static void SetLimit(int process, int descriptors)
        {
            using var prlimit = System.Diagnostics.Process.Start("prlimit", [$"--pid={process}", $"--nofile={descriptors}:1024"]);
            prlimit.WaitForExit();
            Assert.Equal(0, prlimit.ExitCode);
        }
    }
}
