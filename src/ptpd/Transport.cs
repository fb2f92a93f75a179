using System.Net;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>How messages over UDP travel.</summary>
/// <param name="Hops">That those to the group live, 1 to 255.</param>
/// <param name="Dscp">0 to 63.</param>
internal readonly record struct UdpManner(byte Hops, byte Dscp);

/// <summary>The sockets of a port: one for event messages, one for general messages, or one for both on Ethernet (IEEE 1588-2019 annexes C, D, E).</summary>
internal sealed class Transport : IDisposable
{
    private const int EventPort = 319, GeneralPort = 320;
    private const ushort EtherType = 0x88F7;
    private const ulong Group = 0x011B19000000, PeerGroup = 0x0180C200000E;
    private const int MaxDatagram = 1500, ExtraOfIpv6 = 2; // two octets behind each event message over IPv6 (annex D.3)

    private static readonly IPAddress Group4 = IPAddress.Parse("224.0.1.129"), PeerGroup4 = IPAddress.Parse("224.0.0.107");
    private static readonly IPAddress Group6 = IPAddress.Parse("ff0e::181"), PeerGroup6 = IPAddress.Parse("ff02::6b");

    private readonly PtpConfig.PtpTransport _kind;
    private readonly bool _usesPeerGroup;
    private readonly byte[] _buffer = new byte[MaxDatagram];

    /// <summary>Opens the sockets.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">No right to it, or another PTP daemon has the ports.</exception>
    /// <param name="link">The interface.</param>
    /// <param name="kind">What the messages travel in.</param>
    /// <param name="usesPeerGroup">Whether all go to the group of the peers (gPTP).</param>
    /// <param name="stamps">Whose stamps.</param>
    /// <param name="requester">Whose Delay_Resps come to <see cref="Routine"/>; null: there is no such socket.</param>
    /// <param name="udp">How they travel over UDP.</param>
    public Transport(LinkAddress link, PtpConfig.PtpTransport kind, bool usesPeerGroup, StampKind stamps, PortIdentity? requester, UdpManner udp)
    {
        var (hops, dscp) = udp;
        (_kind, _usesPeerGroup, Interface) = (kind, usesPeerGroup, link.Index);
        if (kind == PtpConfig.PtpTransport.Ethernet)
        {
            Events = Generals = StampedSocket.OpenEthernet(link, EtherType, [Group, PeerGroup], stamps);
            return;
        }

        bool isIpv6 = kind == PtpConfig.PtpTransport.Udp6;
        IPAddress[] groups = isIpv6 ? [Group6, PeerGroup6] : [Group4, PeerGroup4];
        Events = StampedSocket.OpenUdp(link, isIpv6, EventPort, groups, hops, dscp, stamps);
        try
        {
            Generals = StampedSocket.OpenUdp(link, isIpv6, GeneralPort, groups, hops, dscp, stamps, stampsDepartures: false);
            if (requester is { } us)
            {
                Routine = StampedSocket.OpenUdp(link, isIpv6, GeneralPort, groups[..1], hops, dscp, stamps, stampsDepartures: false, groups[0]);
                Routine.Filter(RoutineFilter.Only(us));
                Generals.Filter(RoutineFilter.AllBut(isIpv6));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The kernel's number of the interface that the sockets are on.</summary>
    public int Interface { get; }

    public StampedSocket Events { get; }

    /// <summary>The same as <see cref="Events"/> on Ethernet.</summary>
    public StampedSocket Generals { get; }

    /// <summary>
    /// What comes to the group and is routine to a slave (<see cref="RoutineFilter"/>); <see cref="Generals"/> gets the rest. So many slaves do not wake each other, and one may read it when it is awake
    /// anyway. Null: there is no such socket.
    /// </summary>
    public StampedSocket? Routine { get; }

    /// <summary>Sends a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="to">To whom.</param>
    /// <param name="isEvent">Whether it is to be stamped.</param>
    /// <param name="id">Which transmit stamp is its own.</param>
    public DatagramOutcome Send(ReadOnlySpan<byte> message, Destination to, bool isEvent, out uint id)
    {
        var socket = isEvent ? Events : Generals;
        id = socket.NextTransmitId;
        if (_kind == PtpConfig.PtpTransport.Ethernet)
        {
            return socket.SendTo(message, to.IsUnicast ? (ulong)to.Unicast.Bits : to.Peer || _usesPeerGroup ? PeerGroup : Group);
        }

        if (isEvent && _kind == PtpConfig.PtpTransport.Udp6)
        {
            message.CopyTo(_buffer);
            _buffer.AsSpan(message.Length, ExtraOfIpv6).Clear();
            message = _buffer.AsSpan(0, message.Length + ExtraOfIpv6);
        }

        return socket.SendTo(message, AddressOf(to, isEvent ? EventPort : GeneralPort));
    }

    /// <summary>The address that a datagram came from.</summary>
    public static PtpAddress From(in StampedDatagram datagram) =>
        datagram.SourceMac != 0 ? new(PtpAddressKind.Ethernet, datagram.SourceMac)
        : datagram.Source.IsIpv6 ? new(PtpAddressKind.IPv6, datagram.Source.Bits)
        : new(PtpAddressKind.IPv4, datagram.Source.Bits & uint.MaxValue);

    /// <summary>An address, as it is configured.</summary>
    public static string Text(PtpAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(octets, address.Bits);
        return address.Kind switch
        {
            PtpAddressKind.IPv4 => new IPAddress(octets[12..]).ToString(),
            PtpAddressKind.IPv6 => new IPAddress(octets).ToString(),
            PtpAddressKind.Ethernet => string.Join(':', Convert.ToHexStringLower(octets[10..]).Chunk(2).Select(pair => new string(pair))),
            _ => "",
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Events.Dispose();
        Generals?.Dispose();
        Routine?.Dispose();
    }

    private DatagramAddress AddressOf(Destination to, int port)
    {
        bool isIpv6 = _kind == PtpConfig.PtpTransport.Udp6;
        if (!to.IsUnicast)
        {
            return DatagramAddress.From(to.Peer ? isIpv6 ? PeerGroup6 : PeerGroup4 : isIpv6 ? Group6 : Group4, port);
        }

        Span<byte> octets = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(octets, to.Unicast.Bits);
        return DatagramAddress.From(new IPAddress(isIpv6 ? octets : octets[12..]), port);
    }
}
