using System.Buffers.Binary;

namespace TimeSuite.Ntp;

/// <summary>What a server is synchronised to, in four octets (RFC 5905 section 7.3).</summary>
/// <remarks>
/// Stratum 0: a kiss code. Stratum 1: up to four ASCII letters. Above: the IPv4 address of the server's own source, or, for IPv6,
/// the first four octets of the MD5 of the address. Only the stratum tells which.
/// </remarks>
/// <param name="Bits">The octets in network order, first one on top.</param>
public readonly record struct ReferenceId(uint Bits)
{
    /// <summary>From letters such as "GPS" or "PPS".</summary>
    /// <exception cref="ArgumentException">Not 1 to 4 printable ASCII characters.</exception>
    public static ReferenceId FromAscii(string letters)
    {
        if (letters.Length is < 1 or > 4 || letters.Any(letter => letter is < ' ' or > '~'))
        {
            throw new ArgumentException($"'{letters}' is not 1 to 4 printable ASCII characters", nameof(letters));
        }

        uint bits = 0;
        for (int i = 0; i < 4; i++)
        {
            bits = bits << 8 | (i < letters.Length ? letters[i] : 0u);
        }

        return new(bits);
    }

    /// <summary>From the four octets of an IPv4 address.</summary>
    /// <exception cref="ArgumentException">Not four octets.</exception>
    public static ReferenceId FromIPv4(ReadOnlySpan<byte> address) =>
        address.Length == 4 ? new(BinaryPrimitives.ReadUInt32BigEndian(address)) : throw new ArgumentException("an IPv4 address has 4 octets", nameof(address));

    /// <summary>From the 16 octets of an IPv6 address: the start of their MD5.</summary>
    /// <exception cref="ArgumentException">Not 16 octets.</exception>
    public static ReferenceId FromIPv6(ReadOnlySpan<byte> address) =>
        address.Length == 16 ? new(Md5.Start(address)) : throw new ArgumentException("an IPv6 address has 16 octets", nameof(address));

    /// <summary>For people: letters at stratum 0 and 1 if they are printable, else as an address is written.</summary>
    public string ToText(int stratum)
    {
        Span<char> letters = stackalloc char[4];
        for (int i = 0; i < 4; i++)
        {
            letters[i] = (char)(Bits >> 8 * (3 - i) & 0xFF);
        }

        var text = letters.TrimEnd('\0');
        return stratum <= 1 && text.Length > 0 && text.IndexOfAnyExceptInRange(' ', '~') < 0 ? new(text) : ToString();
    }

    /// <summary>As an IPv4 address is written.</summary>
    public override string ToString() => FormattableString.Invariant($"{Bits >> 24}.{Bits >> 16 & 0xFF}.{Bits >> 8 & 0xFF}.{Bits & 0xFF}");
}
