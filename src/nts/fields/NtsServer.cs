using System.Security.Cryptography;
using TimeSuite.Ntp;

namespace TimeSuite.Nts;

/// <summary>Opens requests and seals replies (RFC 8915 section 5.7). For one serving thread; allocates nothing per packet.</summary>
/// <remarks>What it remembers between <see cref="Open"/> and <see cref="Seal"/> is the one request in hand.</remarks>
/// <param name="nonces">Of this thread.</param>
public sealed class NtsServer(NonceSource nonces) : INtsService
{
    private const int LongestUniqueId = 256, MostCookies = KeOffer.Cookies, LongestSealed = 2_048;

    private readonly CookieSealer _cookies = new(nonces);
    private readonly AeadCipher _siv = AeadCipher.Create(NtsAead.AesSivCmac256), _gcm = AeadCipher.Create(NtsAead.Aes128GcmSiv);
    private readonly byte[] _keys = GC.AllocateArray<byte>(2 * NtsAeads.LongestKey, pinned: true);
    private readonly byte[] _plain = GC.AllocateArray<byte>(LongestSealed, pinned: true);
    private volatile CookieKeys _next = CookieKeys.None;
    private NtsAead _aead; // of the request in hand, as are the next two
    private int _newCookies, _authenticatorAt;

    /// <summary>The keys of cookies from the next request on. Any thread may put others here.</summary>
    public CookieKeys Keys
    {
        get => _next;
        set => _next = value;
    }

    public NtsOutcome Open(ReadOnlySpan<byte> request, Span<byte> reply, out int length)
    {
        length = 0;
        var outcome = Find(request, out var parts);
        if (outcome != NtsOutcome.Opened)
        {
            return outcome;
        }

        var keys = _next;
        if (keys.All.Count == 0)
        {
            return NtsOutcome.NoKeys;
        }

        parts.UniqueId.CopyTo(NtsField.Begin(reply[NtpHeader.Size..], NtsField.UniqueId, parts.UniqueId.Length));
        _authenticatorAt = NtpHeader.Size + NtsField.HeaderSize + parts.UniqueId.Length;
        length = _authenticatorAt;
        _cookies.Use(keys);
        if (!_cookies.TryOpen(parts.Cookie, out _aead, _keys))
        {
            return NtsOutcome.Nak;
        }

        int keySize = _aead.KeySize();
        var cipher = Cipher;
        cipher.SetKey(_keys.AsSpan(0, keySize));
        if (!cipher.TryOpen(parts.Nonce, request[..parts.AuthenticatorAt], parts.Ciphertext, _plain))
        {
            return NtsOutcome.Nak;
        }

        int cookieField = NtsField.HeaderSize + CookieSealer.SizeFor(_aead);
        _newCookies = _cookies.Keys.Sealing is null ? 0 : Math.Min(1 + parts.Placeholders, MostCookies);
        while (_newCookies > 0 && Length() > request.Length)
        {
            _newCookies--; // placeholders shorter than our cookies, or a cookie of another making
        }

        length = Length();
        return length <= request.Length ? NtsOutcome.Opened : NtsOutcome.Malformed;

        int Length() => _authenticatorAt + NtsField.AuthenticatorSize(_aead, _newCookies * cookieField);
    }

    public void Seal(Span<byte> reply)
    {
        int keySize = _aead.KeySize(), cookieSize = CookieSealer.SizeFor(_aead), at = 0;
        ReadOnlySpan<byte> clientToServer = _keys.AsSpan(0, keySize), serverToClient = _keys.AsSpan(keySize, keySize);
        for (int cookie = 0; cookie < _newCookies; cookie++)
        {
            _cookies.TrySeal(_aead, clientToServer, serverToClient, NtsField.Begin(_plain.AsSpan(at), NtsField.Cookie, cookieSize));
            at += NtsField.HeaderSize + cookieSize;
        }

        var cipher = Cipher;
        cipher.SetKey(serverToClient);
        NtsField.WriteAuthenticator(reply, _authenticatorAt, _aead, cipher, nonces, _plain.AsSpan(0, at));
        CryptographicOperations.ZeroMemory(_keys);
    }

    private AeadCipher Cipher => _aead == NtsAead.Aes128GcmSiv ? _gcm : _siv;

    /// <summary>Finds the fields. What stands behind the authenticator is nobody's word and not looked at.</summary>
    private static NtsOutcome Find(ReadOnlySpan<byte> request, out Parts parts)
    {
        parts = default;
        bool isNts = false, isBad = false;
        var fields = new ExtensionFields(request[NtpHeader.Size..]);
        int at = NtpHeader.Size;
        for (; fields.MoveNext(); at += NtsField.HeaderSize + fields.Current.Value.Length)
        {
            var value = fields.Current.Value;
            switch (fields.Current.Type)
            {
                case NtsField.UniqueId:
                    isBad |= !parts.UniqueId.IsEmpty || value.Length is < NtsField.ShortestUniqueId or > LongestUniqueId;
                    parts.UniqueId = value;
                    break;
                case NtsField.Cookie:
                    isNts = true;
                    isBad |= !parts.Cookie.IsEmpty;
                    parts.Cookie = value;
                    break;
                case NtsField.CookiePlaceholder:
                    isNts = true;
                    parts.Placeholders++;
                    break;
                case NtsField.Authenticator:
                    parts.AuthenticatorAt = at;
                    bool whole = NtsField.TryReadAuthenticator(value, out parts.Nonce, out parts.Ciphertext);
                    return !whole || isBad || parts.UniqueId.IsEmpty || parts.Cookie.IsEmpty || parts.Ciphertext.Length > LongestSealed ? NtsOutcome.Malformed : NtsOutcome.Opened;
            }
        }

        return isNts ? NtsOutcome.Malformed : NtsOutcome.Plain;
    }

    private ref struct Parts
    {
        public ReadOnlySpan<byte> UniqueId, Cookie, Nonce, Ciphertext;
        public int Placeholders, AuthenticatorAt;
    }
}
