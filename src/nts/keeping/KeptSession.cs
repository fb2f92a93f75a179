namespace TimeSuite.Nts;

/// <summary>What a client keeps of one server over a restart, so that no new key exchange is needed.</summary>
/// <param name="Host">Of the key exchange, as configured.</param>
/// <param name="Port">Of the key exchange, TCP.</param>
/// <param name="Name">The NTP server's, as the key exchange told it.</param>
/// <param name="Address">The NTP server's, 4 or 16 octets. Without a scope: link-local ones are not kept.</param>
/// <param name="NtpPort">UDP.</param>
/// <param name="Aead">Of the keys.</param>
/// <param name="ClientToServer">Of the length that the AEAD has.</param>
/// <param name="ServerToClient">Of the same.</param>
/// <param name="Cookies">Not used yet, 1 to 8.</param>
/// <param name="EstablishedAt">The key exchange.</param>
/// <param name="ValidFrom">The period of its certificates.</param>
/// <param name="ValidUntil">Of the same.</param>
public sealed record KeptSession(
    string Host, int Port, string Name, byte[] Address, int NtpPort, NtsAead Aead, byte[] ClientToServer, byte[] ServerToClient, IReadOnlyList<byte[]> Cookies,
    Instant<Utc> EstablishedAt, Instant<Utc> ValidFrom, Instant<Utc> ValidUntil);
