using System.Buffers.Binary;

namespace TimeSuite.Lookup;

/// <summary>How a question ended; the numbers are those on the wire.</summary>
public enum LookupStatus : byte
{
    /// <summary>There are addresses.</summary>
    Found = 0,

    /// <summary>Those who must know say that there is no such name, or that it has no such address.</summary>
    NoSuchName = 1,

    /// <summary>Nobody could be asked, or nobody answered: later it may be otherwise.</summary>
    TryAgain = 2,

    /// <summary>It is not a question, or one too many of this user.</summary>
    Refused = 3,
}

/// <summary>One address that a name has.</summary>
/// <param name="IsIPv6">Else IPv4, whose four octets are the lowest of <paramref name="Octets"/>.</param>
/// <param name="Octets">The address, its first octet highest.</param>
/// <param name="Scope">Of a link-local IPv6 address: the interface's index. Otherwise 0.</param>
public readonly record struct FoundAddress(bool IsIPv6, UInt128 Octets, uint Scope)
{
    /// <summary>Whether a server can be there: neither unspecified (0.0.0.0/8, ::), nor a multicast address, nor a broadcast.</summary>
    public bool IsOfAHost => IsIPv6
        ? Octets != 0 && Octets >> 120 != 0xFF
        : Octets >> 24 != 0 && Octets >> 28 != 0xE && Octets < uint.MaxValue;
}

/// <summary>lookupd's answer: 1,544 octets, always.</summary>
/// <remarks>
/// Octets 0 to 3: <c>TSA1</c>. 4: status. 5: number of addresses, 0 to 64. 6 and 7: zero. Then 64 places of 24 octets: family (4 or 6, 0 for an empty place),
/// three zeros, the address in 16 octets (IPv4 in the last four), the scope in 4. Numbers are big-endian; what is not used is zero.
/// </remarks>
/// <param name="Status">How it ended.</param>
/// <param name="Addresses">At most <see cref="MostAddresses"/>, each once, in the resolver's order; not empty if and only if it is <see cref="LookupStatus.Found"/>.</param>
public sealed record LookupAnswer(LookupStatus Status, IReadOnlyList<FoundAddress> Addresses)
{
    /// <summary>More are left out.</summary>
    public const int MostAddresses = 64;

    /// <summary>Length of every answer, octets.</summary>
    public const int Size = 8 + MostAddresses * PlaceSize;

    private const int PlaceSize = 24;

    private static ReadOnlySpan<byte> Mark => "TSA1"u8;

    /// <summary>An answer without addresses.</summary>
    public static LookupAnswer Without(LookupStatus status) => new(status, []);

    /// <summary>Reads an answer.</summary>
    /// <returns>False for everything that <see cref="Write"/> does not write.</returns>
    public static bool TryParse(ReadOnlySpan<byte> message, out LookupAnswer answer)
    {
        answer = Without(LookupStatus.TryAgain);
        if (message.Length != Size || !message.StartsWith(Mark) || message[6] != 0 || message[7] != 0)
        {
            return false;
        }

        var status = (LookupStatus)message[4];
        int count = message[5];
        int end = 8 + count * PlaceSize;
        if (status > LookupStatus.Refused || count > MostAddresses || count > 0 != (status == LookupStatus.Found) || message[end..].ContainsAnyExcept((byte)0))
        {
            return false;
        }

        var addresses = new FoundAddress[count];
        for (int index = 0; index < count; index++)
        {
            if (!TryParsePlace(message.Slice(8 + index * PlaceSize, PlaceSize), out addresses[index]))
            {
                return false;
            }
        }

        answer = new(status, addresses);
        return true;
    }

    /// <summary>Writes it.</summary>
    /// <param name="message">At least <see cref="Size"/> octets.</param>
    public void Write(Span<byte> message)
    {
        message = message[..Size];
        message.Clear();
        Mark.CopyTo(message);
        int count = Math.Min(Addresses.Count, MostAddresses);
        (message[4], message[5]) = ((byte)Status, (byte)count);
        for (int index = 0; index < count; index++)
        {
            var place = message.Slice(8 + index * PlaceSize, PlaceSize);
            var address = Addresses[index];
            place[0] = (byte)(address.IsIPv6 ? 6 : 4);
            BinaryPrimitives.WriteUInt128BigEndian(place[4..], address.Octets);
            BinaryPrimitives.WriteUInt32BigEndian(place[20..], address.Scope);
        }
    }

    private static bool TryParsePlace(ReadOnlySpan<byte> place, out FoundAddress address)
    {
        address = new(place[0] == 6, BinaryPrimitives.ReadUInt128BigEndian(place[4..]), BinaryPrimitives.ReadUInt32BigEndian(place[20..]));
        return place[0] is 4 or 6 && !place[1..4].ContainsAnyExcept((byte)0)
            && address.IsOfAHost && (address.IsIPv6 || (address.Octets <= uint.MaxValue && address.Scope == 0));
    }
}
