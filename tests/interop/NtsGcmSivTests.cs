using TimeSuite.Time;

namespace TimeSuite.Interop.Tests;

/// <summary>AEAD 30 with a chronyd that has it (4.6.1 or later), keys exported as the standard says because both sides say record 1024.</summary>
public sealed class NtsGcmSivTests
{
    [Theory]
    [InlineData("openssl")]
    [InlineData("managed")]
    public async Task Chronyd_chooses_it_and_takes_our_time(string crypto)
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        var (chain, key) = NtsStage.Certificate(stage);
        using var server = await NtsStage.ServeAsync(stage, port, chain, key, crypto);
        var chronyd = Chronyd.Follow(stage, $"127.0.0.1 port {port} nts ntsport {port} minpoll -2 maxpoll -2\nntstrustedcerts {chain}", isNewer: true);

        var protection = await stage.UntilAsync(async () => await chronyd.AskAsync("authdata") is { Length: >= 10 } line && line[8] == "8" ? line : null, "chronyd has eight cookies");
        Assert.Equal(("30", "128"), (protection[3], protection[4])); // type, bits of the key
        await stage.UntilAsync(async () => await chronyd.AskAsync("sources") is { Length: >= 8 } line && line[5] == "377" ? line : null, "eight replies in turn were good");
        protection = (await chronyd.AskAsync("authdata"))!;
        Assert.Equal(("30", "0", "0"), (protection[3], protection[6], protection[7])); // no other exchange, no NAK
    }

    [Theory]
    [InlineData("openssl")]
    [InlineData("managed")]
    public async Task We_choose_it_and_take_chronyds_time(string crypto)
    {
        using var stage = new Stage();
        var (chain, key) = NtsStage.Certificate(stage);
        int exchange = Stage.FreePort();
        _ = Chronyd.ServeNewer(stage, $"ntsservercert {chain}", $"ntsserverkey {key}", $"ntsport {exchange}", $"ntsdumpdir {stage.Folder("dump")}");
        using var suite = Suite.Follow(stage, NtsStage.Source(exchange, $"nts-trust = \"{chain}\""), $"[nts]\ncrypto = \"{crypto}\"");
        suite.StartKeyService();

        var source = await stage.UntilAsync(async () => (await suite.SourcesAsync()).SingleOrDefault() is { Received: >= 10 } good ? good : null, "ten protected replies were good");
        Assert.Equal((30U, 8U), (source.Protection.Aead, source.Protection.Cookies));
        await suite.SettleAsync(Duration.FromSeconds(0.001), TimeSpan.FromSeconds(3));
    }
}
