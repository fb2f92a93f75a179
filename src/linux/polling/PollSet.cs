using System.Runtime.InteropServices;
using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>Waits with poll(2): for a few descriptors that are busy.</summary>
/// <remarks>
/// A socket in an epoll set pays for it with each packet that comes or has left, whether anybody waits or not; here it is watched only while the thread waits. On a
/// busy server that is a twentieth of all that a reply costs. <see cref="Poller"/> is better for many descriptors, and for those that threads share.
/// </remarks>
public sealed partial class PollSet : IReadinessWait
{
    private const int EventfdFlags = 0x80800; // EFD_CLOEXEC | EFD_NONBLOCK
    private const short PollIn = 0x1, PollErrors = 0x8 | 0x10 | 0x20; // POLLERR, POLLHUP, POLLNVAL

    private readonly Descriptor _wake = Descriptor.FromCall(Eventfd(0, EventfdFlags), "eventfd");
    private readonly List<long> _tokens = [];
    private Watched[] _watched = [];
    private int _next; // where the next look begins, so that none is kept waiting by those before it

    /// <summary>Watches nothing yet.</summary>
    public PollSet() => Add(_wake, long.MinValue);

    /// <inheritdoc/>
    public void Add(Descriptor descriptor, long token, bool isShared = false)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        _watched = [.. _watched, new Watched { fd = descriptor.Number, events = PollIn }];
        _tokens.Add(token);
    }

    /// <inheritdoc/>
    public int Wait(Duration? timeout, Span<PollEvent> events)
    {
        int ready = Poll(ref MemoryMarshal.GetArrayDataReference(_watched), (nuint)_watched.Length, Poller.Milliseconds(timeout));
        if (ready < 0)
        {
            return Errno.Last == Errno.EINTR ? 0 : throw Errno.Failure("poll");
        }

        int count = 0, index = _next;
        for (int looked = 0; looked < _watched.Length && ready > 0 && count < events.Length; looked++, index++)
        {
            index %= _watched.Length;
            short found = _watched[index].revents;
            if (found == 0)
            {
                continue;
            }

            ready--;
            if (index == 0)
            {
                ulong calls = 0;
                _ = Read(_wake, ref calls, sizeof(ulong));
                continue;
            }

            var readiness = ((found & PollIn) != 0 ? PollReadiness.Readable : 0) | ((found & PollErrors) != 0 ? PollReadiness.Error : 0);
            events[count++] = new(_tokens[index], readiness);
        }

        _next = index;
        return count;
    }

    /// <inheritdoc/>
    public void Wake()
    {
        ulong one = 1;
        _ = Write(_wake, in one, sizeof(ulong)); // fails only when 2^64 - 2 calls wait already
    }

    /// <inheritdoc/>
    public void Dispose() => _wake.Dispose();

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref Watched watched, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int Eventfd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(Descriptor descriptor, ref ulong value, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(Descriptor descriptor, in ulong value, nuint length);

    /// <summary>struct pollfd.</summary>
    private struct Watched
    {
        public int fd;
        public short events, revents;
    }
}
