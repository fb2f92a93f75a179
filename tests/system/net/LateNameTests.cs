using TimeSuite.System.Tests.Suite;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests.Net;

/// <summary>A name that does not resolve when ntpd starts, and later does. It is tried again 2, 6, 14 and 30 s after the start.</summary>
public sealed class LateNameTests(ITestOutputHelper output) : IDisposable
{
    private const string Name = "time.example";

    private readonly CabledScene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [RootFact]
    public async Task It_is_found_when_it_is_tried_again()
    {
        _scene.Cable.PlugIn();
        await StartAsync();
        await Task.Delay(2_500); // it is tried a second time and fails again
        _scene.Names.Mean($"{Cable.Ip(1)} {Name}");
        await _scene.FollowsAsync(TimeSpan.FromSeconds(15), Cable.Ip(1));
    }

    [RootFact]
    public async Task It_is_found_at_once_when_the_network_changes()
    {
        await StartAsync();
        await Task.Delay(6_500); // the next try is far away
        _scene.Names.Mean($"{Cable.Ip(1)} {Name}");
        _scene.Cable.PlugIn();
        await Wait.UntilAsync(async () => (await _scene.SourceAsync()).Address == Cable.Ip(1), TimeSpan.FromSeconds(5), "it is looked up");
        await _scene.FollowsAsync(TimeSpan.FromSeconds(10), Cable.Ip(1));
    }

    private async Task StartAsync()
    {
        await _scene.StartClientAsync($"server = \"{Name}\"\niburst = true\nmin-poll = 0\nmax-poll = 6");
        await Wait.UntilAsync(async () => (await _scene.SourceAsync()).Reason == "the name does not resolve", TimeSpan.FromSeconds(10), "it says that it knows no such name");
    }
}
