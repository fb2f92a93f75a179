using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

public sealed unsafe partial class DatagramBatch
{
    private const uint TxSoftware = 0x2; // SOF_TIMESTAMPING_TX_SOFTWARE: given where the hardware does not stamp

    private uint _stamped; // of the queued replies, those whose departure the kernel is to stamp

    /// <summary>Replies whose <see cref="Send"/> failed: no route back, no room, forbidden.</summary>
    public ulong Lost { get; private set; }

    /// <summary>Queues what was written to <see cref="Reply"/>.</summary>
    /// <param name="slot">Of the request.</param>
    /// <param name="length">Octets.</param>
    public void Answer(int slot, int length)
    {
        ref var request = ref _received[Checked(slot)].Header;
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Room);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(_queued, Capacity, nameof(slot));
        var vector = _vectors + Capacity + _queued;
        *vector = new() { iov_base = _answers + (slot * Stride), iov_len = (nuint)length };
        byte* pktinfo = _extras[slot].Pktinfo;
        ref var reply = ref _replies[_queued++].Header;
        reply = new() { msg_name = request.msg_name, msg_namelen = request.msg_namelen, msg_iov = vector, msg_iovlen = 1 };
        if (pktinfo != null)
        {
            reply.msg_control = pktinfo;
            reply.msg_controllen = (nuint)AnswerFrom(pktinfo, _extras[slot].IsIpv6);
        }
    }

    /// <summary>Queues what was written to <see cref="Reply"/>, and asks the kernel for a stamp when it leaves.</summary>
    /// <param name="socket">It goes by.</param>
    /// <param name="slot">Of the request.</param>
    /// <param name="length">Octets.</param>
    /// <param name="byHardware">The interface is to stamp it; if it does not, the kernel does.</param>
    /// <returns>The number that <see cref="UdpSocket.TryReceiveTransmitStamp(out uint, out TimeSuite.Time.Instant{TimeSuite.Time.Utc})"/> will tell.</returns>
    public uint AnswerStamped(UdpSocket socket, int slot, int length, bool byHardware = false)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Answer(slot, length);
        ref var reply = ref _replies[_queued - 1].Header;
        if (reply.msg_control == null)
        {
            reply.msg_control = _controls + (slot * ControlSize);
        }

        // Behind the packet info, where the kernel's own messages, if any, are no longer needed.
        var place = new Span<byte>(reply.msg_control + reply.msg_controllen, ControlMessages.SpaceFor(sizeof(uint)));
        MemoryMarshal.Write(ControlMessages.Write(place, UdpSocket.SolSocket, UdpSocket.SoTimestamping, sizeof(uint)), TxSoftware | (byHardware ? UdpSocket.TxHardware : 0u));
        reply.msg_controllen += (nuint)place.Length;
        return unchecked(socket.NextTransmitId + _stamped++);
    }

    /// <summary>Sends the queued replies in their order. What cannot be sent is lost, as on any network, and the others are sent all the same.</summary>
    /// <returns>False if some were lost; then the numbers of transmit stamps begin anew.</returns>
    public bool Send(UdpSocket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        int done = 0, lost = 0;
        while (done < _queued)
        {
            int sent = Sendmmsg(socket.Descriptor.Number, _replies + done, (uint)(_queued - done), UdpSocket.MsgDontwait | UdpSocket.MsgNosignal);
            if (sent > 0)
            {
                done += sent;
                continue;
            }

            ThrowIfOurs("sendmmsg");
            bool isFull = Errno.Last is Errno.EAGAIN or Errno.ENOBUFS or Errno.ENOMEM; // the others would find no room either
            int given = isFull ? _queued - done : 1;
            lost += given;
            done += given;
        }

        Lost += (ulong)lost;
        if (lost > 0)
        {
            socket.RestartTransmitIds();
        }
        else
        {
            socket.CountTransmitted(_stamped);
        }

        (_queued, _stamped) = (0, 0);
        return lost == 0;
    }

    /// <summary>Makes the packet info of the request that of the reply: the address is to answer from, the interface is named only where the address means nothing without it.</summary>
    /// <returns>Octets of the control message.</returns>
    private static int AnswerFrom(byte* pktinfo, bool isIpv6)
    {
        byte* content = pktinfo + ControlMessages.HeaderSize;
        if (!isIpv6)
        {
            *(int*)content = 0; // ipi_ifindex; ipi_spec_dst is already the address to answer from
            return ControlMessages.SpaceFor(UdpSocket.Ipv4PktinfoSize);
        }

        bool isLinkLocal = content[0] == 0xFE && (content[1] & 0xC0) == 0x80;
        if (!isLinkLocal)
        {
            *(int*)(content + 16) = 0;
        }

        return ControlMessages.SpaceFor(UdpSocket.Ipv6PktinfoSize);
    }

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    private static partial int Sendmmsg(int socket, BatchedMessage* messages, uint count, int flags);
}
