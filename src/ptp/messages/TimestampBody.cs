namespace TimeSuite.Ptp;

/// <summary>The body that Sync, Delay_Req and Follow_Up share: one timestamp (IEEE 1588-2019 clauses 13.6, 13.7).</summary>
public static class TimestampBody
{
    /// <summary>Octets of header and body.</summary>
    public const int Size = PtpHeader.Size + PtpTimestamp.Size;

    /// <summary>Reads the timestamp of a message whose header was parsed.</summary>
    /// <returns>False if the timestamp is none.</returns>
    public static bool TryParse(ReadOnlySpan<byte> message, out Instant<Tai> timestamp) => PtpTimestamp.TryRead(message[PtpHeader.Size..], out timestamp);

    /// <summary>Writes header and body; the fraction of a nanosecond is added to the correction.</summary>
    public static void Write(Span<byte> message, in PtpHeader header, Instant<Tai> timestamp)
    {
        var fraction = PtpTimestamp.Write(message[PtpHeader.Size..], timestamp);
        (header with { Correction = header.Correction + fraction }).Write(message);
    }
}
