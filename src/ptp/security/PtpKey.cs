using System.Security.Cryptography;

namespace TimeSuite.Ptp;

/// <summary>How the seal of a message is made (IEEE 1588-2019 clause 16.14.3.9 and what linuxptp has beside).</summary>
public enum IcvAlgorithm
{
    /// <summary>The first half of HMAC-SHA256: the one that everybody has to have.</summary>
    HmacSha256Half,
    HmacSha256,
    AesCmac128,
    AesCmac256,
}

/// <summary>A secret that PTP ports share, with its number.</summary>
/// <remarks>The secret is zeroed when nobody can reach the key any more.</remarks>
public sealed class PtpKey
{
    /// <summary>A secret has at most so many octets.</summary>
    public const int LongestSecret = 1_024;

    internal const int LongestIcv = HMACSHA256.HashSizeInBytes;

    private readonly byte[] _secret;
    private readonly AesCmac? _cmac;

    /// <param name="id">1 to 2^32 - 1.</param>
    /// <param name="algorithm">How it is used.</param>
    /// <param name="secret">16 octets for AES-128, 32 for AES-256, else 1 to 1,024. Copied; the caller zeroes its own.</param>
    /// <exception cref="ArgumentException">Not so.</exception>
    public PtpKey(uint id, IcvAlgorithm algorithm, ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfZero(id);
        int? exact = algorithm switch { IcvAlgorithm.AesCmac128 => 16, IcvAlgorithm.AesCmac256 => 32, _ => null };
        if (secret.Length != (exact ?? Math.Clamp(secret.Length, 1, LongestSecret)))
        {
            throw new ArgumentException("16 octets for AES-128, 32 for AES-256, else 1 to 1,024", nameof(secret));
        }

        (Id, Algorithm) = (id, algorithm);
        _secret = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        secret.CopyTo(_secret);
        _cmac = exact is null ? null : new(_secret, AesKey.IsSupported);
    }

    ~PtpKey() => CryptographicOperations.ZeroMemory(_secret);

    public uint Id { get; }

    public IcvAlgorithm Algorithm { get; }

    /// <summary>Octets of the integrity check value.</summary>
    public int IcvSize => Algorithm == IcvAlgorithm.HmacSha256 ? HMACSHA256.HashSizeInBytes : 16;

    /// <summary>Seals nothing, so that whatever the first seal needs is there from now on.</summary>
    public void Try() => Compute([], stackalloc byte[LongestIcv]);

    /// <summary>Writes <see cref="IcvSize"/> octets.</summary>
    public void Compute(ReadOnlySpan<byte> message, Span<byte> icv)
    {
        if (_cmac is not null)
        {
            _cmac.Compute(message, icv);
            return;
        }

        Span<byte> whole = stackalloc byte[LongestIcv];
        HMACSHA256.HashData(_secret, message, whole);
        whole[..IcvSize].CopyTo(icv);
    }
}
