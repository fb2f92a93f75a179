using System.Buffers.Binary;
using System.Runtime.InteropServices;
using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>Waits for many descriptors at once, level-triggered, for one thread. See epoll(7).</summary>
/// <remarks>Only <see cref="Wake"/> may be called from other threads. Nothing is allocated per wait.</remarks>
public sealed partial class Poller : IReadinessWait
{
    private const int EpollCloexec = 0x80000, CtlAdd = 1, CtlDelete = 2, CtlChange = 3;
    private const uint EpollExclusive = 1U << 28;
    private const int EventfdFlags = 0x80800; // EFD_CLOEXEC | EFD_NONBLOCK
    private const long WakeToken = long.MinValue;
    private const int MaxBatch = 64;

    // struct epoll_event is packed on x86-64 and naturally aligned elsewhere.
    private static readonly bool IsPacked = RuntimeInformation.ProcessArchitecture == Architecture.X64;
    private static readonly int EventSize = IsPacked ? 12 : 16;
    private static readonly int TokenOffset = IsPacked ? 4 : 8;

    private readonly Descriptor _epoll = Descriptor.FromCall(EpollCreate(EpollCloexec), "epoll_create1");
    private readonly Descriptor _wake = Descriptor.FromCall(Eventfd(0, EventfdFlags), "eventfd");

    /// <summary>Watches nothing yet.</summary>
    public Poller() => Add(_wake, WakeToken);

    /// <summary>Begins to watch for input and errors.</summary>
    /// <param name="descriptor">Whoever owns it removes it before closing it.</param>
    /// <param name="token">Comes back in each <see cref="PollEvent"/>; any number but <see cref="long.MinValue"/>.</param>
    /// <param name="isShared">Other pollers watch it too: one of them is woken, not all.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">Added already, or a plain file.</exception>
    public void Add(Descriptor descriptor, long token, bool isShared = false) => Control(CtlAdd, descriptor, token, (uint)PollReadiness.Readable | (isShared ? EpollExclusive : 0));

    /// <summary>Watches for input and errors, or for errors alone.</summary>
    /// <param name="descriptor">That was added, and not as a shared one.</param>
    /// <param name="token">As it was added with.</param>
    /// <param name="forInput">Whether input is an event.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">It was not watched.</exception>
    public void Change(Descriptor descriptor, long token, bool forInput) => Control(CtlChange, descriptor, token, forInput ? (uint)PollReadiness.Readable : 0);

    /// <summary>Stops watching.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It was not watched.</exception>
    public void Remove(Descriptor descriptor)
    {
        byte unused = 0;
        Errno.Check(EpollCtl(_epoll, CtlDelete, descriptor, in unused), "epoll_ctl");
    }

    /// <summary>Waits until something is ready, <see cref="Wake"/> is called, or the time is over.</summary>
    /// <param name="timeout">Rounded up to a millisecond; not above zero does not wait, null waits for ever.</param>
    /// <param name="events">Filled from the start; what does not fit comes with the next call.</param>
    /// <returns>How many events. Zero at the timeout, at a wake-up, and now and then for no reason.</returns>
    public int Wait(Duration? timeout, Span<PollEvent> events)
    {
        Span<byte> raw = stackalloc byte[(MaxBatch + 1) * 16]; // one more for the wake-up
        int room = Math.Min(events.Length, MaxBatch) + 1;
        int ready = EpollWait(_epoll, ref MemoryMarshal.GetReference(raw), room, Milliseconds(timeout));
        if (ready < 0)
        {
            return Errno.Last == Errno.EINTR ? 0 : throw Errno.Failure("epoll_wait");
        }

        int count = 0;
        for (int index = 0; index < ready; index++)
        {
            var one = raw.Slice(index * EventSize, EventSize);
            long token = BinaryPrimitives.ReadInt64LittleEndian(one[TokenOffset..]);
            if (token == WakeToken)
            {
                ulong calls = 0;
                _ = Read(_wake, ref calls, sizeof(ulong));
            }
            else if (count < events.Length)
            {
                events[count++] = new(token, (PollReadiness)BinaryPrimitives.ReadUInt32LittleEndian(one));
            }
        }

        return count;
    }

    /// <summary>Ends the wait that is going on, or the next one. From any thread.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = Write(_wake, in one, sizeof(ulong)); // fails only when 2^64 - 2 calls wait already
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _epoll.Dispose();
        _wake.Dispose();
    }

    private void Control(int operation, Descriptor descriptor, long token, uint events)
    {
        Span<byte> request = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(request, events);
        BinaryPrimitives.WriteInt64LittleEndian(request[TokenOffset..], token);
        Errno.Check(EpollCtl(_epoll, operation, descriptor, in MemoryMarshal.GetReference(request)), "epoll_ctl");
    }

    internal static int Milliseconds(Duration? timeout)
    {
        if (timeout is not { } wait)
        {
            return -1;
        }

        if (wait.Sign <= 0)
        {
            return 0;
        }

        if (wait.WholeSeconds >= int.MaxValue / 1000)
        {
            return int.MaxValue;
        }

        return (int)((wait.WholeSeconds * 1000) + ((wait.NanosecondOfSecond + 999_999) / 1_000_000));
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollCtl(Descriptor epoll, int operation, Descriptor descriptor, in byte request);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int EpollWait(Descriptor epoll, ref byte events, int room, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int Eventfd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(Descriptor descriptor, ref ulong value, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(Descriptor descriptor, in ulong value, nuint length);
}
