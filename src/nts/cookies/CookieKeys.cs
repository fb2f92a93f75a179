using System.Security.Cryptography;

namespace TimeSuite.Nts;

/// <summary>A key that seals cookies. Its octets do not move, and are zeroed when nobody has it any more: who finds an old one can read what was protected with its cookies.</summary>
public sealed class CookieKey
{
    /// <summary>Octets of a secret.</summary>
    public const int SecretSize = 32;

    private readonly byte[] _secret;

    /// <param name="id">Stands in the cookie, so that it is found again.</param>
    /// <param name="secret">For AEAD_AES_SIV_CMAC_256; copied, the caller zeroes its own. One of another length makes a key that is not <see cref="IsWhole"/>.</param>
    public CookieKey(uint id, ReadOnlySpan<byte> secret)
    {
        Id = id;
        IsWhole = secret.Length == SecretSize;
        _secret = GC.AllocateArray<byte>(SecretSize, pinned: true);
        if (IsWhole)
        {
            secret.CopyTo(_secret);
        }
    }

    ~CookieKey() => CryptographicOperations.ZeroMemory(_secret);

    public uint Id { get; }

    /// <summary>Whether it can be used.</summary>
    public bool IsWhole { get; }

    /// <summary>Copies the secret; the caller zeroes it. There is no other way to it: a view would not keep the key from being zeroed.</summary>
    /// <param name="secret"><see cref="SecretSize"/> octets.</param>
    public void CopyTo(Span<byte> secret)
    {
        _secret.CopyTo(secret);
        GC.KeepAlive(this);
    }
}

/// <summary>The keys of a server's cookies at one moment. Does not change.</summary>
public sealed class CookieKeys
{
    /// <summary>The most that there can be: the next, the one that seals, and old ones.</summary>
    public const int Most = 16;

    /// <param name="sealing">New cookies are sealed by it; null: none can be made.</param>
    /// <param name="others">Which open earlier cookies, and those that another server of the group makes already.</param>
    /// <exception cref="ArgumentException">Too many, two of one id, or a secret of a wrong length.</exception>
    public CookieKeys(CookieKey? sealing, IEnumerable<CookieKey> others)
    {
        Sealing = sealing;
        All = sealing is null ? [.. others] : [sealing, .. others];
        if (All.Count > Most || All.Any(key => !key.IsWhole) || All.DistinctBy(key => key.Id).Count() != All.Count)
        {
            throw new ArgumentException($"at most {Most} keys of different ids and {CookieKey.SecretSize} octets", nameof(others));
        }
    }

    /// <summary>No key: no cookie is made, none opens.</summary>
    public static CookieKeys None { get; } = new(null, []);

    public CookieKey? Sealing { get; }

    /// <summary>The one that seals first.</summary>
    public IReadOnlyList<CookieKey> All { get; }
}
