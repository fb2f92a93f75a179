using TimeSuite.Rpc.Ntp.V1;
using TimeSuite.System.Tests.Suite;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests.Net;

/// <summary>The server's ntpd is gone and its machine answers each request with "port unreachable" (ICMP).</summary>
public sealed class PortClosedTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    private readonly CabledScene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [RootFact]
    public async Task The_source_stays_and_says_why_and_works_again_when_the_server_is_back()
    {
        _scene.Cable.PlugIn();
        await _scene.StartClientAsync($"server = \"{Cable.Ip(1)}\"\nmin-poll = -4\nmax-poll = -4");
        await _scene.FollowsAsync(s_limit);

        _scene.Server.Ntpd.Kill();
        await Wait.UntilAsync(async () => (await _scene.SourceAsync()) is { Reach: 0, Verdict: Verdict.Unreachable }, s_limit, "it is unreachable");
        ulong sent = (await _scene.SourceAsync()).Sent;
        await _scene.IsQuietForAsync(TimeSpan.FromSeconds(4));
        var source = await _scene.SourceAsync();
        Assert.InRange(source.Sent - sent, 20UL, 120UL); // 16 a second, with errors or without
        Assert.Equal(Cable.Ip(1), source.Address);
        Assert.Contains("nobody listens on that port (ICMP)", await _scene.TimectlAsync("selection"), StringComparison.Ordinal);
        Assert.Contains("nobody listens on that port (ICMP)", await _scene.TimectlAsync("status"), StringComparison.Ordinal);

        _scene.Server.StartNtpd();
        await _scene.FollowsAsync(s_limit);
        Assert.DoesNotContain("ICMP", await _scene.TimectlAsync("selection"), StringComparison.Ordinal);
    }
}
