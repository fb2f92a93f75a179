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
