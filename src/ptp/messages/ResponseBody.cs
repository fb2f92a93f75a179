namespace TimeSuite.Ptp;

/// <summary>
/// The body that Delay_Resp, Pdelay_Resp and Pdelay_Resp_Follow_Up share: a timestamp and who asked (IEEE 1588-2019 clauses 13.8, 13.10, 13.11).
/// A Pdelay_Req is as long, with both empty, so that request and response take as long on the wire (clause 13.9).
/// </summary>
/// <param name="Timestamp">When the request came (Delay_Resp, Pdelay_Resp), or when the response went (Pdelay_Resp_Follow_Up).</param>
/// <param name="Requester">Whose request this answers.</param>
public readonly record struct ResponseBody(Instant<Tai> Timestamp, PortIdentity Requester)
{
    /// <summary>Octets of header and body.</summary>
    public const int Size = PtpHeader.Size + PtpTimestamp.Size + PortIdentity.Size;

    private const int RequesterAt = PtpHeader.Size + PtpTimestamp.Size;

    /// <summary>Reads the body of a message whose header was parsed.</summary>
    /// <returns>False if the timestamp is none.</returns>
    public static bool TryParse(ReadOnlySpan<byte> message, out ResponseBody body)
    {
        bool right = PtpTimestamp.TryRead(message[PtpHeader.Size..], out var timestamp);
        body = right ? new(timestamp, PortIdentity.Read(message[RequesterAt..])) : default;
        return right;
    }

    /// <summary>Writes header and body. <paramref name="fractionSign"/> is the sign with which the receiver will use the correction.</summary>
    /// <remarks>
    /// A Delay_Resp's correction is subtracted by the slave (clause 11.3.2), so the fraction of a nanosecond of the receive stamp goes in negated;
    /// a Pdelay_Resp's receive stamp likewise, and a Pdelay_Resp_Follow_Up's transmit stamp as it is (clause 11.4.2).
    /// </remarks>
    public void Write(Span<byte> message, in PtpHeader header, int fractionSign)
    {
        var fraction = PtpTimestamp.Write(message[PtpHeader.Size..], Timestamp);
        Requester.Write(message[RequesterAt..]);
        (header with { Correction = fractionSign < 0 ? header.Correction - fraction : header.Correction + fraction }).Write(message);
    }
}
