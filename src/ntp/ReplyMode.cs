namespace TimeSuite.Ntp;

/// <summary>With which mode a datagram is answered.</summary>
internal static class ReplyMode
{
    /// <param name="firstOctet">Leap indicator, version, mode.</param>
    /// <param name="fromServersPort">Whether it came from port 123: a server of version 1 answers from there, and its answers have no mode either.</param>
    /// <returns><see cref="NtpMode.Reserved"/>: with none, for that is no request.</returns>
    /// <remarks>
    /// A symmetric peer that we do not know is answered as one that is passive, and forgotten, as chrony does: Windows asks so unless it is told otherwise. Version 1 has no modes;
    /// what came from a client's port is a request there (RFC 1059, RFC 5905 appendix A.5.1).
    /// </remarks>
    public static NtpMode To(byte firstOctet, bool fromServersPort) => (NtpMode)(firstOctet & 0b111) switch
    {
        NtpMode.Client => NtpMode.Server,
        NtpMode.SymmetricActive => NtpMode.SymmetricPassive,
        NtpMode.Reserved when (firstOctet >> 3 & 0b111) == 1 && !fromServersPort => NtpMode.Server,
        _ => NtpMode.Reserved,
    };
}
