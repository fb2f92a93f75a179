using System.Net;
using System.Net.Sockets;
using TimeSuite.System.Tests.Suite;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests;

/// <summary>What an ntpd that serves takes, where no other one shares its code: once it has started, and again after it was asked and told things.</summary>
[Collection(Alone.Name)]
public sealed class MemoryTests(ITestOutputHelper output) : IDisposable
{
    private const long Most = 24L << 20;

    private readonly Scene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_server_under_load_takes_no_more_than_24_MiB()
    {
        int port = Scene.FreePort();
        var station = _scene.Add("server", $"[serve]\nlisten = [\"127.0.0.1:{port}\"]\nthreads = 2\n[rate-limit]\n[local]\nstratum = 1\n");
        station.Start();
        await station.IsSteeredAsync(TimeSpan.FromSeconds(20));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        client.Connect(new IPEndPoint(IPAddress.Loopback, port));
        byte[] request = new byte[48];
        request[0] = 0x23;

        await Wait.UntilAsync(
            () =>
            {
                for (int count = 0; count < 1_000; count++)
                {
                    client.Send(request);
                }

                return Task.FromResult(station.Ntpd.Pss <= Most);
            },
            TimeSpan.FromSeconds(20), "what the start took is given back");
        var (code, _, errors) = await station.TimectlAsync("reload");
        Assert.True(code == 0, errors);

        _scene.Say($"Pss {station.Ntpd.Pss >> 10} KiB after a reload");
        Assert.InRange(station.Ntpd.Pss, 1L << 20, Most);
    }
}
