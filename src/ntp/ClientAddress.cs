using System.Buffers.Binary;

namespace TimeSuite.Ntp;

/// <summary>Who asked: an address as one number of 128 bits, whose first bits are its network. An IPv4 address is the one mapped into IPv6.</summary>
/// <remarks>IPv4 a.b.c.d is ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), so an IPv4 prefix of n bits is a prefix of 96 + n bits here.</remarks>
/// <param name="High">The first 64 bits: of an IPv6 address usually the site and its subnet.</param>
/// <param name="Low">The last 64 bits.</param>
public readonly record struct ClientAddress(ulong High, ulong Low)
{
    private const ulong MappedIpv4 = 0xFFFF_0000_0000;

    public bool IsIpv4 => High == 0 && Low >> 32 == MappedIpv4 >> 32;

    public static ClientAddress FromIpv4(uint address) => new(0, MappedIpv4 | address);

    /// <summary>From 4 or 16 octets in network order.</summary>
    public static ClientAddress FromOctets(ReadOnlySpan<byte> octets) => octets.Length == 4
        ? FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(octets))
        : new(BinaryPrimitives.ReadUInt64BigEndian(octets), BinaryPrimitives.ReadUInt64BigEndian(octets[8..]));
}
