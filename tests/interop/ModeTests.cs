using System.Net;
using System.Net.Sockets;

namespace TimeSuite.Interop.Tests;

/// <summary>Whatever a stranger's first octet, we answer when chronyd does, and with the same version and mode.</summary>
public sealed class ModeTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Every_version_and_mode_is_answered_as_chronyd_answers_it()
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        using var server = await Suite.ServeAsync(stage, "server", "0s", port);
        var chronyd = Chronyd.Serve(stage);
        await stage.UntilAsync(async () => (await AskAsync(chronyd.Port))[4 << 3 | 3] is { } answer ? answer : null, "chronyd answers");

        var (theirs, ours) = (await AskAsync(chronyd.Port), await AskAsync(port));

        Assert.Equal(theirs, ours);
        Assert.Contains(ours.Values, answer => answer == "version 3, mode 2"); // a symmetric peer of a version that Windows speaks
    }

    /// <summary>Asks in each of versions 1 to 4 and modes 0 to 5 (6 and 7 are another protocol), each from a port of its own.</summary>
    /// <returns>By first octet: what the answer was; null: there was none.</returns>
    private static async Task<SortedDictionary<int, string?>> AskAsync(int port)
    {
        var sockets = new Dictionary<int, Socket>();
        var answers = new SortedDictionary<int, string?>();
        byte[] request = new byte[48], reply = new byte[200];
        request[47] = 1;
        foreach (int first in from version in Enumerable.Range(1, 4) from mode in Enumerable.Range(0, 6) select version << 3 | mode)
        {
            var socket = sockets[first] = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
            request[0] = (byte)first;
            socket.Send(request);
        }

        await Task.Delay(s_patience); // for silence there is no event
        foreach (var (first, socket) in sockets)
        {
            answers[first] = socket.Available == 0 ? null : Read(socket.Receive(reply), reply);
            socket.Dispose();
        }

        return answers;
    }

    private static string Read(int length, byte[] reply) =>
        length == 48 ? FormattableString.Invariant($"version {reply[0] >> 3 & 7}, mode {reply[0] & 7}") : FormattableString.Invariant($"{length} octets");
}
