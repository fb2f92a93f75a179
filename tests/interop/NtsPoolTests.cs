namespace TimeSuite.Interop.Tests;

/// <summary>Two servers of ours as the members of a pool, with our client and with chronyd, which knows nothing of pools, as its users.</summary>
public sealed class NtsPoolTests
{
    private const string Token = "a-token-of-the-pools-own";

    [Fact]
    public async Task A_pools_users_get_cookies_of_its_members_and_time_from_them()
    {
        using var stage = new Stage();
        var (chain, key) = NtsStage.Certificate(stage);
        string tokens = Path.Combine(stage.Folder("tokens"), "pool.tokens");
        File.WriteAllText(tokens, Token + "\n");
        File.SetUnixFileMode(tokens, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        int first = Stage.FreePort(), second = Stage.FreePort();
        using var one = await NtsStage.ServeAsync(stage, first, chain, key, "openssl", $"pool-tokens = \"{tokens}\"", name: "first");
        using var other = await NtsStage.ServeAsync(stage, second, chain, key, "openssl", $"pool-tokens = \"{tokens}\"", name: "second");
        using var pool = new NtsPool(chain, key, Token, ("127.0.0.1", first), ("::1", second));

        double offset = await Chronyd.QueryAsync(stage, $"127.0.0.1 nts ntsport {pool.Port} iburst", $"ntstrustedcerts {chain}");
        Assert.InRange(offset, 0.240, 0.260);

        using var suite = Suite.Follow(stage, $"""
            [[source]]
            pool = "localhost"
            nts = true
            nts-port = {pool.Port}
            nts-trust = "{chain}"
            max-sources = 2
            min-poll = -2
            max-poll = 0
            """);
        suite.StartKeyService();
        var sources = await stage.UntilAsync(
            async () => (await suite.SourcesAsync()) is { Count: 2 } both && both.All(source => source.Received >= 3) ? both : null, "two members are heard");

        Assert.Equal(["127.0.0.1", "::1"], sources.Select(source => source.Address).Order(StringComparer.Ordinal));
        Assert.Equal(["127.0.0.1", "127.0.0.1", "::1"], pool.Given); // chronyd, then each of ours once
    }
}
