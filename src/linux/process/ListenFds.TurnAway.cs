using System.Runtime.InteropServices;
using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <content>What becomes of those who wait at sockets of a daemon that will not run.</content>
public sealed partial class ListenFds
{
    private const int Later = 0x80800, NoWait = 0x40; // SOCK_CLOEXEC | SOCK_NONBLOCK, MSG_DONTWAIT

    private readonly bool _wereAny;

    /// <summary>
    /// Turns away whoever comes to the sockets that nobody has taken. Else the service manager, which sees that somebody waits, would start this program again at once and for ever, or, by its limit, not any more when the
    /// administrator says so; as it is, it is started once for each who comes, and not more often than this takes.
    /// </summary>
    /// <param name="length">How long. Without sockets it returns at once.</param>
    public void TurnAway(Duration length)
    {
        if (!_wereAny)
        {
            return;
        }

        var sockets = _left.ConvertAll(entry => new Descriptor(entry.Fd));
        _left.Clear();
        using var waiting = new PollSet();
        for (int i = 0; i < sockets.Count; i++)
        {
            waiting.Add(sockets[i], i);
        }

        Span<PollEvent> events = stackalloc PollEvent[16];
        for (var end = Clocks.Boot() + length; end - Clocks.Boot() is { Sign: > 0 } left;)
        {
            int count = waiting.Wait(left, events);
            foreach (var happened in events[..count])
            {
                TurnAway(sockets[(int)happened.Token]);
            }
        }

        sockets.ForEach(socket => socket.Dispose());
    }

    private static void TurnAway(Descriptor socket)
    {
        int connection = Accept(socket, 0, 0, Later);
        if (connection >= 0)
        {
            new Descriptor(connection).Dispose();
        }
        else
        {
            byte first = 0;
            _ = Receive(socket, ref first, 1, NoWait); // of datagrams
        }
    }

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int Accept(Descriptor socket, nint address, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(Descriptor socket, ref byte octets, nuint length, int flags);
}
