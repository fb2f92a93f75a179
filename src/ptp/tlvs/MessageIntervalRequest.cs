namespace TimeSuite.Ptp;

/// <summary>gPTP's request to the other end of the link, how often it shall send (IEEE 802.1AS-2020 clause 10.6.4.3). Each is log2 s, or one of the words below.</summary>
/// <param name="LinkDelay">Between Pdelay_Req.</param>
/// <param name="Sync">Between Sync.</param>
/// <param name="Announce">Between Announce.</param>
/// <param name="Flags">Bit 1: compute the neighbour's rate; bit 2: compute the delay of the link; bit 3 (2020): one-step reception.</param>
public readonly record struct MessageIntervalRequest(sbyte LinkDelay, sbyte Sync, sbyte Announce, byte Flags)
{
    /// <summary>Send none.</summary>
    public const sbyte Stop = 127;

    /// <summary>As configured, the initial interval.</summary>
    public const sbyte Initial = 126;

    /// <summary>As it is.</summary>
    public const sbyte Unchanged = -128;

    /// <summary>Compute both the neighbour's rate and the delay of the link: what a port does unless it is told otherwise.</summary>
    public const byte ComputeAll = 0b110;

    /// <summary>Octets of the whole TLV.</summary>
    public const int Size = Tlvs.Head + Length;

    private const int Length = 12;

    private static ReadOnlySpan<byte> Name => [0x00, 0x80, 0xC2, 0x00, 0x00, 0x02]; // organization and subtype

    /// <summary>Reads one TLV.</summary>
    /// <returns>False if it is another.</returns>
    public static bool TryRead(in Tlv tlv, out MessageIntervalRequest request)
    {
        bool right = tlv.Type == TlvType.OrganizationExtension && tlv.Value.Length >= Length && tlv.Value.StartsWith(Name);
        request = right ? new(Signed(tlv.Value[6]), Signed(tlv.Value[7]), Signed(tlv.Value[8]), tlv.Value[9]) : default;
        return right;
    }

    /// <summary>Writes <see cref="Size"/> octets.</summary>
    public void Write(Span<byte> buffer)
    {
        var value = Tlvs.Begin(buffer, TlvType.OrganizationExtension, Length);
        value.Clear();
        Name.CopyTo(value);
        (value[6], value[7], value[8], value[9]) = (Octet(LinkDelay), Octet(Sync), Octet(Announce), Flags);
    }

    private static sbyte Signed(byte octet) => unchecked((sbyte)octet); // signed on the wire

    private static byte Octet(sbyte log) => unchecked((byte)log);
}
