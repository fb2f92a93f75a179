using System.Buffers.Binary;

namespace TimeSuite.Ptp;

/// <summary>gPTP's TLV behind each Follow_Up (IEEE 802.1AS-2020 clause 11.4.4.3): what became of the grandmaster's rate on the way, and of its time base.</summary>
/// <param name="CumulativeRate">Rate of the grandmaster against that of the sender.</param>
/// <param name="Base">The grandmaster's.</param>
public readonly record struct FollowUpInformation(FrequencyOffset CumulativeRate, TimeBase Base)
{
    /// <summary>Octets of the whole TLV.</summary>
    public const int Size = Tlvs.Head + Length;

    private const int Length = 28;

    private static ReadOnlySpan<byte> Name => [0x00, 0x80, 0xC2, 0x00, 0x00, 0x01]; // organization and subtype

    /// <summary>Finds it in a Follow_Up.</summary>
    /// <returns>False if it has none.</returns>
    public static bool TryFind(ReadOnlySpan<byte> message, in PtpHeader header, out FollowUpInformation information)
    {
        foreach (var tlv in Tlvs.Of(message, header))
        {
            if (tlv.Type == TlvType.OrganizationExtension && tlv.Value.Length >= Length && tlv.Value.StartsWith(Name))
            {
                var rest = tlv.Value[Name.Length..];
                information = new(FrequencyOffset.FromFraction(BinaryPrimitives.ReadInt32BigEndian(rest) / TimeBase.RateScale), TimeBase.Read(rest[4..]));
                return true;
            }
        }

        information = default;
        return false;
    }

    /// <summary>Writes <see cref="Size"/> octets.</summary>
    public void Write(Span<byte> buffer)
    {
        var value = Tlvs.Begin(buffer, TlvType.OrganizationExtension, Length);
        Name.CopyTo(value);
        var rest = value[Name.Length..];
        BinaryPrimitives.WriteInt32BigEndian(rest, TimeBase.Scaled(CumulativeRate));
        Base.Write(rest[4..]);
    }
}
