using System.Buffers.Binary;

namespace TimeSuite.Ntp;

/// <summary>One extension field.</summary>
/// <param name="type">As on the wire; RFC 8915 and the registry say what it means.</param>
/// <param name="value">What follows type and length, padding included.</param>
public readonly ref struct ExtensionField(ushort type, ReadOnlySpan<byte> value)
{
    public ushort Type { get; } = type;

    public ReadOnlySpan<byte> Value { get; } = value;
}

/// <summary>Walks the extension fields of a version 4 datagram without copying. Stops at a MAC and at the first malformed field.</summary>
/// <remarks>
/// RFC 7822 section 7.5 tells fields from a MAC by length alone: a MAC behind fields has at most 24 octets, a field at least 16, and
/// the last field at least 28 if no MAC follows. So whenever 24 octets or fewer are left, they are no field.
/// Versions 1 to 3 have no fields: do not walk those.
/// </remarks>
/// <param name="rest">The datagram after its first <see cref="NtpHeader.Size"/> octets.</param>
public ref struct ExtensionFields(ReadOnlySpan<byte> rest)
{
    private const int MinField = 16, MaxMac = 24;

    private ReadOnlySpan<byte> _rest = rest;

    /// <summary>The field that <see cref="MoveNext"/> found.</summary>
    public ExtensionField Current { get; private set; }

    /// <summary>What is not yet consumed: empty after a clean walk, else a MAC or garbage.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Whether <see cref="Rest"/> has the length of a MAC: a key id alone (crypto-NAK), or with a digest of 16 or 20 octets.</summary>
    public readonly bool RestMayBeMac => _rest.Length is 4 or 20 or MaxMac;

    /// <summary>Lets <c>foreach</c> walk a copy; use <see cref="MoveNext"/> itself to ask for <see cref="Rest"/> afterwards.</summary>
    public readonly ExtensionFields GetEnumerator() => this;

    /// <summary>Steps to the next field. False at the end, at a MAC, and at a length that is short, unaligned or past the end.</summary>
    public bool MoveNext()
    {
        if (_rest.Length <= MaxMac)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (length < MinField || length % 4 != 0 || length > _rest.Length)
        {
            return false;
        }

        Current = new(BinaryPrimitives.ReadUInt16BigEndian(_rest), _rest[4..length]);
        _rest = _rest[length..];
        return true;
    }
}
