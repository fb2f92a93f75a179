using TimeSuite.Rpc.Nts.V1;

namespace TimeSuite.Interop.Tests;

/// <summary>What a server of NTS can be told to do.</summary>
public sealed class NtsServerTests
{
    private const double Ahead = 0.250, Tolerance = 0.010; // s

    [Fact]
    public async Task Where_NTS_is_required_a_plain_request_gets_silence_and_a_protected_one_the_time()
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        var (chain, key) = NtsStage.Certificate(stage);
        using var server = await NtsStage.ServeAsync(stage, port, chain, key, "openssl", serve: "require-nts = [\"127.0.0.0/8\"]");

        double offset = await Chronyd.QueryAsync(stage, $"127.0.0.1 port {port} nts ntsport {port} iburst", $"ntstrustedcerts {chain}");
        Assert.InRange(offset, Ahead - Tolerance, Ahead + Tolerance);

        var plain = Chronyd.Follow(stage, $"127.0.0.1 port {port} iburst");
        await Task.Delay(TimeSpan.FromSeconds(8));
        stage.Require(await plain.AskAsync("sources") is not { Length: >= 8 } line || line[5] == "0", "a request without NTS was answered");
    }

    [Fact]
    public async Task Key_exchange_and_time_may_be_at_different_hosts()
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        var (chain, key) = NtsStage.Certificate(stage);
        using var server = await NtsStage.ServeAsync(stage, port, chain, key, "openssl", more: "ntp-server = \"::1\""); // the exchange is on 127.0.0.1 alone
        using var suite = Suite.Follow(stage, NtsStage.Source(port, $"nts-trust = \"{chain}\""));
        suite.StartKeyService();

        var source = await stage.UntilAsync(async () => (await suite.SourcesAsync()).SingleOrDefault() is { Received: >= 5 } good ? good : null, "five protected replies were good");
        Assert.Equal("::1", source.Address);
    }

    [Fact]
    public async Task Keys_are_exchanged_on_a_socket_that_was_handed_over_in_place_of_the_configured_one()
    {
        using var stage = new Stage();
        int port = Stage.FreePort(), handed = Stage.FreePort();
        var (chain, key) = NtsStage.Certificate(stage);
        using var server = await NtsStage.ServeAsync(stage, port, chain, key, "openssl", enter: ["systemd-socket-activate", "--fdname=ntske", $"--listen=127.0.0.1:{handed}"]); // starts when somebody connects
        var chronyd = Chronyd.Follow(stage, $"127.0.0.1 port {port} nts ntsport {handed} minpoll -2 maxpoll -2\nntstrustedcerts {chain}");

        await stage.UntilAsync(async () => await chronyd.AskAsync("sources") is { Length: >= 8 } line && line[5] != "0" ? line : null, "chronyd hears us");
        using var channel = server.OpenKeyServiceStatus();
        Assert.Equal([$"127.0.0.1:{handed}"], (await new NtsStatus.NtsStatusClient(channel).GetNtsStatusAsync(new())).Listening);
    }

    /// <summary>Everything at its most talkative, and no key of any kind in it, nor anything as long as one.</summary>
    [Fact]
    public async Task No_log_says_a_secret()
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        var (chain, key) = NtsStage.Certificate(stage);
        using var server = await NtsStage.ServeAsync(stage, port, chain, key, "openssl", "rotate = \"1 s\"");
        using var suite = Suite.Follow(stage, NtsStage.Source(port, $"nts-trust = \"{chain}\""));
        suite.StartKeyService();
        await stage.UntilAsync(async () => (await suite.SourcesAsync()).SingleOrDefault() is { Received: >= 10 } good ? good : null, "ten protected replies were good");
        suite.StopNtpd();
        suite.StartNtpd();
        await stage.UntilAsync(async () => (await suite.SourcesAsync()).SingleOrDefault() is { Received: >= 5 } good ? good : null, "kept cookies are used");

        byte[] ring = File.ReadAllBytes(Path.Combine(server.StateDirectory, "ntskeyd", "cookie.keys")), keeping = File.ReadAllBytes(Path.Combine(suite.StateDirectory, "ntskeyd", "keeping.key"));
        List<byte[]> secrets = [keeping[8..40]];
        for (int at = 8; at + 44 <= ring.Length; at += 44)
        {
            secrets.Add(ring[(at + 12)..(at + 44)]);
        }

        Assert.True(secrets.Count > 2);
        var logs = stage.Logs;
        Assert.True(logs.Count >= 6);
        foreach (var (name, text) in logs)
        {
            stage.Require(!secrets.Exists(secret => text.Contains(Convert.ToHexString(secret)[..12], StringComparison.OrdinalIgnoreCase) || text.Contains(Convert.ToBase64String(secret)[..10], StringComparison.Ordinal)), $"{name} tells a key");
            stage.Require(!File.ReadLines(key).Any(line => text.Contains(line, StringComparison.Ordinal)), $"{name} quotes the private key");
            stage.Require(!System.Text.RegularExpressions.Regex.IsMatch(text, "[0-9A-Fa-f]{32}"), $"{name} says something that is as long as a key");
        }
    }

    /// <summary>Row 88: who runs as the same user can neither debug it nor read its memory.</summary>
    [Theory]
    [InlineData("ntpd")]
    [InlineData("ntskeyd")]
    public async Task The_memory_of_who_holds_keys_is_not_for_others_of_the_same_user(string daemon)
    {
        using var stage = new Stage();
        var folder = Directory.CreateTempSubdirectory("secrets");
        try
        {
            string[] nobody = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] : [];
            if (Environment.IsPrivilegedProcess)
            {
                await stage.RunAsync("chown", ["chown", "65534:65534", folder.FullName]);
            }

            string file = Path.Combine(folder.FullName, "timesuite.toml");
            File.WriteAllText(file, "");
            var holder = stage.Start(daemon, [.. nobody, Installation.Suite(daemon), "--config", file, "--runtime-dir", folder.FullName, "--state-dir", folder.FullName]);
            await stage.UntilAsync(() => Task.FromResult(Directory.GetFiles(folder.FullName, "status.sock", SearchOption.AllDirectories).FirstOrDefault()), $"{daemon} is up");

            var own = stage.Start("reader of its own", [.. nobody, "cat", "/proc/self/environ"], mayEnd: true);
            Assert.Equal(0, await own.EndAsync(TimeSpan.FromSeconds(5)));
            var reader = stage.Start("reader", [.. nobody, "cat", $"/proc/{holder.Id}/environ"], mayEnd: true);
            Assert.NotEqual(0, await reader.EndAsync(TimeSpan.FromSeconds(5)));
            Assert.Contains("Permission denied", reader.Output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>.NET takes its certificates and digests from there, whoever computes TLS, and would end the process at the first of them.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("[nts]\ncrypto = \"managed\"\n")]
    public async Task Without_libssl_ntskeyd_says_what_to_install_and_ends(string configuration)
    {
        using var stage = new Stage();
        string[] without = ["unshare", "--mount", "sh", "-c", "for library in $(ls /usr/lib/*-linux-gnu/libssl.so.3); do mount --bind /dev/null $library || exit 99; done; exec \"$@\"", "sh"];
        string file = Path.Combine(stage.Folder("demanding"), "timesuite.toml"), folder = stage.Folder("demanding-run");
        File.WriteAllText(file, configuration);

        var refused = stage.Start("refused", [.. without, Installation.Suite("ntskeyd"), "--config", file, "--runtime-dir", folder, "--state-dir", folder], mayEnd: true);

        Assert.Equal(2, await refused.EndAsync(TimeSpan.FromSeconds(10)));
        Assert.Contains("libssl.so.3 is not there; install OpenSSL 3", refused.Output, StringComparison.Ordinal);
    }
}
