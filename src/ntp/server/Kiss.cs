namespace TimeSuite.Ntp;

/// <summary>Writes a kiss-o'-death: a header that refuses, of the length of the shortest request (RFC 5905 section 7.4).</summary>
internal static class Kiss
{
    /// <param name="request">A request.</param>
    /// <param name="mode">Of the reply.</param>
    /// <param name="code">Why.</param>
    /// <param name="poll">The shortest interval that would be served, log2 s; the client's own if that is longer.</param>
    /// <param name="precision">Of our clock.</param>
    /// <param name="received">When the request came.</param>
    /// <param name="reply">At least a header's size.</param>
    public static Response Write(ReadOnlySpan<byte> request, NtpMode mode, KissCode code, sbyte poll, sbyte precision, NtpTimestamp received, Span<byte> reply)
    {
        _ = NtpHeader.TryParse(request, out var asked); // who kisses has looked at the length
        new NtpHeader
        {
            Leap = LeapIndicator.Unsynchronized,
            Version = asked.Version,
            Mode = mode,
            Poll = Math.Max(asked.Poll, poll),
            Precision = precision,
            ReferenceId = new((uint)code),
            Origin = asked.Transmit,
            Receive = received,
        }.Write(reply);
        return new(NtpHeader.Size, received, Interleaved: false, Remembered: false);
    }
}
