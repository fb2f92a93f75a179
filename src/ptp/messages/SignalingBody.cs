namespace TimeSuite.Ptp;

/// <summary>Whom a signaling message is for (IEEE 1588-2019 clause 13.12). What it says is in its TLVs.</summary>
public static class SignalingBody
{
    /// <summary>Octets of header and body.</summary>
    public const int Size = PtpHeader.Size + PortIdentity.Size;

    /// <summary>Reads the target of a message whose header was parsed.</summary>
    public static PortIdentity Target(ReadOnlySpan<byte> message) => PortIdentity.Read(message[PtpHeader.Size..]);

    /// <summary>Writes header and body.</summary>
    public static void Write(Span<byte> message, in PtpHeader header, PortIdentity target)
    {
        header.Write(message);
        target.Write(message[PtpHeader.Size..]);
    }
}
