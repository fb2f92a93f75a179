using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Google.Protobuf;
using TimeSuite.Rpc.Nts.V1;

namespace TimeSuite.Ctl;

/// <summary>The file that carries keys of cookies to another server: TSKX | the first 16 octets of the SHA-256 of the rest | <see cref="CookieKeys"/>.</summary>
/// <remarks>The check finds a file that is cut or damaged, not malice: who can write it has the keys. Cut between two keys it would be read as one with fewer.</remarks>
internal static class KeysFile
{
    private const int CheckSize = 16;

    private static ReadOnlySpan<byte> Head => "TSKX"u8;

    public static byte[] Write(CookieKeys keys)
    {
        byte[] octets = keys.ToByteArray();
        return [.. Head, .. Check(octets), .. octets];
    }

    public static bool TryRead(ReadOnlySpan<byte> file, [NotNullWhen(true)] out CookieKeys? keys)
    {
        keys = null;
        int head = Head.Length + CheckSize;
        if (file.Length <= head || !file.StartsWith(Head) || !CryptographicOperations.FixedTimeEquals(Check(file[head..]), file[Head.Length..head]))
        {
            return false;
        }

        try
        {
            keys = CookieKeys.Parser.ParseFrom(file[head..]);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    private static ReadOnlySpan<byte> Check(ReadOnlySpan<byte> octets) => SHA256.HashData(octets).AsSpan(0, CheckSize);
}
