using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace TimeSuite.Lookup;

/// <summary>Which addresses are wanted; the numbers are those on the wire.</summary>
public enum LookupFamily : byte
{
    Any = 0,
    IPv4 = 4,
    IPv6 = 6,
}

/// <summary>One question to lookupd: 264 octets, always.</summary>
/// <remarks>
/// Octets 0 to 3: <c>TSQ1</c>. 4: family. 5: length of the name, 1 to 254. 6 and 7: milliseconds for an answer, 1 to 60,000, big-endian.
/// 8 to 263: the name in ASCII, then zeros.
/// </remarks>
/// <param name="Name">A host's name, as <see cref="IsName(string)"/> has it.</param>
/// <param name="Family">Which addresses are wanted.</param>
/// <param name="Patience">After this nobody waits for the answer any more: 1 ms to 60 s.</param>
public readonly record struct LookupQuestion(string Name, LookupFamily Family, Duration Patience)
{
    /// <summary>Length of every question, octets.</summary>
    public const int Size = 264;

    private const int NameAt = 8, LongestName = 254, MostMilliseconds = 60_000;

    private static readonly SearchValues<byte> s_nameOctets =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."u8);

    private static ReadOnlySpan<byte> Mark => "TSQ1"u8;

    /// <summary>Labels of 1 to 63 letters, digits, hyphens and underscores, 253 in all; a dot may stand at the end. No label begins with a hyphen: nothing reads it as an option.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && Ascii.IsValid(name) && IsName(Encoding.ASCII.GetBytes(name));

    /// <summary>Reads a question.</summary>
    /// <returns>False for everything that <see cref="TryWrite"/> does not write.</returns>
    public static bool TryParse(ReadOnlySpan<byte> message, out LookupQuestion question)
    {
        question = default;
        if (message.Length != Size || !message.StartsWith(Mark))
        {
            return false;
        }

        var family = (LookupFamily)message[4];
        int length = message[5];
        int milliseconds = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        if (family is not (LookupFamily.Any or LookupFamily.IPv4 or LookupFamily.IPv6) || milliseconds is 0 or > MostMilliseconds
            || length is 0 or > LongestName || message[(NameAt + length)..].ContainsAnyExcept((byte)0) || !IsName(message.Slice(NameAt, length)))
        {
            return false;
        }

        question = new(Encoding.ASCII.GetString(message.Slice(NameAt, length)), family, Duration.FromNanoseconds(milliseconds * 1_000_000L));
        return true;
    }

    /// <summary>Writes it.</summary>
    /// <param name="message">At least <see cref="Size"/> octets.</param>
    /// <returns>False for a name or a time that a question cannot have.</returns>
    public bool TryWrite(Span<byte> message)
    {
        message = message[..Size];
        message.Clear();
        long milliseconds = Patience.Nanoseconds / 1_000_000;
        if (milliseconds is < 1 or > MostMilliseconds || Name is null || !IsName(Name))
        {
            return false;
        }

        Mark.CopyTo(message);
        message[4] = (byte)Family;
        message[5] = (byte)Name.Length;
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], (ushort)milliseconds);
        Encoding.ASCII.GetBytes(Name, message[NameAt..]);
        return true;
    }

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        if (name.EndsWith("."u8))
        {
            name = name[..^1];
        }

        if (name.Length is 0 or > 253 || name.ContainsAnyExcept(s_nameOctets))
        {
            return false;
        }

        foreach (var range in name.Split((byte)'.'))
        {
            var label = name[range];
            if (label.Length is 0 or > 63 || label[0] == '-')
            {
                return false;
            }
        }

        return true;
    }
}
