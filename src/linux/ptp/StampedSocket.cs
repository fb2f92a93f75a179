using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace TimeSuite.Linux;

/// <summary>Which stamps a <see cref="StampedSocket"/> asks for.</summary>
public enum StampKind
{
    /// <summary>By the kernel, when a packet passes between it and the driver: CLOCK_REALTIME.</summary>
    Software,

    /// <summary>By the interface's own clock; what that shows, not CLOCK_REALTIME.</summary>
    Hardware,
}

/// <summary>A datagram with the stamp of the kind that was asked for.</summary>
/// <param name="Length">Octets in the buffer; a longer datagram is cut.</param>
/// <param name="Source">Of UDP; else <c>default</c>.</param>
/// <param name="SourceMac">Of Ethernet; else 0.</param>
/// <param name="Stamp">Since the stamping clock's epoch; null if it is missing.</param>
public readonly record struct StampedDatagram(int Length, DatagramAddress Source, ulong SourceMac, Time.Duration? Stamp);

/// <summary>
/// A socket on one interface for a protocol that is stamped by packet, over UDP multicast or straight on Ethernet. See udp(7), packet(7) and the kernel's timestamping.rst.
/// </summary>
/// <remarks>Nothing is allocated per packet. For one thread. What the network does is a <see cref="DatagramOutcome"/>; only faults of the machine throw.</remarks>
public sealed partial class StampedSocket : IDisposable
{
    private const int AfPacket = 17, SolPacket = 263, PacketAddMembership = 1, PacketTxTimestamp = 16, PacketMrMulticast = 0;
    private const int SockDgram = 2, SockNonblock = 0x800, SockCloexec = 0x80000;
    private const int SolSocket = 1, SolIp = 0, SolIpv6 = 41, SoReuseAddress = 2, SoBindToDevice = 25, SoTimestamping = 37, SoAttachFilter = 26;
    private const int IpTos = 1, IpMulticastIf = 32, IpMulticastTtl = 33, IpMulticastLoop = 34, IpAddMembership = 35, IpRecverr = 11;
    private const int Ipv6MulticastIf = 17, Ipv6MulticastHops = 18, Ipv6MulticastLoop = 19, Ipv6JoinGroup = 20, Ipv6V6Only = 26, Ipv6Recverr = 25, Ipv6Tclass = 67;

    // SOF_TIMESTAMPING_
    private const int TxHardware = 0x1, TxSoftware = 0x2, RxHardware = 0x4, RxSoftware = 0x8, Software = 0x10, RawHardware = 0x40, OptId = 0x80, OptTsOnly = 0x800;

    private const int LinkAddressSize = 20; // sizeof(struct sockaddr_ll)

    private readonly int _family, _interface, _stamping;
    private readonly StampKind _kind;
    private readonly ushort _protocol;

    private StampedSocket(int family, int protocol, in LinkAddress link, StampKind kind, bool stampsDepartures)
    {
        (_family, _interface, _kind, _protocol) = (family, link.Index, kind, (ushort)protocol);
        int departures = kind == StampKind.Hardware ? TxHardware : TxSoftware;
        _stamping = (kind == StampKind.Hardware ? RxHardware | RawHardware : RxSoftware | Software) | (stampsDepartures ? OptId | OptTsOnly | departures : 0);
        Descriptor = Descriptor.FromCall(Socket(family, SockDgram | SockNonblock | SockCloexec, family == AfPacket ? BinaryPrimitives.ReverseEndianness((ushort)protocol) : 0), "socket");
        SetOption(SolSocket, SoTimestamping, _stamping, "setsockopt SO_TIMESTAMPING");
    }

    /// <summary>For an <see cref="EventLoop"/>: ready when a datagram or a transmit stamp waits.</summary>
    public Descriptor Descriptor { get; }

    /// <summary>The number that the kernel gives to the next packet's transmit stamp.</summary>
    public uint NextTransmitId { get; private set; }

