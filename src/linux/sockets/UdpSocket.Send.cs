using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

public sealed partial class UdpSocket
{
    internal const int MsgNosignal = 0x4000;

    /// <summary>The number that the kernel gives to the next packet's transmit stamp.</summary>
    public uint NextTransmitId { get; private set; }

    /// <summary>Sends to the other end of a connected socket.</summary>
    public DatagramOutcome Send(ReadOnlySpan<byte> datagram) => SendMessage(datagram, default, default, 0);

    /// <summary>Sends to an address, from whichever local address the routes say.</summary>
    public DatagramOutcome SendTo(ReadOnlySpan<byte> datagram, in DatagramAddress remote) => SendMessage(datagram, remote, default, 0);

    /// <summary>Answers a datagram from the address that it was sent to, as the asker expects.</summary>
    public DatagramOutcome Reply(ReadOnlySpan<byte> datagram, in ReceivedDatagram request)
    {
        // The interface is named only where the address means nothing without it: else the routes decide.
        bool needsInterface = request.LocalAddress.IsLinkLocal;
        return SendMessage(datagram, request.Source, request.LocalAddress, needsInterface ? request.InterfaceIndex : 0);
    }

    private unsafe DatagramOutcome SendMessage(ReadOnlySpan<byte> datagram, in DatagramAddress to, in DatagramAddress from, int interfaceIndex)
    {
        Span<byte> name = stackalloc byte[DatagramAddress.Ipv6Size];
        Span<byte> control = stackalloc byte[ControlMessages.HeaderSize + Ipv6PktinfoSize + 4];
        int nameLength = 0;
        int controlLength = 0;
        if (to.IsKnown)
        {
            to.WriteSockaddr(name);
            nameLength = to.Size;
        }

        if (from.IsKnown)
        {
            controlLength = WritePktinfo(control, from, interfaceIndex);
        }

        nint sent;
        fixed (byte* content = datagram, remote = name, extra = control)
        {
            var vector = new IoVector { iov_base = content, iov_len = (nuint)datagram.Length };
            var header = new MessageHeader
            {
                msg_name = nameLength == 0 ? null : remote, msg_namelen = (uint)nameLength, msg_iov = &vector, msg_iovlen = 1,
                msg_control = controlLength == 0 ? null : extra, msg_controllen = (nuint)controlLength,
            };
            sent = Sendmsg(Descriptor, in header, MsgDontwait | MsgNosignal);
        }

        if (sent >= 0)
        {
            CountTransmitted((_stamping & TxSoftware) != 0 ? 1u : 0u); // a server's socket stamps what asks for it only
            return DatagramOutcome.Done;
        }

        var outcome = Outcome("sendmsg");
        RestartTransmitIds();
        return outcome;
    }

    private static int WritePktinfo(Span<byte> control, in DatagramAddress from, int interfaceIndex)
    {
        int size = from.IsIpv6 ? Ipv6PktinfoSize : Ipv4PktinfoSize;
        var content = ControlMessages.Write(control, from.IsIpv6 ? SolIpv6 : SolIp, from.IsIpv6 ? Ipv6Pktinfo : IpPktinfo, size);
        from.WriteOctets(content[(from.IsIpv6 ? 0 : 4)..]);
        MemoryMarshal.Write(content[(from.IsIpv6 ? 16 : 0)..], interfaceIndex);
        return ControlMessages.SpaceFor(size);
    }

    /// <summary>A send that failed has used up a number or not, by kernel and cause: count from zero again, on both sides.</summary>
    internal void RestartTransmitIds()
    {
        if (HasStamps)
        {
            TrySetOption(SolSocket, SoTimestamping, _stamping & ~OptId & ~OptTsOnly);
            TrySetOption(SolSocket, SoTimestamping, _stamping);
        }

        NextTransmitId = 0;
    }

    /// <summary>So many datagrams were sent by <see cref="DatagramBatch"/> whose stamps will come.</summary>
    internal void CountTransmitted(uint count) => NextTransmitId = unchecked(NextTransmitId + count); // the kernel's counter wraps too

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint Sendmsg(Descriptor socket, in MessageHeader message, int flags);
}
