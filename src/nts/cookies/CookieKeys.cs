namespace TimeSuite.Nts;

/// <summary>A key that seals cookies.</summary>
/// <param name="Id">Stands in the cookie, so that it is found again.</param>
/// <param name="Secret">32 octets, for AEAD_AES_SIV_CMAC_256.</param>
public sealed record CookieKey(uint Id, ReadOnlyMemory<byte> Secret)
{
    /// <summary>Octets of a secret.</summary>
    public const int SecretSize = 32;
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
        if (All.Count > Most || All.Any(key => key.Secret.Length != CookieKey.SecretSize) || All.DistinctBy(key => key.Id).Count() != All.Count)
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
