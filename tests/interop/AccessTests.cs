namespace TimeSuite.Interop.Tests;

/// <summary>Who is not to be served is told so in a way that chronyd understands.</summary>
public sealed class AccessTests
{
    [Fact]
    public async Task Chronyd_obeys_our_rate_limit_and_is_seen_among_the_clients()
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        using var server = await Suite.ServeAsync(stage, "server", "250ms", port, "[rate-limit]\ninterval = \"4 s\"\nburst = 4\nleak = 4\nkod = 1");
        var chronyd = Chronyd.Follow(stage, $"127.0.0.1 port {port} minpoll -2 maxpoll 6");

        // Of 16 requests above the rate one is answered: with more, chronyd goes by how good their samples are, and on a busy machine asks as often as before.
        var statistics = await stage.UntilAsync(
            async () => await server.Status.GetServerStatisticsAsync(new()) is var all && all.Outcomes.Single(outcome => outcome.Name == "kissed_rate").Count > 0 ? all : null,
            "a RATE was sent");

        Assert.True(statistics.Outcomes.Single(outcome => outcome.Name == "answered").Count >= 4, "the whole burst is answered before the first RATE");
        var poll = await stage.UntilAsync(
            async () => await chronyd.AskAsync("sources") is { Length: >= 8 } line && int.Parse(line[4], System.Globalization.CultureInfo.InvariantCulture) >= 0 ? line : null,
            "chronyd asks less often");
        Assert.NotNull(poll);
    }
}
