using System.Net;
using System.Net.Sockets;
using TimeSuite.System.Tests.Suite;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests;

/// <summary>Serving is for threads of its own: as many as there are processors, whatever else the daemon is kept busy with, and without a say in its own sources.</summary>
[Collection(Alone.Name)]
public sealed class ServingTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly Scene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task There_is_a_thread_for_each_processor_unless_the_configuration_says_otherwise()
    {
        var station = _scene.Add("server", $"[serve]\nlisten = [\"127.0.0.1:{Scene.FreePort()}\"]\n[local]\nstratum = 1\n");
        station.Start();

        await Wait.UntilAsync(() => Task.FromResult(NamesOfThreads(station.Ntpd.Pid).Count(name => name.StartsWith("serve-", StringComparison.Ordinal)) == Environment.ProcessorCount),
            s_limit, $"{Environment.ProcessorCount} threads serve");
    }

    [Fact]
    public async Task Neither_a_flood_of_calls_nor_of_requests_keeps_the_other_waiting()
    {
        int port = Scene.FreePort();
        var station = _scene.Add("server", $"[serve]\nlisten = [\"127.0.0.1:{port}\"]\nthreads = 1\n[local]\nstratum = 1\n");
        station.Start();
        await station.IsSteeredAsync(s_limit);
        using var enough = new CancellationTokenSource();
        var calls = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            int answered = 0;
            while (!enough.IsCancellationRequested)
            {
                answered += await station.SourcesAsync() is null ? 0 : 1;
            }

            return answered;
        })).ToArray();
        using var client = Connected(port);
        byte[] request = new byte[48], reply = new byte[64];
        request[0] = 0x23;
        int heard = 0;
        for (int asked = 0; asked < 2_000; asked++)
        {
            client.Send(request);
            heard += client.Poll(s_limit, SelectMode.SelectRead) && client.Receive(reply) == 48 ? 1 : 0;
        }

        await enough.CancelAsync();
        int described = (await Task.WhenAll(calls)).Sum();

        _scene.Say($"{heard} requests and {described} calls answered");
        Assert.Equal(2_000, heard);
        Assert.True(described >= 4, $"{described} calls answered");
    }

    [Fact]
    public async Task A_server_that_answers_hardly_anybody_takes_all_that_its_own_source_says()
    {
        _scene.AddReference(out int port);
        int own = Scene.FreePort();
        var station = _scene.Add("server", $"{Scene.Source(port)}[serve]\nlisten = [\"127.0.0.1:{own}\"]\ndeny = [\"all\"]\n[rate-limit]\ninterval = \"4096 s\"\nburst = 1\nleak = 0\n");
        station.Start();
        await station.IsSynchronizedAsync(s_limit);
        using var client = Connected(own);
        client.Send(new byte[48]);

        await Wait.UntilAsync(async () => await station.SourcesAsync() is [{ Received: >= 10 } source] && source.Received >= source.Sent - 1, s_limit, "ten replies, and hardly a request without one");
    }

    private static Socket Connected(int port)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        client.Connect(new IPEndPoint(IPAddress.Loopback, port));
        return client;
    }

    private static IEnumerable<string> NamesOfThreads(int process) =>
        Directory.GetDirectories($"/proc/{process}/task").Select(thread =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(thread, "comm"));
            }
            catch (IOException)
            {
                return ""; // it has ended meanwhile
            }
        });
}
