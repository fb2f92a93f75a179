using System.Globalization;
using TimeSuite.System.Tests.Suite;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests;

/// <summary>ntpd serves on a socket that systemd has opened, without a right to any port.</summary>
public sealed class SocketActivationTests(ITestOutputHelper output) : IDisposable
{
    private readonly Scene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_socket_that_was_handed_over_is_served_by_all_threads_in_place_of_the_configured_ones()
    {
        int port = Scene.FreePort();
        var server = _scene.Add("server", "[serve]\nlisten = [\"192.0.2.1:123\"]\nthreads = 2\n[local]\nstratum = 1\n");
        server.StartClockd();
        await server.ClockdIsUpAsync();
        server.Enter = ["systemd-socket-activate", "--datagram", "--fdname=ntp", "--listen=127.0.0.1:" + port.ToString(CultureInfo.InvariantCulture)];
        server.StartNtpd(); // when the first request comes

        var client = _scene.Add("client", Scene.Source(port), "--shadow-offset", "50ms");
        client.Start();

        await client.IsSynchronizedAsync(TimeSpan.FromSeconds(30));
        Assert.Contains($"Serving time on 127.0.0.1:{port}", server.LogOf("ntpd"), StringComparison.Ordinal);
        Assert.DoesNotContain("Cannot serve", server.LogOf("ntpd"), StringComparison.Ordinal);
    }
}
