namespace TimeSuite.Interop.Tests;

/// <summary>Two servers without a source of time, each a source of the other, on two addresses of loopback.</summary>
public sealed class OrphanTests
{
    [Fact]
    public async Task Of_two_orphans_the_one_with_the_larger_address_follows_the_other_and_chronyd_follows_both()
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        using var smaller = Orphan(stage, "smaller", "50ms", "127.0.0.2", "127.0.0.3", port);
        using var larger = Orphan(stage, "larger", "-50ms", "127.0.0.3", "127.0.0.2", port);

        var follower = await stage.UntilAsync(
            async () => await larger.TrackingAsync() is { Synchronized: true, Stratum: 11 } tracking ? tracking : null, "the larger one follows");
        var leader = await smaller.TrackingAsync();

        Assert.Equal("127.0.0.2", follower.ReferenceName);
        stage.Require(leader is { Synchronized: false, Stratum: 10 }, $"the smaller one leads: {leader}");
        var source = Assert.Single(await smaller.SourcesAsync());
        stage.Require(source.Verdict == Rpc.Ntp.V1.Verdict.Unsynchronized, $"and does not follow: {source}");
        double offset = await Chronyd.QueryAsync(stage, $"127.0.0.2 port {port} iburst");
        Assert.InRange(offset, 0.040, 0.060);
    }

    private static Suite Orphan(Stage stage, string name, string offset, string own, string other, int port) => new(stage, name, offset, $"""
        [serve]
        listen = ["{own}:{port}"]

        [local]
        orphan = true
        wait = "3 s"

        {Suite.Source(other, port, $"source-address = \"{own}\"")}
        """);
}
