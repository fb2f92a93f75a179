using TimeSuite.System.Tests.Suite;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests.Net;

/// <summary>ntpd is up before the network is.</summary>
public sealed class NetworkDownAtStartTests(ITestOutputHelper output) : IDisposable
{
    private readonly CabledScene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [RootFact]
    public async Task Without_a_network_it_is_quiet_and_says_why_and_with_one_it_is_synchronised_soon()
    {
        await _scene.StartClientAsync($"server = \"{Cable.Ip(1)}\"\niburst = true");
        await _scene.IsQuietForAsync(TimeSpan.FromSeconds(5));
        string status = await _scene.TimectlAsync("status");
        Assert.Contains($"{Cable.Ip(1)} cannot be asked: no route", status, StringComparison.Ordinal);
        Assert.False((await _scene.Client.TrackingAsync())!.Synchronized);

        _scene.Cable.PlugIn();
        var took = await _scene.Client.IsSynchronizedAsync(TimeSpan.FromSeconds(15));
        _scene.Say($"synchronised after {took.TotalSeconds:F1} s");
        Assert.DoesNotContain("cannot be asked", await _scene.TimectlAsync("status"), StringComparison.Ordinal);
    }

    [RootFact]
    public async Task A_name_that_cannot_be_resolved_yet_is_why_too()
    {
        await _scene.StartClientAsync("server = \"time.example\"\niburst = true");
        await Wait.UntilAsync(
            async () => (await _scene.Client.TrackingAsync())!.Explanation.Contains("time.example: the name does not resolve", StringComparison.Ordinal),
            TimeSpan.FromSeconds(10), "the status names the name");
    }
}
