using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace TimeSuite.Ntp;

/// <summary>A secret that two hosts share, with its number: makes and checks the MAC behind a packet (RFC 5905 section 7.3, RFC 8573). From many threads at once.</summary>
/// <remarks>The secret is zeroed when nobody can reach the key any more; until then it is in one place of memory only.</remarks>
public sealed class SymmetricKey
{
    /// <summary>Octets of the key id in front of the digest.</summary>
    public const int IdSize = 4;

    /// <summary>A secret has at most so many octets.</summary>
    public const int LongestSecret = 1_024;

    /// <summary>From version 4 on a digest ends here: a longer MAC would be taken for an extension field (RFC 7822).</summary>
    private const int LongestInVersion4 = 20;

    private const int LongestDigest = 64;

    private readonly byte[] _secret;
    private readonly AesCmac? _cmac;

    /// <param name="id">1 to 2^32 - 1. Zero is that of a crypto-NAK.</param>
    /// <param name="algorithm">How it is used.</param>
    /// <param name="secret">16 octets for AES-128, 32 for AES-256, else 1 to 1,024. Copied; the caller zeroes its own.</param>
    /// <exception cref="ArgumentException">Not so.</exception>
    public SymmetricKey(uint id, MacAlgorithm algorithm, ReadOnlySpan<byte> secret)
        : this(id, algorithm, secret, AesKey.IsSupported)
    {
    }

    internal SymmetricKey(uint id, MacAlgorithm algorithm, ReadOnlySpan<byte> secret, bool byInstructions)
    {
        ArgumentOutOfRangeException.ThrowIfZero(id);
        int? exact = algorithm switch { MacAlgorithm.Aes128 => 16, MacAlgorithm.Aes256 => 32, _ => null };
        if (secret.Length != (exact ?? Math.Clamp(secret.Length, 1, LongestSecret)))
        {
            throw new ArgumentException("16 octets for AES-128, 32 for AES-256, else 1 to 1,024", nameof(secret));
        }

        (Id, Algorithm) = (id, algorithm);
        _secret = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        secret.CopyTo(_secret);
        _cmac = exact is null ? null : new(_secret, byInstructions);
    }

    ~SymmetricKey() => CryptographicOperations.ZeroMemory(_secret);

    public uint Id { get; }

    public MacAlgorithm Algorithm { get; }

    /// <summary>Octets of key id and digest in a packet of this version.</summary>
    public int MacSize(int version) => IdSize + (version >= 4 ? Math.Min(DigestSize, LongestInVersion4) : DigestSize);

    private int DigestSize => Algorithm switch
    {
        MacAlgorithm.Sha1 => SHA1.HashSizeInBytes,
        MacAlgorithm.Sha256 => SHA256.HashSizeInBytes,
        MacAlgorithm.Sha384 => SHA384.HashSizeInBytes,
        MacAlgorithm.Sha512 => SHA512.HashSizeInBytes,
        _ => 16, // MD5 and AES-CMAC
    };

    /// <summary>Writes key id and digest.</summary>
    /// <param name="message">Header and extension fields.</param>
    /// <param name="mac"><see cref="MacSize"/> octets.</param>
    public void Sign(ReadOnlySpan<byte> message, Span<byte> mac)
    {
        Span<byte> digest = stackalloc byte[LongestDigest];
        Digest(message, digest);
        BinaryPrimitives.WriteUInt32BigEndian(mac, Id);
        digest[..(mac.Length - IdSize)].CopyTo(mac[IdSize..]);
    }

    /// <summary>Whether the digest is right. Takes the same time wherever it is wrong.</summary>
    /// <param name="message">Header and extension fields.</param>
    /// <param name="mac">Key id, which is not looked at, and <see cref="MacSize"/> less <see cref="IdSize"/> octets of digest.</param>
    public bool Verifies(ReadOnlySpan<byte> message, ReadOnlySpan<byte> mac)
    {
        Span<byte> digest = stackalloc byte[LongestDigest];
        Digest(message, digest);
        return CryptographicOperations.FixedTimeEquals(digest[..(mac.Length - IdSize)], mac[IdSize..]);
    }

    [SuppressMessage("Security", "CA5351", Justification = "peers that know nothing better exist; the configuration warns of it")]
    [SuppressMessage("Security", "CA5350", Justification = "peers that know nothing better exist; the configuration warns of it")]
    private void Digest(ReadOnlySpan<byte> message, Span<byte> digest)
    {
        if (_cmac is not null)
        {
            _cmac.Compute(message, digest);
            return;
        }

        Span<byte> all = stackalloc byte[_secret.Length + message.Length];
        _secret.CopyTo(all);
        message.CopyTo(all[_secret.Length..]);
        switch (Algorithm)
        {
            case MacAlgorithm.Md5:
                MD5.HashData(all, digest);
                break;
            case MacAlgorithm.Sha1:
                SHA1.HashData(all, digest);
                break;
            case MacAlgorithm.Sha256:
                SHA256.HashData(all, digest);
                break;
            case MacAlgorithm.Sha384:
                SHA384.HashData(all, digest);
                break;
            default:
                SHA512.HashData(all, digest);
                break;
        }

        CryptographicOperations.ZeroMemory(all[.._secret.Length]);
    }
}
