using TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Interop.Tests;

/// <summary>Servers that must not be followed.</summary>
public sealed class BadServerTests
{
    [Fact]
    public async Task A_chronyd_that_is_not_synchronised_is_refused_and_the_refusal_is_named()
    {
        using var stage = new Stage();
        var chronyd = Chronyd.Serve(stage, isReference: false);
        using var suite = Suite.Follow(stage, Suite.Source("127.0.0.1", chronyd.Port));

        var source = await stage.UntilAsync(
            async () => (await suite.SourcesAsync()).SingleOrDefault(source => source is { Refused: >= 4 }), "four replies are refused");
        var tracking = await suite.TrackingAsync();

        stage.Require(source.LastRefusal == "the server is not synchronised", $"the refusal has its name: {source}");
        stage.Require(source.Verdict == Verdict.Unsynchronized, $"the verdict says so too: {source}");
        stage.Require(!tracking.Synchronized && tracking.Stratum == 16, $"we are not synchronised either: {tracking}");
        stage.Require(suite.Read() is { IsSynchronized: false, StepGeneration: 0 } reading && reading.Error.Seconds is > 0.049 and < 0.051, $"the clock was not touched: {suite.Read()}");
    }

    [Fact]
    public async Task A_liar_among_three_is_a_falseticker_and_the_others_are_followed()
    {
        using var stage = new Stage();
        int liarsPort = Stage.FreePort();
        using var liar = await Suite.ServeAsync(stage, "liar", "1s", liarsPort);
        var first = Chronyd.Serve(stage, "chronyd-1");
        var second = Chronyd.Serve(stage, "chronyd-2");
        using var suite = Suite.Follow(
            stage, Suite.Source("127.0.0.1", liarsPort), Suite.Source("127.0.0.1", first.Port), Suite.Source("::1", second.Port));

        // Which port a source has is not in the list; the liar is the one that is a second off.
        var sources = await stage.UntilAsync(
            async () => await suite.SourcesAsync() is { Count: 3 } list && list.Count(source => source.Verdict == Verdict.Selected) == 2 ? list : null,
            "two sources are selected");
        await suite.SettleAsync(Time.Duration.FromNanoseconds(200_000), TimeSpan.FromSeconds(2));
        sources = await suite.SourcesAsync();

        stage.Require(sources.Count(source => source.Verdict == Verdict.Selected && source.ReferenceId == 0x7F7F_0101) == 2, $"both chronyds are selected: {sources}");
        var third = sources.Single(source => source.ReferenceId != 0x7F7F_0101);
        stage.Require(third.Verdict == Verdict.Falseticker, $"the liar is a falseticker: {third}");
        stage.Require(third.EstimatedOffset.Seconds is 0 or 1 && third.Reason.Contains("off by", StringComparison.Ordinal), $"it is said by how much: {third}");
        stage.Require(third.Weight == 0, $"it has no weight: {third}");
    }
}
