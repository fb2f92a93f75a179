using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using TimeSuite.Nts;

namespace TimeSuite.Ntskeyd.Keys;

/// <summary>A ring as the octets of a file: TSCK | version 1 | number of keys | which one seals | 0, for each key id (4), from (8, s since 1970), secret (32), then a check of all that (16).</summary>
/// <remarks>Big endian. The check finds damage, not malice: who can write the file has the keys.</remarks>
internal static class CookieKeyFile
{
    public const int LongestFile = HeadSize + (CookieKeys.Most * KeySize) + CheckSize;

    private const int HeadSize = 8, KeySize = 4 + 8 + CookieKey.SecretSize, CheckSize = 16;
    private const byte Version = 1;

    /// <summary>In memory that the collector does not move: whoever has it zeroes it.</summary>
    public static byte[] Write(CookieKeyRing ring)
    {
        byte[] file = GC.AllocateArray<byte>(HeadSize + (ring.Keys.Count * KeySize) + CheckSize, pinned: true);
        "TSCK"u8.CopyTo(file);
        (file[4], file[5], file[6]) = (Version, (byte)ring.Keys.Count, (byte)ring.SealingIndex);
        var rest = file.AsSpan(HeadSize);
        foreach (var (key, from) in ring.Keys)
        {
            BinaryPrimitives.WriteUInt32BigEndian(rest, key.Id);
            BinaryPrimitives.WriteInt64BigEndian(rest[4..], from.SinceEpoch.WholeSeconds);
            key.CopyTo(rest[12..]);
            rest = rest[KeySize..];
        }

        Check(file.AsSpan(..^CheckSize)).CopyTo(rest);
        return file;
    }

    /// <summary>Reads a file. False: <paramref name="fault"/> says why it makes no sense.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, [NotNullWhen(true)] out CookieKeyRing? ring, out string fault)
    {
        ring = null;
        if (file.Length < HeadSize + CheckSize || !file.StartsWith("TSCK"u8))
        {
            fault = "it is no file of cookie keys";
            return false;
        }

        if (file[4] != Version)
        {
            fault = $"it is of version {file[4]}, and we read {Version}";
            return false;
        }

        if (file.Length != HeadSize + (file[5] * KeySize) + CheckSize || !CryptographicOperations.FixedTimeEquals(Check(file[..^CheckSize]), file[^CheckSize..]))
        {
            fault = "it is damaged";
            return false;
        }

        var keys = new RingKey[file[5]];
        for (int index = 0; index < keys.Length; index++)
        {
            var entry = file.Slice(HeadSize + (index * KeySize), KeySize);
            long from = BinaryPrimitives.ReadInt64BigEndian(entry[4..]);
            keys[index] = new(new(BinaryPrimitives.ReadUInt32BigEndian(entry), entry[12..]), new(Duration.FromSeconds(Math.Clamp(from, 0, 1L << 40))));
        }

        bool isSound = CookieKeyRing.IsSound(keys, file[6]);
        fault = isSound ? "" : "its keys make no sense";
        ring = isSound ? new(keys, file[6]) : null;
        return isSound;
    }

    private static Span<byte> Check(ReadOnlySpan<byte> octets) => SHA256.HashData(octets).AsSpan(0, CheckSize);
}
