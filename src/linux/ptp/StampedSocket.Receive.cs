using System.Runtime.InteropServices;
using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <content>What comes in: datagrams, and the stamps of those that were sent.</content>
public sealed partial class StampedSocket
{
    private const int ControlSize = 256, TimeSpecSize = 16, HardwareAt = 2 * TimeSpecSize; // scm_timestamping: software, legacy, hardware

    // struct sock_extended_err: errno 0, origin 4, type 5, code 6, pad 7, info 8, data 12.
    private const int ExtendedErrorSize = 16, OriginAt = 4, KindAt = 8, DataAt = 12, MsgErrqueue = 0x2000;
    private const byte OriginTimestamping = 4;
    private const uint KindSent = 0; // SCM_TSTAMP_SND: handed to the driver, or sent by the hardware

    /// <summary>Takes one datagram from the queue.</summary>
    public DatagramOutcome TryReceive(Span<byte> buffer, out StampedDatagram datagram)
    {
        datagram = default;
        Span<byte> name = stackalloc byte[DatagramAddress.Ipv6Size], control = stackalloc byte[ControlSize];
        nint length = Receive(buffer, name, control, UdpSocket.MsgDontwait, out var header);
        if (length < 0)
        {
            return UdpSocket.Outcome("recvmsg");
        }

        Duration? stamp = null;
        var messages = new ControlMessages(control[..(int)header.msg_controllen]);
        while (messages.MoveNext())
        {
            stamp = messages.Is(SolSocket, SoTimestamping, HardwareAt + TimeSpecSize) ? ReadStamp(messages.Content) : stamp;
        }

        var source = _family == AfPacket ? default : DatagramAddress.FromSockaddr(name[..(int)Math.Min(header.msg_namelen, (uint)name.Length)]);
        datagram = new((int)length, source, _family == AfPacket ? ReadMac(name[12..]) : 0, stamp);
        return DatagramOutcome.Done;
    }

    /// <summary>Takes one transmit stamp from the error queue.</summary>
    /// <param name="id">Which packet: the <see cref="NextTransmitId"/> it was sent with.</param>
    /// <param name="stamp">Since the stamping clock's epoch.</param>
    /// <returns>False when no stamp waits.</returns>
    public bool TryReceiveTransmitStamp(out uint id, out Duration stamp)
    {
        (id, stamp) = (0, default);
        Span<byte> control = stackalloc byte[ControlSize];
        while (Receive([], [], control, UdpSocket.MsgDontwait | MsgErrqueue, out var header) >= 0)
        {
            bool isSent = false;
            Duration? found = null;
            var messages = new ControlMessages(control[..(int)header.msg_controllen]);
            while (messages.MoveNext())
            {
                if (messages.Is(SolSocket, SoTimestamping, HardwareAt + TimeSpecSize))
                {
                    found = ReadStamp(messages.Content);
                }
                else if (messages.Is(SolIp, IpRecverr, ExtendedErrorSize) || messages.Is(SolIpv6, Ipv6Recverr, ExtendedErrorSize) || messages.Is(SolPacket, PacketTxTimestamp, ExtendedErrorSize))
                {
                    isSent = messages.Content[OriginAt] == OriginTimestamping && MemoryMarshal.Read<uint>(messages.Content[KindAt..]) == KindSent;
                    id = MemoryMarshal.Read<uint>(messages.Content[DataAt..]);
                }
            }

            if (isSent && found is { } sent)
            {
                stamp = sent;
                return true;
            }
        }

        return false;
    }

    private Duration? ReadStamp(ReadOnlySpan<byte> content)
    {
        var time = MemoryMarshal.Read<TimeSpec>(_kind == StampKind.Hardware ? content[HardwareAt..] : content);
        return time is { tv_sec: 0, tv_nsec: 0 } ? null : time.ToDuration();
    }

    private static ulong ReadMac(ReadOnlySpan<byte> from)
    {
        ulong mac = 0;
        for (int i = 0; i < 6; i++)
        {
            mac = mac << 8 | from[i];
        }

        return mac;
    }

    private unsafe nint Receive(Span<byte> buffer, Span<byte> name, Span<byte> control, int flags, out MessageHeader header)
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
