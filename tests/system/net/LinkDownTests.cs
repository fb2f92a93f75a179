using TimeSuite.Linux;
using TimeSuite.System.Tests.Suite;
using TimeSuite.Time;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests.Net;

/// <summary>The client's interface goes down for twelve polls and comes up again.</summary>
public sealed class LinkDownTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    private readonly CabledScene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [RootFact]
    public async Task Meanwhile_it_is_quiet_and_its_bound_grows_and_holds_and_afterwards_it_goes_on_at_once()
    {
        _scene.Cable.PlugIn();
        await _scene.StartClientAsync($"server = \"{Cable.Ip(1)}\"\niburst = true\nmin-poll = 0\nmax-poll = 0");
        await _scene.FollowsAsync(s_limit);
        await Wait.UntilAsync(async () => (await _scene.SourceAsync()).Received >= 8, s_limit, "it has been asked a few times");

        _scene.Cable.AtClient("link set eth down");
        var honesty = TrueError.OverAsync(_scene.Client, _scene.Server, TimeSpan.FromSeconds(12));
        await Task.Delay(1_000);
        var early = Bound();
        await _scene.IsQuietForAsync(TimeSpan.FromSeconds(9));
        var late = Bound();
        _scene.Say($"the bound was {early}, then {late}");
        Assert.True(late > early, $"from {early} to {late}");
        var error = await honesty;
        _scene.Say($"the true error was {error.Largest} at most; {error.Outside} of {error.Readings} readings outside of the bound");
        Assert.Equal(0, error.Outside);
        Assert.True(error.Readings > 100);
        await Wait.UntilAsync(async () => (await _scene.SourceAsync()).Reach == 0, s_limit, "nothing has been heard for eight polls");
        Assert.Contains("cannot be asked: no route", (await _scene.SourceAsync()).Reason, StringComparison.Ordinal);

        _scene.Cable.AtClient("link set eth up");
        await _scene.FollowsAsync(s_limit);
        Assert.Equal(0, (await TrueError.OverAsync(_scene.Client, _scene.Server, TimeSpan.FromSeconds(1))).Outside);
    }

    private Duration Bound()
    {
        Assert.True(_scene.Client.Page.TryRead(out var page));
        return page.BoundAt(Clocks.Raw());
    }
}
