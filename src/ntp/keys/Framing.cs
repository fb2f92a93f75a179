using System.Buffers.Binary;

namespace TimeSuite.Ntp;

/// <summary>What stands behind the 48 octets of a header.</summary>
internal enum Tail
{
    /// <summary>Nothing, or extension fields.</summary>
    Plain,

    /// <summary>A key id and a digest.</summary>
    Mac,

    /// <summary>A key id of zero alone: the peer could not verify what we sent.</summary>
    CryptoNak,

    /// <summary>None of these.</summary>
    Malformed,
}

/// <summary>Tells a datagram's parts from each other by their lengths (RFC 5905 section 7.3, RFC 7822).</summary>
/// <param name="Tail">What stands at the end.</param>
/// <param name="MacAt">Where the MAC begins: all before it is what it vouches for.</param>
internal readonly record struct Framing(Tail Tail, int MacAt)
{
    private const int ShortestMac = SymmetricKey.IdSize + 16, LongestMac = SymmetricKey.IdSize + 64;

    /// <param name="datagram">A header's size at least.</param>
    public static Framing Of(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length == NtpHeader.Size)
        {
            return new(Tail.Plain, NtpHeader.Size);
        }

        var rest = datagram[NtpHeader.Size..];
        bool isMac;
        if ((datagram[0] >> 3 & 0b111) >= 4)
        {
            var fields = new ExtensionFields(rest);
            while (fields.MoveNext())
            {
            }

            rest = fields.Rest;
            isMac = fields.RestMayBeMac;
        }
        else
        {
            // Versions 1 to 3 have no fields: whatever is left has to be a MAC.
            isMac = rest.Length == SymmetricKey.IdSize || (rest.Length is >= ShortestMac and <= LongestMac && rest.Length % 4 == 0);
        }

        int at = datagram.Length - rest.Length;
        return rest.Length == 0 ? new(Tail.Plain, at)
            : !isMac ? new(Tail.Malformed, at)
            : rest.Length > SymmetricKey.IdSize ? new(Tail.Mac, at)
            : new(BinaryPrimitives.ReadUInt32BigEndian(rest) == 0 ? Tail.CryptoNak : Tail.Malformed, at);
    }
}
