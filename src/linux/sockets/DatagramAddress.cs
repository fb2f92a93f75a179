using System.Buffers.Binary;
using System.Net;

namespace TimeSuite.Linux;

/// <summary>An IPv4 or IPv6 address with a port: a value, so that a packet's source costs no allocation. See ip(7), ipv6(7).</summary>
/// <remarks><c>default</c> is no address at all.</remarks>
public readonly record struct DatagramAddress
{
    /// <summary>sizeof(struct sockaddr_in) and sizeof(struct sockaddr_in6).</summary>
    internal const int Ipv4Size = 16, Ipv6Size = 28;

    internal const ushort AfInet = 2, AfInet6 = 10;

    private readonly UInt128 _octets; // big-endian value; an IPv4 address in the low 32 bits
    private readonly ushort _family;

    private DatagramAddress(ushort family, UInt128 octets, int port, uint scope)
    {
        _family = family;
        _octets = octets;
        Port = (ushort)port;
        Scope = scope;
    }

    /// <summary>UDP port; 0 leaves the choice to the kernel.</summary>
    public ushort Port { get; }

    /// <summary>Interface index of a link-local IPv6 address, else 0.</summary>
    public uint Scope { get; }

    /// <summary>Whether this is an address, not <c>default</c>.</summary>
    public bool IsKnown => _family != 0;

    /// <summary>Whether this is an IPv6 address.</summary>
    public bool IsIpv6 => _family == AfInet6;

    /// <summary>Whether this is the address of "any interface": 0.0.0.0 or ::.</summary>
    public bool IsAny => _octets == 0;

    /// <summary>127.0.0.0/8 or ::1: this machine alone.</summary>
    public bool IsLoopback => IsIpv6 ? _octets == 1 : (uint)_octets >> 24 == 127;

    /// <summary>fe80::/10: an address that means something only together with an interface.</summary>
    public bool IsLinkLocal => IsIpv6 && (ushort)(_octets >> 112) is >= 0xFE80 and <= 0xFEBF;

    /// <summary>The address as 128 bits; an IPv4 address as the one mapped into IPv6 (::ffff:a.b.c.d).</summary>
    public UInt128 Bits => IsIpv6 ? _octets : _octets | 0xFFFF_0000_0000;

    internal int Size => IsIpv6 ? Ipv6Size : Ipv4Size;

    /// <summary>Builds from an address and a port; an IPv4 address inside IPv6 becomes plain IPv4.</summary>
    public static DatagramAddress From(IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        Span<byte> octets = stackalloc byte[16];
        plain.TryWriteBytes(octets, out int length);
        return length == 4
            ? FromIpv4(octets, port)
            : FromIpv6(octets, port, (uint)plain.ScopeId);
    }

    /// <summary>The same address with another port.</summary>
    public DatagramAddress WithPort(int port) => new(_family, _octets, port, Scope);

    /// <summary>The address alone. Allocates.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> octets = stackalloc byte[16];
        return IsIpv6
            ? new IPAddress(WriteOctets(octets), Scope)
            : new IPAddress(WriteOctets(octets));
    }

    /// <summary>Writes the 4 or 16 octets of the address, in network order.</summary>
    /// <returns>The part of <paramref name="destination"/> that was written.</returns>
    public ReadOnlySpan<byte> WriteOctets(Span<byte> destination)
    {
        if (!IsIpv6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_octets);
            return destination[..4];
        }

        BinaryPrimitives.WriteUInt128BigEndian(destination, _octets);
        return destination[..16];
    }

    /// <inheritdoc/>
    public override string ToString() => IsKnown ? new IPEndPoint(ToIPAddress(), Port).ToString() : "(no address)";

    internal static DatagramAddress FromIpv4(ReadOnlySpan<byte> octets, int port) =>
        new(AfInet, BinaryPrimitives.ReadUInt32BigEndian(octets), port, 0);

    internal static DatagramAddress FromIpv6(ReadOnlySpan<byte> octets, int port, uint scope) =>
        new(AfInet6, BinaryPrimitives.ReadUInt128BigEndian(octets), port, scope);

    /// <summary>Reads a sockaddr; <c>default</c> for another family or one cut short.</summary>
    internal static DatagramAddress FromSockaddr(ReadOnlySpan<byte> sockaddr)
    {
        if (sockaddr.Length < Ipv4Size)
        {
            return default;
        }

        int port = BinaryPrimitives.ReadUInt16BigEndian(sockaddr[2..]);
        return BinaryPrimitives.ReadUInt16LittleEndian(sockaddr) switch
        {
            AfInet => FromIpv4(sockaddr[4..8], port),
            AfInet6 when sockaddr.Length >= Ipv6Size => FromIpv6(sockaddr[8..24], port, BinaryPrimitives.ReadUInt32LittleEndian(sockaddr[24..])),
            _ => default,
        };
    }

    /// <summary>Writes a sockaddr of <see cref="Size"/> octets.</summary>
    internal void WriteSockaddr(Span<byte> sockaddr)
    {
        sockaddr = sockaddr[..Size];
        sockaddr.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(sockaddr, _family);
        BinaryPrimitives.WriteUInt16BigEndian(sockaddr[2..], Port);
        if (IsIpv6)
        {
            BinaryPrimitives.WriteUInt128BigEndian(sockaddr[8..], _octets);
            BinaryPrimitives.WriteUInt32LittleEndian(sockaddr[24..], Scope);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(sockaddr[4..], (uint)_octets);
        }
    }
}
