using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using TimeSuite.Host;
using TimeSuite.Nts;
using TimeSuite.Nts.Tls;

namespace TimeSuite.Ntskeyd.Keys;

/// <summary>The key with which ntpd seals what it keeps over a restart; made when it is first wanted. The file: TSKK | version 1 (4) | secret (32) | SHA-256 of all that, the first 16 octets.</summary>
/// <remarks>It lies with us, so that ntpd's files alone give nothing away, and a copy of a disk's worth of cookies is worth as much as both.</remarks>
internal sealed class KeepingKeyFile(string path, KeChance chance, ILogger log)
{
    private const int HeadSize = 8, CheckSize = 16, Size = HeadSize + KeptSessions.KeySize + CheckSize;

    private readonly Lock _lock = new();
    private readonly StateFile _file = new(path, Size, log)
    {
        Mode = StateFile.ReadableByOwner,
        IsDurable = true,
        Loss = "ntpd will exchange keys again with its servers",
    };

    private byte[]? _secret;

    private static ReadOnlySpan<byte> Head => "TSKK\0\0\0\u0001"u8;

    /// <summary>32 octets.</summary>
    public ReadOnlySpan<byte> Secret(Instant<Utc> now)
    {
        lock (_lock)
        {
            if (_secret is null)
            {
                _file.Read(TryTake, now);
            }

            return _secret ??= Make();
        }
    }

    private string? TryTake(byte[] content)
    {
        var all = content.AsSpan();
        if (all.Length != Size || !all.StartsWith(Head) || !SHA256.HashData(all[..^CheckSize]).AsSpan(0, CheckSize).SequenceEqual(all[^CheckSize..]))
        {
            return "it is no file of a keeping key, or damaged";
        }

        _secret = GC.AllocateArray<byte>(KeptSessions.KeySize, pinned: true);
        all.Slice(HeadSize, KeptSessions.KeySize).CopyTo(_secret);
        CryptographicOperations.ZeroMemory(content);
        return null;
    }

    private byte[] Make()
    {
        byte[] secret = GC.AllocateArray<byte>(KeptSessions.KeySize, pinned: true), file = GC.AllocateArray<byte>(Size, pinned: true);
        chance(secret);
        Head.CopyTo(file);
        secret.CopyTo(file.AsSpan(HeadSize));
        SHA256.HashData(file.AsSpan(..^CheckSize)).AsSpan(0, CheckSize).CopyTo(file.AsSpan(Size - CheckSize));
        _file.Write(file);
        CryptographicOperations.ZeroMemory(file);
        return secret;
    }
}
