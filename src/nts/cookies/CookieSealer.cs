using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TimeSuite.Nts;

/// <summary>Makes and opens cookies: the server's memory of a client, kept by the client. For one thread. Allocates at a change of keys only.</summary>
/// <remarks>
/// Key id (4 octets) | nonce (16) | tag (16), then sealed with AES-SIV-CMAC-256, the key id being the associated data: AEAD (2) | zero (2) |
/// client's key | server's key. All lengths are multiples of four.
/// </remarks>
/// <param name="nonces">Of this thread.</param>
public sealed class CookieSealer(NonceSource nonces)
{
    private const int IdSize = 4, NonceSize = 16, AeadSize = 4, Overhead = IdSize + NonceSize + NtsAeads.TagSize;

    /// <summary>Octets of the longest cookie.</summary>
    public const int LongestCookie = Overhead + LongestPlain;

    private const int LongestPlain = AeadSize + (2 * NtsAeads.LongestKey);

    private readonly byte[] _plain = GC.AllocateArray<byte>(LongestPlain, pinned: true);
    private CookieKeys _keys = CookieKeys.None;
    private (uint Id, AeadCipher Cipher)[] _ciphers = [];

    /// <summary>The keys in force.</summary>
    public CookieKeys Keys => _keys;

    /// <summary>Octets of a cookie for an AEAD.</summary>
    public static int SizeFor(NtsAead aead) => Overhead + AeadSize + (2 * aead.KeySize());

    /// <summary>Takes these keys from now on. Costs nothing if they are the same object.</summary>
    public void Use(CookieKeys keys)
    {
        if (!ReferenceEquals(keys, _keys))
        {
            _ciphers = [.. keys.All.Select(key => (key.Id, Ready(key)))];
            _keys = keys;
        }
    }

    /// <summary>Makes a cookie. False: there is no key to seal it with.</summary>
    /// <param name="aead">Of the keys.</param>
    /// <param name="clientToServer">Of the length that the AEAD has.</param>
    /// <param name="serverToClient">Of the same.</param>
    /// <param name="cookie"><see cref="SizeFor"/> octets.</param>
    public bool TrySeal(NtsAead aead, ReadOnlySpan<byte> clientToServer, ReadOnlySpan<byte> serverToClient, Span<byte> cookie)
    {
        if (_keys.Sealing is null)
        {
            return false;
        }

        var plain = _plain.AsSpan(0, AeadSize + clientToServer.Length + serverToClient.Length);
        BinaryPrimitives.WriteUInt32BigEndian(plain, (uint)aead << 16);
        clientToServer.CopyTo(plain[AeadSize..]);
        serverToClient.CopyTo(plain[(AeadSize + clientToServer.Length)..]);
        BinaryPrimitives.WriteUInt32BigEndian(cookie, _ciphers[0].Id);
        var nonce = cookie.Slice(IdSize, NonceSize);
        nonces.Next(nonce);
        _ciphers[0].Cipher.Seal(nonce, cookie[..IdSize], plain, cookie[(IdSize + NonceSize)..]);
        plain.Clear();
        return true;
    }

    /// <summary>Opens a cookie. False: it is none of ours, or its key is gone.</summary>
    /// <param name="cookie">A whole number of four octets; of any length.</param>
    /// <param name="aead">Of the keys.</param>
    /// <param name="keys">Takes 2 * <see cref="NtsAeads.LongestKey"/> octets: the client's key, then the server's.</param>
    public bool TryOpen(ReadOnlySpan<byte> cookie, out NtsAead aead, Span<byte> keys)
    {
        aead = default;
        if (cookie.Length is <= Overhead + AeadSize or > LongestCookie)
        {
            return false;
        }

        uint id = BinaryPrimitives.ReadUInt32BigEndian(cookie);
        foreach (var (known, cipher) in _ciphers)
        {
            if (known != id)
            {
                continue;
            }

            var plain = _plain.AsSpan(0, cookie.Length - Overhead);
            if (!cipher.TryOpen(cookie.Slice(IdSize, NonceSize), cookie[..IdSize], cookie[(IdSize + NonceSize)..], plain))
            {
                return false;
            }

            aead = (NtsAead)(BinaryPrimitives.ReadUInt32BigEndian(plain) >> 16);
            bool good = aead.IsKnown() && plain.Length == AeadSize + (2 * aead.KeySize());
            if (good)
            {
                plain[AeadSize..].CopyTo(keys);
            }

            CryptographicOperations.ZeroMemory(plain);
            return good;
        }

        return false;
    }

    private static AeadCipher Ready(CookieKey key)
    {
        var cipher = AeadCipher.Create(NtsAead.AesSivCmac256);
        Span<byte> secret = stackalloc byte[CookieKey.SecretSize];
        key.CopyTo(secret);
        cipher.SetKey(secret);
        CryptographicOperations.ZeroMemory(secret);
        return cipher;
    }
}