    /// <summary>Opens a UDP socket on one interface that hears some groups there.</summary>
    /// <param name="link">The interface.</param>
    /// <param name="isIpv6">Which family.</param>
    /// <param name="port">To listen on; several sockets may, each on its interface.</param>
    /// <param name="groups">To join, of that family.</param>
    /// <param name="hops">That multicast lives, 1 to 255.</param>
    /// <param name="dscp">0 to 63.</param>
    /// <param name="kind">Whose stamps.</param>
    /// <param name="stampsDepartures">Whether what is sent is stamped too, which costs a waking for each datagram.</param>
    /// <param name="local">The one address that it listens on, a group perhaps; null: any.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">No right to the port or the interface, or it is taken.</exception>
    public static StampedSocket OpenUdp(in LinkAddress link, bool isIpv6, int port, IReadOnlyList<IPAddress> groups, int hops, int dscp, StampKind kind, bool stampsDepartures = true, IPAddress? local = null)
    {
        var socket = new StampedSocket(isIpv6 ? DatagramAddress.AfInet6 : DatagramAddress.AfInet, 0, link, kind, stampsDepartures);
        try
        {
            socket.BindUdp(link, isIpv6, local ?? (isIpv6 ? IPAddress.IPv6Any : IPAddress.Any), port, hops, dscp);
            foreach (var group in groups)
            {
                socket.Join(group);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens a socket for one protocol of Ethernet on one interface. Needs CAP_NET_RAW.</summary>
    /// <param name="link">The interface.</param>
    /// <param name="etherType">E.g. 0x88F7.</param>
    /// <param name="groups">Hardware addresses to listen for beside the interface's own.</param>
    /// <param name="kind">Whose stamps.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">No right to it.</exception>
    public static StampedSocket OpenEthernet(in LinkAddress link, ushort etherType, IReadOnlyList<ulong> groups, StampKind kind)
    {
        var socket = new StampedSocket(AfPacket, etherType, link, kind, stampsDepartures: true);
        try
        {
            Span<byte> name = stackalloc byte[LinkAddressSize];
            socket.WriteLinkAddress(name, 0);
            Errno.Check(Bind(socket.Descriptor, in name[0], LinkAddressSize), "bind");
            Span<byte> request = stackalloc byte[16]; // struct packet_mreq
            request.Clear();
            foreach (ulong group in groups)
            {
                MemoryMarshal.Write(request, link.Index);
                MemoryMarshal.Write(request[4..], (ushort)PacketMrMulticast);
                MemoryMarshal.Write(request[6..], (ushort)6);
                WriteMac(request[8..], group);
                Errno.Check(Setsockopt(socket.Descriptor, SolPacket, PacketAddMembership, in request[0], 16), "setsockopt PACKET_ADD_MEMBERSHIP");
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Has the kernel look at each datagram first. What is there already stays.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel does not take the filter.</exception>
    public void Filter(ReadOnlySpan<FilterStep> steps) => FilterStep.Attach(Descriptor, SoAttachFilter, steps, "setsockopt SO_ATTACH_FILTER");

    /// <summary>Sends over UDP.</summary>
    public DatagramOutcome SendTo(ReadOnlySpan<byte> message, in DatagramAddress to)
    {
        Span<byte> name = stackalloc byte[DatagramAddress.Ipv6Size];
        to.WriteSockaddr(name);
        if (to.IsIpv6 && to.Scope == 0)
        {
            MemoryMarshal.Write(name[24..], _interface); // groups and link-local addresses are this interface's
        }

        return Sent(Sendto(Descriptor, in MemoryMarshal.GetReference(message), (nuint)message.Length, UdpSocket.MsgDontwait | UdpSocket.MsgNosignal, in name[0], (uint)to.Size));
    }

    /// <summary>Sends on Ethernet.</summary>
    public DatagramOutcome SendTo(ReadOnlySpan<byte> message, ulong mac)
    {
        Span<byte> name = stackalloc byte[LinkAddressSize];
        WriteLinkAddress(name, mac);
        return Sent(Sendto(Descriptor, in MemoryMarshal.GetReference(message), (nuint)message.Length, UdpSocket.MsgDontwait | UdpSocket.MsgNosignal, in name[0], LinkAddressSize));
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    private DatagramOutcome Sent(nint result)
    {
        if (result >= 0)
        {
            NextTransmitId = unchecked(NextTransmitId + 1);
            return DatagramOutcome.Done;
        }

        // Whether the failed packet took a number depends on how far it came: from zero again, on both sides.
        var outcome = UdpSocket.Outcome("sendto");
        TrySetOption(SolSocket, SoTimestamping, _stamping & ~(OptId | OptTsOnly));
        TrySetOption(SolSocket, SoTimestamping, _stamping);
        NextTransmitId = 0;
        return outcome;
    }

    private void BindUdp(in LinkAddress link, bool isIpv6, IPAddress address, int port, int hops, int dscp)
    {
        SetOption(SolSocket, SoReuseAddress, 1, "setsockopt SO_REUSEADDR");
        byte[] device = Encoding.UTF8.GetBytes(link.Name);
        Errno.Check(Setsockopt(Descriptor, SolSocket, SoBindToDevice, in device[0], (uint)device.Length), $"setsockopt SO_BINDTODEVICE {link.Name}");
        if (isIpv6)
        {
            SetOption(SolIpv6, Ipv6V6Only, 1, "setsockopt IPV6_V6ONLY");
            SetOption(SolIpv6, Ipv6MulticastIf, link.Index, "setsockopt IPV6_MULTICAST_IF");
            SetOption(SolIpv6, Ipv6MulticastHops, hops, "setsockopt IPV6_MULTICAST_HOPS");
            SetOption(SolIpv6, Ipv6MulticastLoop, 0, "setsockopt IPV6_MULTICAST_LOOP");
            TrySetOption(SolIpv6, Ipv6Tclass, dscp << 2);
        }
        else
        {
            Span<byte> outgoing = stackalloc byte[12]; // struct ip_mreqn
            outgoing.Clear();
            MemoryMarshal.Write(outgoing[8..], link.Index);
            Errno.Check(Setsockopt(Descriptor, SolIp, IpMulticastIf, in outgoing[0], 12), "setsockopt IP_MULTICAST_IF");
            SetOption(SolIp, IpMulticastTtl, hops, "setsockopt IP_MULTICAST_TTL");
            SetOption(SolIp, IpMulticastLoop, 0, "setsockopt IP_MULTICAST_LOOP");
            TrySetOption(SolIp, IpTos, dscp << 2);
        }

        Span<byte> name = stackalloc byte[DatagramAddress.Ipv6Size];
        var local = DatagramAddress.From(address, port);
        local.WriteSockaddr(name);
        Errno.Check(Bind(Descriptor, in name[0], (uint)local.Size), $"bind to port {port}");
    }

    private void Join(IPAddress group)
    {
        Span<byte> request = stackalloc byte[20]; // struct ip_mreqn or ipv6_mreq
        request.Clear();
        bool isIpv6 = group.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        group.TryWriteBytes(request, out int length);
        MemoryMarshal.Write(request[(isIpv6 ? 16 : 8)..], _interface);
        Errno.Check(
            Setsockopt(Descriptor, isIpv6 ? SolIpv6 : SolIp, isIpv6 ? Ipv6JoinGroup : IpAddMembership, in request[0], isIpv6 ? 20u : 12u),
            $"join {group}");
    }

    private void WriteLinkAddress(Span<byte> name, ulong mac)
    {
        name.Clear();
        MemoryMarshal.Write(name, (ushort)AfPacket);
        BinaryPrimitives.WriteUInt16BigEndian(name[2..], _protocol);
        MemoryMarshal.Write(name[4..], _interface);
        name[11] = 6;
        WriteMac(name[12..], mac);
    }

    private static void WriteMac(Span<byte> to, ulong mac)
    {
        for (int i = 0; i < 6; i++)
        {
            to[i] = (byte)(mac >> 8 * (5 - i) & 0xFF);
        }
    }

    private void SetOption(int level, int option, int value, string call)
    {
        if (!TrySetOption(level, option, value))
        {
            throw Errno.Failure(call);
        }
    }

    private bool TrySetOption(int level, int option, int value) =>
        Setsockopt(Descriptor, level, option, in MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value))[0], sizeof(int)) == 0;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(Descriptor socket, in byte name, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int Setsockopt(Descriptor socket, int level, int option, in byte value, uint length);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static partial nint Sendto(Descriptor socket, in byte message, nuint length, int flags, in byte name, uint nameLength);
}
