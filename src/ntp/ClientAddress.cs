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

    /// <summary>Bits that an address of this family has: 32 or 128.</summary>
    public int Width => IsIpv4 ? 32 : 128;

    /// <summary>The address as a number of <see cref="Width"/> bits.</summary>
    public UInt128 Value => IsIpv4 ? (uint)(Low & uint.MaxValue) : new UInt128(High, Low);

    public static ClientAddress FromIpv4(uint address) => new(0, MappedIpv4 | address);

    /// <summary>From the value of the 16 octets; a mapped IPv4 address is that.</summary>
    public static ClientAddress FromIpv6(UInt128 address) => new((ulong)(address >> 64), (ulong)(address & ulong.MaxValue));

    /// <summary>From 4 or 16 octets in network order.</summary>
    public static ClientAddress FromOctets(ReadOnlySpan<byte> octets) => octets.Length == 4
        ? FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(octets))
        : new(BinaryPrimitives.ReadUInt64BigEndian(octets), BinaryPrimitives.ReadUInt64BigEndian(octets[8..]));

    /// <summary>The 4 or 16 octets in network order. Allocates.</summary>
    public byte[] ToOctets()
    {
        var octets = new byte[Width / 8];
        if (IsIpv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(octets, (uint)(Low & uint.MaxValue));
            return octets;
        }

        BinaryPrimitives.WriteUInt64BigEndian(octets, High);
        BinaryPrimitives.WriteUInt64BigEndian(octets.AsSpan(8), Low);
        return octets;
    }

    /// <summary>The network of this address: all bits behind the first <paramref name="length"/> are zero.</summary>
    /// <param name="length">0 to <see cref="Width"/>.</param>
    public ClientAddress Masked(int length) =>
        IsIpv4 ? new(0, MappedIpv4 | (Low & uint.MaxValue & Mask(length + 32)))
        : length <= 64 ? new(High & Mask(length), 0)
        : new(High, Low & Mask(length - 64));

    private static ulong Mask(int length) => length == 0 ? 0 : ulong.MaxValue << (64 - length);
}
