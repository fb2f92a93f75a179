using System.Runtime.InteropServices;
using TimeSuite.Time;

namespace TimeSuite.Linux;

public sealed partial class UdpSocket
{
    internal const int MsgTrunc = 0x20, MsgDontwait = 0x40;
    private const int MsgErrqueue = 0x2000;
    private const int ControlSize = 256; // stamps 64, packet info 40, extended error 64, and room to spare
    internal const int ScmTimestampingPktinfo = 58, HardwareAt = 2 * 16; // scm_timestamping: software, legacy, hardware
    private const int ScmTimestamping = SoTimestamping, TimeSpecSize = 16;

    // struct in_pktinfo: interface, address to answer from, address in the header. struct in6_pktinfo: address, interface.
    internal const int Ipv4PktinfoSize = 12, Ipv6PktinfoSize = 20;

    // struct sock_extended_err: errno 0, origin 4, type 5, code 6, pad 7, info 8, data 12.
    private const int ExtendedErrorSize = 16, OriginOffset = 4, KindOffset = 8, DataOffset = 12;
    private const byte OriginTimestamping = 4;
    private const uint KindSent = 0; // SCM_TSTAMP_SND: handed to the driver

    /// <summary>Takes one datagram from the queue.</summary>
    /// <param name="buffer">Where the octets go.</param>
    /// <param name="datagram">What came, if the result is Done.</param>
    public DatagramOutcome TryReceive(Span<byte> buffer, out ReceivedDatagram datagram)
    {
        datagram = default;
        Span<byte> name = stackalloc byte[DatagramAddress.Ipv6Size];
        Span<byte> control = stackalloc byte[ControlSize];
        nint length = ReceiveMessage(buffer, name, control, MsgDontwait, out var header);
        if (length < 0)
        {
            return Outcome("recvmsg");
        }

        var local = default(DatagramAddress);
        int interfaceIndex = 0, stampedBy = 0;
        Instant<Utc>? stamp = null;
        TimeSpec hardware = default;
        var messages = new ControlMessages(control[..(int)header.msg_controllen]);
        while (messages.MoveNext())
        {
            if (messages.Is(SolSocket, ScmTimestamping, TimeSpecSize))
            {
                stamp = ReadStamp(messages.Content);
                hardware = ReadHardware(messages.Content);
            }
            else if (messages.Is(SolSocket, ScmTimestampingPktinfo, sizeof(int)))
            {
                stampedBy = MemoryMarshal.Read<int>(messages.Content);
            }
            else if (messages.Is(SolIp, IpPktinfo, Ipv4PktinfoSize))
            {
                interfaceIndex = MemoryMarshal.Read<int>(messages.Content);
                local = DatagramAddress.FromIpv4(messages.Content[4..8], 0);
            }
            else if (messages.Is(SolIpv6, Ipv6Pktinfo, Ipv6PktinfoSize))
            {
                interfaceIndex = MemoryMarshal.Read<int>(messages.Content[16..]);
                local = DatagramAddress.FromIpv6(messages.Content[..16], 0, 0);
            }
        }

        var source = DatagramAddress.FromSockaddr(name[..(int)Math.Min(header.msg_namelen, (uint)name.Length)]);
        datagram = new((int)length, (header.msg_flags & MsgTrunc) != 0, source, local, interfaceIndex, stamp, HardwareStamp.From(hardware, stampedBy == 0 ? interfaceIndex : stampedBy));
        return DatagramOutcome.Done;
    }

    /// <summary>Takes one transmit stamp from the error queue.</summary>
    /// <param name="id">Which packet: the <see cref="NextTransmitId"/> it was sent with.</param>
    /// <param name="stamp">CLOCK_REALTIME when it was handed to the network driver.</param>
    /// <returns>False when no stamp waits.</returns>
    public bool TryReceiveTransmitStamp(out uint id, out Instant<Utc> stamp)
    {
        while (TryReceiveTransmitStamp(out id, out Instant<Utc>? software, out _))
        {
            if (software is { } sent)
            {
                stamp = sent;
                return true;
            }
        }

        stamp = default;
        return false;
    }

    /// <summary>The same, of the kernel or of the hardware: one at a time, and for one packet there may be both.</summary>
    /// <param name="id">Which packet.</param>
    /// <param name="stamp">CLOCK_REALTIME; null: it is the hardware's.</param>
    /// <param name="hardware">Of the interface's own clock; the kernel does not say which.</param>
    public bool TryReceiveTransmitStamp(out uint id, out Instant<Utc>? stamp, out HardwareStamp hardware)
    {
        (id, stamp, hardware) = (0, null, default);
        Span<byte> control = stackalloc byte[ControlSize];
        while (ReceiveMessage([], [], control, MsgDontwait | MsgErrqueue, out var header) >= 0)
        {
            bool isSent = false;
            (stamp, hardware) = (null, default); // each message speaks for itself
            var messages = new ControlMessages(control[..(int)header.msg_controllen]);
            while (messages.MoveNext())
            {
                if (messages.Is(SolSocket, ScmTimestamping, TimeSpecSize))
                {
                    (stamp, hardware) = (ReadStamp(messages.Content), HardwareStamp.From(ReadHardware(messages.Content), 0));
                }
                else if (messages.Is(SolIp, IpRecverr, ExtendedErrorSize) || messages.Is(SolIpv6, Ipv6Recverr, ExtendedErrorSize))
                {
                    isSent = messages.Content[OriginOffset] == OriginTimestamping
                        && MemoryMarshal.Read<uint>(messages.Content[KindOffset..]) == KindSent;
                    id = MemoryMarshal.Read<uint>(messages.Content[DataOffset..]);
                }
            }

            if (isSent && (stamp is not null || hardware.IsKnown))
            {
                return true;
            }
        }

        // An error that waits for the next datagram (ICMP) can surface here too; the stamp, if any, comes with the next call.
        return false;
    }

    private static TimeSpec ReadHardware(ReadOnlySpan<byte> content) =>
        content.Length >= HardwareAt + TimeSpecSize ? MemoryMarshal.Read<TimeSpec>(content[HardwareAt..]) : default;

    /// <summary>scm_timestamping holds software, legacy and hardware stamps. Zero means none.</summary>
    private static Instant<Utc>? ReadStamp(ReadOnlySpan<byte> content)
    {
        var time = MemoryMarshal.Read<TimeSpec>(content);
        return time.tv_sec == 0 ? null : new Instant<Utc>(time.ToDuration());
    }

    private unsafe nint ReceiveMessage(Span<byte> buffer, Span<byte> name, Span<byte> control, int flags, out MessageHeader header)
    {
        fixed (byte* into = buffer, from = name, extra = control)
        {
            var vector = new IoVector { iov_base = into, iov_len = (nuint)buffer.Length };
            header = new MessageHeader
            {
                msg_name = from, msg_namelen = (uint)name.Length, msg_iov = &vector, msg_iovlen = 1,
                msg_control = extra, msg_controllen = (nuint)control.Length,
            };
            return Recvmsg(Descriptor, ref header, flags);
        }
    }

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint Recvmsg(Descriptor socket, ref MessageHeader message, int flags);
}
