using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace TimeSuite.Nts;

/// <summary>Sessions as the octets of a file: TSNS | version 1 (4) | nonce (16) | tag (16) | sealed by AES-SIV-CMAC-256 with the first 8 octets as associated data.</summary>
/// <remarks>
/// Sealed, big endian: number of sessions (2), then for each: host, name (length 1 and UTF-8), port (2), NTP port (2), address (length 1, octets), AEAD (2),
/// the client's key, the server's key, three instants (8 each, s since 1970), number of cookies (1), each with its length (2).
/// </remarks>
public static class KeptSessions
{
    /// <summary>Octets of the key that seals.</summary>
    public const int KeySize = 32;

    /// <summary>Octets of the nonce.</summary>
    public const int NonceSize = 16;

    /// <summary>Octets of the longest file that is read.</summary>
    public const int LongestFile = 1 << 20;

    /// <summary>Sessions in a file.</summary>
    public const int Most = 64;

    private const int HeadSize = 8;

    private static ReadOnlySpan<byte> Head => "TSNS\0\0\0\u0001"u8;

    /// <summary>Makes a file of the first <see cref="Most"/>.</summary>
    /// <param name="sessions">To be kept.</param>
    /// <param name="key"><see cref="KeySize"/> octets.</param>
    /// <param name="nonce"><see cref="NonceSize"/> unpredictable octets.</param>
    public static byte[] Seal(IReadOnlyCollection<KeptSession> sessions, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce)
    {
        byte[] plain = GC.AllocateArray<byte>(LongestFile, pinned: true);
        var writer = new KeptWriter(plain);
        writer.Number(Math.Min(sessions.Count, Most), 2);
        foreach (var session in sessions.Take(Most))
        {
            writer.Put(session);
        }

        byte[] file = new byte[HeadSize + NonceSize + NtsAeads.TagSize + writer.Length];
        Head.CopyTo(file);
        nonce.CopyTo(file.AsSpan(HeadSize));
        var cipher = AeadCipher.Create(NtsAead.AesSivCmac256);
        cipher.SetKey(key);
        cipher.Seal(nonce, Head, plain.AsSpan(0, writer.Length), file.AsSpan(HeadSize + NonceSize));
        CryptographicOperations.ZeroMemory(plain);
        return file;
    }

    /// <summary>Reads a file. False: it is not of this key, damaged, or makes no sense.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> file, ReadOnlySpan<byte> key, [NotNullWhen(true)] out List<KeptSession>? sessions)
    {
        sessions = null;
        if (file.Length < HeadSize + NonceSize + NtsAeads.TagSize || file.Length > LongestFile || !file.StartsWith(Head))
        {
            return false;
        }

        byte[] plain = GC.AllocateArray<byte>(file.Length - HeadSize - NonceSize - NtsAeads.TagSize, pinned: true);
        var cipher = AeadCipher.Create(NtsAead.AesSivCmac256);
        cipher.SetKey(key);
        if (!cipher.TryOpen(file.Slice(HeadSize, NonceSize), Head, file[(HeadSize + NonceSize)..], plain))
        {
            return false;
        }

        bool isRead = KeptReader.TryRead(plain, out sessions);
        CryptographicOperations.ZeroMemory(plain);
        return isRead;
    }
}
