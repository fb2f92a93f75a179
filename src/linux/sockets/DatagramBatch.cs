using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>struct mmsghdr on a 64-bit machine, 64 octets. See recvmmsg(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BatchedMessage
{
    public MessageHeader Header;
    public uint Length;
    private readonly uint _padding;
}

/// <summary>Datagrams by the handful: what one recvmmsg(2) takes in and one sendmmsg(2) answers. Its memory is its own, never moves and never grows.</summary>
/// <remarks>
/// <see cref="Receive"/>, then for each datagram that deserves it write <see cref="Reply"/> and call <see cref="Answer"/>, then <see cref="Send"/>.
/// A reply goes back where its request came from, from the address that was asked. For one thread.
/// </remarks>
public sealed unsafe partial class DatagramBatch : IDisposable
{
    /// <summary>Octets of a datagram that fit; what is longer is no NTP request.</summary>
    public const int Room = 1536;

    // Not a power of two: equal places of neighbours are to lie in different sets of the processor's cache.
    private const int Stride = Room + 64, NameSize = 32, ControlRoom = 256, ControlSize = ControlRoom + 64; // what we add to the kernel's messages fits too

    private readonly byte* _memory;
    private readonly BatchedMessage* _received, _replies;
    private readonly IoVector* _vectors;
    private readonly byte* _names, _controls, _requests, _answers;
    private readonly Extra[] _extras;
    private int _used, _queued;

    /// <param name="capacity">Datagrams at once, 1 to 1024.</param>
    public DatagramBatch(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1024);
        Capacity = capacity;
        _extras = new Extra[capacity];
        int headers = capacity * sizeof(BatchedMessage), vectors = capacity * 2 * sizeof(IoVector);
        int size = (headers * 2) + vectors + (capacity * (NameSize + ControlSize + (Stride * 2)));
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)size, 64);
        new Span<byte>(_memory, (headers * 2) + vectors).Clear(); // the rest is the kernel's to fill, and costs no memory before
        _received = (BatchedMessage*)_memory;
        _replies = (BatchedMessage*)(_memory + headers);
        _vectors = (IoVector*)(_memory + (headers * 2));
        _names = (byte*)_vectors + vectors;
        _controls = _names + (capacity * NameSize);
        _requests = _controls + (capacity * ControlSize);
        _answers = _requests + (capacity * Stride);
        for (int slot = 0; slot < capacity; slot++)
        {
            _vectors[slot] = new() { iov_base = _requests + (slot * Stride), iov_len = Room };
            ref var header = ref _received[slot].Header;
            header.msg_name = _names + (slot * NameSize);
            header.msg_iov = _vectors + slot;
            header.msg_iovlen = 1;
            header.msg_control = _controls + (slot * ControlSize);
        }

        _used = capacity;
    }

    public int Capacity { get; }

    /// <summary>Takes what waits in the socket, as much as there is room for. Replies that were not sent are forgotten.</summary>
    /// <returns>How many datagrams came; 0: none wait.</returns>
    public int Receive(UdpSocket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        for (int slot = 0; slot < _used; slot++)
        {
            ref var header = ref _received[slot].Header;
            (header.msg_namelen, header.msg_controllen) = (NameSize, ControlRoom);
        }

        _queued = 0;
        int count = Recvmmsg(socket.Descriptor.Number, _received, (uint)Capacity, UdpSocket.MsgDontwait, null);
        if (count < 0)
        {
            ThrowIfOurs("recvmmsg"); // what the network did to an earlier datagram is of no interest here
            _used = 0;
            return 0;
        }

        for (int slot = 0; slot < count; slot++)
        {
            ReadControl(slot, ref _extras[slot]);
        }

        _used = count;
        return count;
    }

    /// <summary>A datagram that <see cref="Receive"/> brought; cut off after <see cref="Room"/> octets.</summary>
    public ReadOnlySpan<byte> Request(int slot) => new(_requests + (Checked(slot) * Stride), (int)_received[slot].Length);

    /// <summary>Whether the datagram was longer than there was room.</summary>
    public bool IsTruncated(int slot) => (_received[Checked(slot)].Header.msg_flags & UdpSocket.MsgTrunc) != 0;

    /// <summary>Whether the datagram was sent to a broadcast or multicast address: then each socket of the port has it. Only sockets of all addresses know.</summary>
    public bool IsToMany(int slot)
    {
        var extra = _extras[Checked(slot)];
        if (extra.Pktinfo == null)
        {
            return false;
        }

        byte* content = extra.Pktinfo + ControlMessages.HeaderSize;
        return extra.IsIpv6 ? content[0] == 0xFF : *(uint*)(content + 4) != *(uint*)(content + 8); // the address to answer from, and the one that was asked
    }

    /// <summary>When it came.</summary>
    public KernelStamp Stamp(int slot) => _extras[Checked(slot)].Stamp;

    /// <summary>When it came by the clock of the interface, where the socket asks for that.</summary>
    public HardwareStamp Hardware(int slot)
    {
        var extra = _extras[Checked(slot)];
        byte* content = extra.Pktinfo + ControlMessages.HeaderSize;
        return new(extra.Hardware, extra.StampedBy != 0 || extra.Pktinfo == null ? extra.StampedBy : *(int*)(content + (extra.IsIpv6 ? 16 : 0)));
    }

    /// <summary>Who sent it.</summary>
    public DatagramAddress Source(int slot) =>
        DatagramAddress.FromSockaddr(new(_names + (Checked(slot) * NameSize), (int)Math.Min(_received[slot].Header.msg_namelen, NameSize)));

    /// <summary>The local address it was sent to, port 0; <c>default</c> where the socket has one address only.</summary>
    public DatagramAddress LocalAddress(int slot)
    {
        var extra = _extras[Checked(slot)];
        byte* content = extra.Pktinfo + ControlMessages.HeaderSize;
        return extra.Pktinfo == null ? default
            : extra.IsIpv6 ? DatagramAddress.FromIpv6(new(content, 16), 0, 0)
            : DatagramAddress.FromIpv4(new(content + 4, 4), 0);
    }

    /// <summary>Where the reply to a datagram is to be written.</summary>
    public Span<byte> Reply(int slot) => new(_answers + (Checked(slot) * Stride), Room);

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_memory);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Checked(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)_used, nameof(slot));
        return slot;
    }

    /// <summary>Whatever a network can do to a datagram is no reason to stop serving; these are bugs.</summary>
    private static void ThrowIfOurs(string call)
    {
        if (Errno.Last is Errno.EBADF or Errno.EFAULT or Errno.ENOTSOCK)
        {
            throw Errno.Failure(call);
        }
    }

    private void ReadControl(int slot, ref Extra extra)
    {
        extra = default;
        byte* control = _controls + (slot * ControlSize);
        byte* end = control + Math.Min((int)_received[slot].Header.msg_controllen, ControlRoom);
        while (end - control >= ControlMessages.HeaderSize)
        {
            long length = *(long*)control;
            if (length < ControlMessages.HeaderSize || length > end - control)
            {
                return;
            }

            int level = *(int*)(control + 8), type = *(int*)(control + 12);
            long content = length - ControlMessages.HeaderSize;
            if (level == UdpSocket.SolSocket && type == UdpSocket.SoTimestamping && content >= sizeof(TimeSpec))
            {
                extra.Stamp = KernelStamp.From(*(TimeSpec*)(control + ControlMessages.HeaderSize));
                extra.Hardware = content >= UdpSocket.HardwareAt + sizeof(TimeSpec)
                    ? HardwareStamp.From(*(TimeSpec*)(control + ControlMessages.HeaderSize + UdpSocket.HardwareAt), 0).Nanoseconds : 0;
            }
            else if (level == UdpSocket.SolSocket && type == UdpSocket.ScmTimestampingPktinfo && content >= sizeof(int))
            {
                extra.StampedBy = *(int*)(control + ControlMessages.HeaderSize);
            }
            else if ((level == UdpSocket.SolIp && type == UdpSocket.IpPktinfo && content >= UdpSocket.Ipv4PktinfoSize)
                || (level == UdpSocket.SolIpv6 && type == UdpSocket.Ipv6Pktinfo && content >= UdpSocket.Ipv6PktinfoSize))
            {
                extra.Pktinfo = control;
                extra.IsIpv6 = level == UdpSocket.SolIpv6;
                if (!extra.IsIpv6 && *(uint*)(control + ControlMessages.HeaderSize + 4) == 0)
                {
                    // It came before we asked for this, to a socket that was handed over, and the kernel has not looked up the address to answer from.
                    *(uint*)(control + ControlMessages.HeaderSize + 4) = *(uint*)(control + ControlMessages.HeaderSize + 8);
                }
            }

            control += (length + 7) & ~7L;
        }
    }

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    private static partial int Recvmmsg(int socket, BatchedMessage* messages, uint count, int flags, TimeSpec* timeout);

    /// <summary>What the kernel told of a datagram.</summary>
    private struct Extra
    {
        public KernelStamp Stamp;
        public long Hardware; // nanoseconds
        public int StampedBy; // an interface
        public byte* Pktinfo; // the control message, in the slot's buffer
        public bool IsIpv6;
    }
}
