using System.Buffers.Binary;

namespace TimeSuite.Ptp;

/// <summary>Asks for messages of one type for the asker alone (IEEE 1588-2019 clause 16.1.4.1).</summary>
/// <param name="Type">Announce, Sync, Delay_Resp or Pdelay_Resp.</param>
/// <param name="LogInterval">log2 s between them.</param>
/// <param name="Seconds">For how long.</param>
public readonly record struct UnicastRequest(MessageType Type, sbyte LogInterval, uint Seconds)
{
    /// <summary>Octets of the whole TLV.</summary>
    public const int Size = Tlvs.Head + Length;

    private const int Length = 6;

    /// <summary>Reads one TLV.</summary>
    /// <returns>False if it is another, or too short.</returns>
    public static bool TryRead(in Tlv tlv, out UnicastRequest request)
    {
        bool right = tlv.Type == TlvType.RequestUnicastTransmission && tlv.Value.Length >= Length;
        request = right ? new((MessageType)(tlv.Value[0] >> 4), unchecked((sbyte)tlv.Value[1]), BinaryPrimitives.ReadUInt32BigEndian(tlv.Value[2..])) : default;
        return right;
    }

    /// <summary>Writes <see cref="Size"/> octets.</summary>
    public void Write(Span<byte> buffer)
    {
        var value = Tlvs.Begin(buffer, TlvType.RequestUnicastTransmission, Length);
        value[0] = (byte)((int)Type << 4);
        value[1] = unchecked((byte)LogInterval); // signed on the wire
        BinaryPrimitives.WriteUInt32BigEndian(value[2..], Seconds);
    }
}

/// <summary>The answer to a <see cref="UnicastRequest"/> (IEEE 1588-2019 clause 16.1.4.2).</summary>
/// <param name="Type">As asked.</param>
/// <param name="LogInterval">log2 s between them.</param>
/// <param name="Seconds">For how long; 0: not at all.</param>
/// <param name="MayRenew">The granter expects to grant it again.</param>
public readonly record struct UnicastGrant(MessageType Type, sbyte LogInterval, uint Seconds, bool MayRenew)
{
    /// <summary>Octets of the whole TLV.</summary>
    public const int Size = Tlvs.Head + Length;

    private const int Length = 8;

    /// <summary>Reads one TLV.</summary>
    /// <returns>False if it is another, or too short.</returns>
    public static bool TryRead(in Tlv tlv, out UnicastGrant grant)
    {
        bool right = tlv.Type == TlvType.GrantUnicastTransmission && tlv.Value.Length >= Length;
        grant = right
            ? new((MessageType)(tlv.Value[0] >> 4), unchecked((sbyte)tlv.Value[1]), BinaryPrimitives.ReadUInt32BigEndian(tlv.Value[2..]), (tlv.Value[7] & 1) != 0)
            : default;
        return right;
    }

    /// <summary>Writes <see cref="Size"/> octets.</summary>
    public void Write(Span<byte> buffer)
    {
        var value = Tlvs.Begin(buffer, TlvType.GrantUnicastTransmission, Length);
        value[0] = (byte)((int)Type << 4);
        value[1] = unchecked((byte)LogInterval); // signed on the wire
        BinaryPrimitives.WriteUInt32BigEndian(value[2..], Seconds);
        value[6] = 0;
        value[7] = MayRenew ? (byte)1 : (byte)0;
    }
}

/// <summary>Ends a grant, by either side, or acknowledges that (IEEE 1588-2019 clauses 16.1.4.3 and 16.1.4.4).</summary>
/// <remarks>The flags are of the edition of 2019; that of 2008 had none, and who ended it was clear only where a port did not both ask and grant.</remarks>
/// <param name="Type">Of the messages.</param>
/// <param name="IsAcknowledgement">The other side has taken note.</param>
/// <param name="KeepsRequest">What the sender has asked for goes on: it ends what it has granted.</param>
/// <param name="KeepsGrant">What the sender has granted goes on: it ends what it has asked for.</param>
public readonly record struct UnicastCancel(MessageType Type, bool IsAcknowledgement, bool KeepsRequest, bool KeepsGrant)
{
    /// <summary>Octets of the whole TLV.</summary>
    public const int Size = Tlvs.Head + Length;

    private const int Length = 2;
    private const byte MaintainRequest = 1, MaintainGrant = 2;

    /// <summary>Reads one TLV.</summary>
    /// <returns>False if it is another, or too short.</returns>
    public static bool TryRead(in Tlv tlv, out UnicastCancel cancel)
    {
        bool right = tlv.Type is TlvType.CancelUnicastTransmission or TlvType.AcknowledgeCancelUnicastTransmission && tlv.Value.Length >= Length;
        cancel = right
            ? new((MessageType)(tlv.Value[0] >> 4), tlv.Type == TlvType.AcknowledgeCancelUnicastTransmission, (tlv.Value[0] & MaintainRequest) != 0, (tlv.Value[0] & MaintainGrant) != 0)
            : default;
        return right;
    }

    /// <summary>Writes <see cref="Size"/> octets.</summary>
    public void Write(Span<byte> buffer)
    {
        var value = Tlvs.Begin(buffer, IsAcknowledgement ? TlvType.AcknowledgeCancelUnicastTransmission : TlvType.CancelUnicastTransmission, Length);
        value[0] = (byte)((int)Type << 4 | (KeepsRequest ? MaintainRequest : 0) | (KeepsGrant ? MaintainGrant : 0));
        value[1] = 0;
    }
}
