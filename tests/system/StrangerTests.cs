using System.Net.Sockets;
using TimeSuite.System.Tests.Suite;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests;

/// <summary>Who a daemon does not know gets nothing from its sockets, not one frame.</summary>
public sealed class StrangerTests(ITestOutputHelper output) : IDisposable
{
    private const int Patience = 5_000; // ms

    private readonly Scene _scene = new(output);

    /// <summary>The preface of RFC 9113 section 3.4 and an empty SETTINGS frame: whoever speaks HTTP/2 answers this.</summary>
    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"u8;

    public void Dispose() => _scene.Dispose();

    [RootFact]
    public async Task A_user_who_is_not_admitted_is_closed_out_without_a_frame()
    {
        var station = _scene.Add("station", "");
        station.StartClockd();
        await station.ClockdIsUpAsync();

        Assert.True(OwnThread.Run(asNobody: false, () => Ask(station.ClockdSocket)) > 0, "who is admitted gets frames");
        Assert.Equal(0, OwnThread.Run(asNobody: true, () => Ask(station.ClockdSocket)));
        await Wait.UntilAsync(() => station.LogOf("clockd").Contains($"refused connection of uid {Native.Nobody} ", StringComparison.Ordinal), TimeSpan.FromSeconds(5), "the log names the stranger");
        Assert.Contains(await station.TrailAsync(), happened => happened.Who.StartsWith($"uid {Native.Nobody} ", StringComparison.Ordinal));
    }

    /// <summary>Above all the keys of the cookies: they are ntpd's, and no other user's.</summary>
    [RootFact]
    public async Task Neither_the_keys_nor_the_control_of_a_daemon_are_for_another_user()
    {
        var station = _scene.Add("station", "");
        station.Start();
        station.StartNtskeyd();
        string[] closed = ["ntskeyd/keys.sock", "ntskeyd/ntskeyd.sock", "ntpd/ntpd.sock"], open = ["ntskeyd/status.sock", "ntpd/status.sock"];
        foreach (string path in closed.Concat(open).Select(name => Path.Combine(station.Runtime, name)))
        {
            await Wait.UntilAsync(() => File.Exists(path) && OwnThread.Run(asNobody: false, () => Ask(path)) > 0, TimeSpan.FromSeconds(30), $"{path} answers who is admitted");
            Assert.True(OwnThread.Run(asNobody: true, () => Ask(path)) > 0 == open.Any(name => path.EndsWith(name, StringComparison.Ordinal)), path);
        }
    }

    private static int Ask(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = Patience };
        byte[] answer = new byte[256];
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            socket.Send(Preface);
            return socket.Receive(answer);
        }
        catch (SocketException refused) when (refused.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionRefused or SocketError.Shutdown or SocketError.AccessDenied)
        {
            return 0;
        }
    }
}
