using Xunit.Abstractions;

namespace TimeSuite.Interop.Tests;

/// <summary>RFC 1305's version is still spoken, by us to others and by others to us.</summary>
public sealed class VersionThreeTests(ITestOutputHelper report) : ClientOfChronyTests(report)
{
    [Fact]
    public async Task Our_client_speaks_it_to_chronyd() => await SynchronizesAsync("127.0.0.1", "version = 3");

    [Fact]
    public async Task Our_server_speaks_it_to_chronyd()
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        using var server = await Suite.ServeAsync(stage, "server", "250ms", port);
        var chronyd = Chronyd.Follow(stage, $"127.0.0.1 port {port} version 3 iburst minpoll -2 maxpoll -2");

        var report = await stage.UntilAsync(async () => NtpData.From(await chronyd.AskAsync("ntpdata", "127.0.0.1")) is { Good: >= 4 } data ? data : null, "chronyd has four good replies");

        Assert.Equal(3, report.Version);
        Assert.Equal(1, report.Stratum);
    }
}
