using System.Buffers.Binary;
using System.Globalization;

namespace TimeSuite.Ptp;

/// <summary>The 64 bits that name a PTP instance (IEEE 1588-2019 clause 7.5.2.2). Ordered as unsigned: the lower one wins a tie.</summary>
/// <param name="Bits">The eight octets, the first on the wire in the highest bits.</param>
public readonly record struct ClockIdentity(ulong Bits) : IComparable<ClockIdentity>
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 8;

    /// <summary>All ones: every instance, in a target; never the name of one.</summary>
    public static ClockIdentity All => new(ulong.MaxValue);

    /// <summary>The identity that ptp4l and most hardware make of a MAC address: FF-FE in its middle (as EUI-64 was made before 2017).</summary>
    /// <param name="mac">Six octets.</param>
    /// <exception cref="ArgumentException">Not six octets.</exception>
    public static ClockIdentity FromMac(ReadOnlySpan<byte> mac) => mac.Length == 6
        ? new((ulong)mac[0] << 56 | (ulong)mac[1] << 48 | (ulong)mac[2] << 40 | 0xFF_FE00_0000UL | (ulong)mac[3] << 16 | (ulong)mac[4] << 8 | mac[5])
        : throw new ArgumentException("a MAC address has six octets", nameof(mac));

    /// <summary>Reads <see cref="Size"/> octets, which are there.</summary>
    public static ClockIdentity Read(ReadOnlySpan<byte> octets) => new(BinaryPrimitives.ReadUInt64BigEndian(octets));

    /// <summary>Writes <see cref="Size"/> octets.</summary>
    public void Write(Span<byte> octets) => BinaryPrimitives.WriteUInt64BigEndian(octets, Bits);

    /// <summary>Reads what <see cref="ToString"/> writes, and the same with colons, dashes or nothing between the octets.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ClockIdentity identity)
    {
        Span<char> digits = stackalloc char[16];
        int count = 0;
        foreach (char c in text)
        {
            if (c is '.' or ':' or '-')
            {
                continue;
            }

            if (count == digits.Length || !char.IsAsciiHexDigit(c))
            {
                identity = default;
                return false;
            }

            digits[count++] = c;
        }

        bool whole = count == digits.Length;
        identity = whole ? new(ulong.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)) : default;
        return whole;
    }

    /// <summary>Order as unsigned numbers.</summary>
    public static bool operator <(ClockIdentity a, ClockIdentity b) => a.Bits < b.Bits;

    /// <summary>Order as unsigned numbers.</summary>
    public static bool operator >(ClockIdentity a, ClockIdentity b) => a.Bits > b.Bits;

    /// <summary>Order as unsigned numbers.</summary>
    public static bool operator <=(ClockIdentity a, ClockIdentity b) => a.Bits <= b.Bits;

    /// <summary>Order as unsigned numbers.</summary>
    public static bool operator >=(ClockIdentity a, ClockIdentity b) => a.Bits >= b.Bits;

    /// <inheritdoc/>
    public int CompareTo(ClockIdentity other) => Bits.CompareTo(other.Bits);

    /// <summary>As ptp4l and pmc show it: <c>001122.fffe.334455</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Bits >> 40:x6}.{Bits >> 24 & 0xFFFF:x4}.{Bits & 0xFFFFFF:x6}");
}
