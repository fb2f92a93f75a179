using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
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
        var (chain, key) = Certificate(stage);
        using var server = await ServeAsync(stage, port, chain, key, crypto);

        double offset = await Chronyd.QueryAsync(stage, $"127.0.0.1 port {port} nts ntsport {port} iburst", $"ntstrustedcerts {chain}");

        Assert.InRange(offset, Ahead - Tolerance, Ahead + Tolerance);
    }

    [Fact]
    public async Task Chronyd_that_does_not_trust_our_certificate_gets_no_time()
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        var (chain, key) = Certificate(stage);
        using var server = await ServeAsync(stage, port, chain, key, "openssl");
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
        var (chain, key) = Certificate(stage);
        int exchange = Stage.FreePort();
        _ = Chronyd.Serve(stage, more: [$"ntsservercert {chain}", $"ntsserverkey {key}", $"ntsport {exchange}", $"ntsdumpdir {stage.Folder("dump")}"]);
        using var suite = Suite.Follow(stage, Source(exchange, $"nts-trust = \"{chain}\""), $"[nts]\ncrypto = \"{crypto}\"");
        suite.StartKeyService();

        var source = await stage.UntilAsync(async () => (await suite.SourcesAsync()).SingleOrDefault() is { Received: >= 10 } good ? good : null, "ten protected replies were good");
        Assert.Equal(8U, source.Protection.Cookies);
        await suite.SettleAsync(Duration.FromSeconds(0.001), TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task We_take_nothing_from_a_chronyd_whose_certificate_leads_nowhere()
    {
        using var stage = new Stage();
        var (chain, key) = Certificate(stage);
        int exchange = Stage.FreePort();
        _ = Chronyd.Serve(stage, more: [$"ntsservercert {chain}", $"ntsserverkey {key}", $"ntsport {exchange}", $"ntsdumpdir {stage.Folder("dump")}"]);
        using var suite = Suite.Follow(stage, Source(exchange));
        suite.StartKeyService();

        var source = await stage.UntilAsync(async () => (await suite.SourcesAsync()).SingleOrDefault() is { Protection.Failure.Length: > 0 } refused && !refused.Protection.Failure.Contains("ntskeyd", StringComparison.Ordinal) ? refused : null, "the certificate was refused");
        Assert.Equal(0UL, source.Sent);
    }

    private static async Task<Suite> ServeAsync(Stage stage, int port, string chain, string key, string crypto)
    {
        var suite = await Suite.ServeAsync(stage, "server", "250ms", port, $"""

            [nts]
            crypto = "{crypto}"

            [nts-server]
            listen = ["127.0.0.1:{port}"]
            ntp-port = {port}

            [[nts-server.certificate]]
            chain = "{chain}"
            key = "{key}"
            """);
        suite.StartKeyService();
        await Task.Delay(TimeSpan.FromSeconds(3)); // ntpd looks for it again within this time
        return suite;
    }

    private static string Source(int exchange, string options = "") => $"""
        [[source]]
        server = "127.0.0.1"
        nts = true
        nts-port = {exchange}
        min-poll = -2
        max-poll = 0
        {options}

        """;

    private static (string Chain, string Key) Certificate(Stage stage)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(60));
        string folder = stage.Folder("certificate"), chain = Path.Combine(folder, "chain.pem"), secret = Path.Combine(folder, "key.pem");
        File.WriteAllText(chain, certificate.ExportCertificatePem());
        File.WriteAllText(secret, key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return (chain, secret);
    }
}
