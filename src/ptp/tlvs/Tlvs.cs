using System.Buffers.Binary;

namespace TimeSuite.Ptp;

/// <summary>Types of TLVs (IEEE 1588-2019 table 52).</summary>
public enum TlvType : ushort
{
    Management = 0x0001,
    ManagementErrorStatus = 0x0002,
    OrganizationExtension = 0x0003,
    RequestUnicastTransmission = 0x0004,
    GrantUnicastTransmission = 0x0005,
    CancelUnicastTransmission = 0x0006,
    AcknowledgeCancelUnicastTransmission = 0x0007,
    PathTrace = 0x0008,
    AlternateTimeOffsetIndicator = 0x0009,
    OrganizationExtensionPropagate = 0x4000,
    EnhancedAccuracyMetrics = 0x4001,
    OrganizationExtensionDoNotPropagate = 0x8000,
    CumulativeRateRatio = 0x8007,
    Pad = 0x8008,
    Authentication = 0x8009,
}

/// <summary>One TLV.</summary>
/// <param name="type">What it is.</param>
/// <param name="value">What follows type and length.</param>
public readonly ref struct Tlv(TlvType type, ReadOnlySpan<byte> value)
{
    public TlvType Type { get; } = type;

    public ReadOnlySpan<byte> Value { get; } = value;
}

/// <summary>Walks the TLVs behind a message's body without copying (IEEE 1588-2019 clause 14.1). Stops at the first malformed one.</summary>
/// <param name="rest">The message after its body, as far as its header's length says.</param>
public ref struct Tlvs(ReadOnlySpan<byte> rest)
{
    /// <summary>Octets of type and length.</summary>
    public const int Head = 4;

    private ReadOnlySpan<byte> _rest = rest;

    /// <summary>The TLV that <see cref="MoveNext"/> found.</summary>
    public Tlv Current { get; private set; }

    /// <summary>What is not yet consumed: empty after a clean walk, else garbage (or what precedes the next step).</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>The TLVs of a message whose header was parsed.</summary>
    public static Tlvs Of(ReadOnlySpan<byte> message, in PtpHeader header) => new(message[header.Type.Size()..header.Length]);

    /// <summary>Whether the walk to the end is clean. A message with a malformed TLV is dropped whole (clause 14.1.1).</summary>
    public static bool AreWellFormed(ReadOnlySpan<byte> message, in PtpHeader header)
    {
        var walk = Of(message, header);
        while (walk.MoveNext())
        {
        }

        return walk.Rest.IsEmpty;
    }

    /// <summary>Writes a TLV's head; its value of <paramref name="length"/> octets, an even number, follows.</summary>
    /// <returns>Where the value goes.</returns>
    public static Span<byte> Begin(Span<byte> buffer, TlvType type, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)length);
        return buffer.Slice(Head, length);
    }

    /// <summary>Lets <c>foreach</c> walk a copy; use <see cref="MoveNext"/> itself to ask for <see cref="Rest"/> afterwards.</summary>
    public readonly Tlvs GetEnumerator() => this;

    /// <summary>Steps to the next TLV. False at the end, and at a length that is odd or past the end.</summary>
    public bool MoveNext()
    {
        if (_rest.Length < Head)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (length % 2 != 0 || length > _rest.Length - Head)
        {
            return false;
        }

        Current = new((TlvType)BinaryPrimitives.ReadUInt16BigEndian(_rest), _rest.Slice(Head, length));
        _rest = _rest[(Head + length)..];
        return true;
    }
}
