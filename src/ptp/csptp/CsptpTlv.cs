using System.Buffers.Binary;

namespace TimeSuite.Ptp;

/// <summary>The TLVs of IEEE 1588.1. No two implementations agree on them yet: all forms that are known are read, told apart by their lengths, and the shortest is written.</summary>
public static class CsptpTlv
{
    public const TlvType Request = (TlvType)0xFF00, Response = (TlvType)0xFF01, Status = (TlvType)0xF002, StatusOfOthers = (TlvType)0xFF02;

    /// <summary>The sdoId of all its messages.</summary>
    public const ushort SdoId = 0x300;

    /// <summary>Octets of an organization's name and subtype, which one reading has in front of all else.</summary>
    internal const int Organization = 6;
}

/// <summary>What a client wants (CSPTP_REQUEST).</summary>
/// <param name="WantsStatus">The server's grandmaster and its UTC offset.</param>
/// <param name="WantsAlternateTime">A time scale beside PTP's.</param>
public readonly record struct CsptpRequest(bool WantsStatus, bool WantsAlternateTime)
{
    /// <summary>Octets of the whole TLV.</summary>
    public const int Size = Tlvs.Head + Length;

    private const int Length = 4;
    private const byte Status = 1, AlternateTime = 2;

    /// <summary>Finds it in a Sync.</summary>
    /// <returns>False if it has none.</returns>
    public static bool TryFind(ReadOnlySpan<byte> message, in PtpHeader header, out CsptpRequest request)
    {
        foreach (var tlv in Tlvs.Of(message, header))
        {
            if (tlv.Type == CsptpTlv.Request && tlv.Value.Length >= Length)
            {
                int flags = tlv.Value[0] | tlv.Value[Length - 1]; // bit 0 of the first octet, or of a 32-bit number
                request = new((flags & Status) != 0, (flags & AlternateTime) != 0);
                return true;
            }
        }

        request = default;
        return false;
    }

    /// <summary>Writes <see cref="Size"/> octets.</summary>
    public void Write(Span<byte> buffer)
    {
        var value = Tlvs.Begin(buffer, CsptpTlv.Request, Length);
        value.Clear();
        value[0] = (byte)((WantsStatus ? Status : 0) | (WantsAlternateTime ? AlternateTime : 0));
    }
}

/// <summary>When the request came (CSPTP_RESPONSE).</summary>
/// <param name="Received">By the server's clock.</param>
/// <param name="Correction">The request's correction field as it came.</param>
public readonly record struct CsptpResponse(Instant<Tai> Received, TimeInterval Correction)
{
    /// <summary>Octets of the whole TLV, as it is written.</summary>
    public const int Size = Tlvs.Head + Length;

    private const int Length = PtpTimestamp.Size + TimeInterval.Size;

    /// <summary>Finds it in a Sync, with or without an organization in front.</summary>
    /// <returns>False if it has none, or one whose time is none.</returns>
    public static bool TryFind(ReadOnlySpan<byte> message, in PtpHeader header, out CsptpResponse response)
    {
        response = default;
        foreach (var tlv in Tlvs.Of(message, header))
        {
            if (tlv.Type == CsptpTlv.Response && tlv.Value.Length >= Length)
            {
                var value = tlv.Value[(tlv.Value.Length == CsptpTlv.Organization + Length ? CsptpTlv.Organization : 0)..];
                bool right = PtpTimestamp.TryRead(value, out var received);
                response = right ? new(received, TimeInterval.Read(value[PtpTimestamp.Size..])) : default;
                return right;
            }
        }

        return false;
    }

    /// <summary>Writes <see cref="Size"/> octets. The client subtracts the correction, so the fraction of a nanosecond goes in negated.</summary>
    public void Write(Span<byte> buffer)
    {
        var value = Tlvs.Begin(buffer, CsptpTlv.Response, Length);
        var fraction = PtpTimestamp.Write(value, Received);
        (Correction - fraction).Write(value[PtpTimestamp.Size..]);
    }
}

/// <summary>Where the server's time comes from (CSPTP_STATUS).</summary>
/// <param name="Priority1">Of the grandmaster.</param>
/// <param name="Quality">Of the grandmaster.</param>
/// <param name="Priority2">Of the grandmaster.</param>
/// <param name="StepsRemoved">From the grandmaster to the server.</param>
/// <param name="UtcOffset">TAI - UTC, s; the header's flags say whether it holds.</param>
/// <param name="Grandmaster">Whose time it is.</param>
public readonly record struct CsptpStatus(byte Priority1, ClockQuality Quality, byte Priority2, ushort StepsRemoved, short UtcOffset, ClockIdentity Grandmaster)
{
    /// <summary>Octets of the whole TLV, as it is written.</summary>
    public const int Size = Tlvs.Head + Length;

    private const int Length = 18, AddressHead = 4;

    /// <summary>Finds it in a Sync, with or without an organization in front, with or without the address of the server's parent behind.</summary>
    /// <returns>False if it has none, or one of no known form.</returns>
    public static bool TryFind(ReadOnlySpan<byte> message, in PtpHeader header, out CsptpStatus status)
    {
        foreach (var tlv in Tlvs.Of(message, header))
        {
            if (tlv.Type is CsptpTlv.Status or CsptpTlv.StatusOfOthers && Start(tlv.Value) is var start and >= 0)
            {
                status = Read(tlv.Value[start..]);
                return true;
            }
        }

        status = default;
        return false;
    }

    /// <summary>Writes <see cref="Size"/> octets.</summary>
    public void Write(Span<byte> buffer)
    {
        var value = Tlvs.Begin(buffer, CsptpTlv.Status, Length);
        value[0] = Priority1;
        Quality.Write(value[1..]);
        value[5] = Priority2;
        BinaryPrimitives.WriteUInt16BigEndian(value[6..], StepsRemoved);
        BinaryPrimitives.WriteInt16BigEndian(value[8..], UtcOffset);
        Grandmaster.Write(value[10..]);
    }

    private static CsptpStatus Read(ReadOnlySpan<byte> value) => new(
        value[0], ClockQuality.Read(value[1..]), value[5], BinaryPrimitives.ReadUInt16BigEndian(value[6..]), BinaryPrimitives.ReadInt16BigEndian(value[8..]), ClockIdentity.Read(value[10..]));

    /// <summary>Where the fields begin: the length of the address at the end tells the forms apart.</summary>
    /// <returns>-1: no form fits.</returns>
    private static int Start(ReadOnlySpan<byte> value) =>
        value.Length == Length || EndsInAddress(value, Length) ? 0
        : value.Length == CsptpTlv.Organization + Length || EndsInAddress(value, CsptpTlv.Organization + Length) ? CsptpTlv.Organization
        : -1;

    private static bool EndsInAddress(ReadOnlySpan<byte> value, int at)
    {
        if (value.Length < at + AddressHead)
        {
            return false;
        }

        int end = at + AddressHead + BinaryPrimitives.ReadUInt16BigEndian(value[(at + 2)..]);
        return value.Length == end + end % 2;
    }
}
