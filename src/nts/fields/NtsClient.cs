using System.Buffers.Binary;
using System.Security.Cryptography;
using TimeSuite.Ntp;

namespace TimeSuite.Nts;

/// <summary>The client's keys and cookies with one server: protects requests, examines replies (RFC 8915 sections 5.6 and 5.7).</summary>
public sealed class NtsClient : INtsSession, IDisposable
{
    /// <summary>Cookies that are kept.</summary>
    public const int MostCookies = KeOffer.Cookies;

    private const int LongestRequest = 1_200; // octets: goes through any path that IPv6 goes through

    private readonly Queue<byte[]> _cookies = new();
    private readonly NonceSource _nonces;
    private readonly Func<ulong> _chance;
    private readonly byte[] _uniqueId = new byte[NtsField.ShortestUniqueId];
    private readonly byte[] _plain = new byte[2_048];
    private readonly AeadCipher _cipher;
    private NtsKeys _keys;
    private NtsKeys? _others;
    private bool _isAsking;

    /// <param name="keys">Of the exchange; disposed of with this.</param>
    /// <param name="others">To be tried after a NAK: those of the other way to export for AEAD 30. Null: none.</param>
    /// <param name="cookies">That the server gave; the first eight are taken.</param>
    /// <param name="chance">Draws 64 unpredictable bits.</param>
    public NtsClient(NtsKeys keys, NtsKeys? others, IEnumerable<byte[]> cookies, Func<ulong> chance)
    {
        (_keys, _others, _chance, _cipher) = (keys, others, chance, AeadCipher.Create(keys.Aead));
        foreach (byte[] cookie in cookies.Take(MostCookies))
        {
            _cookies.Enqueue(cookie);
        }

        _nonces = NonceSource.Create(Draw);
    }

    public NtsAead Aead => _keys.Aead;

    /// <summary>Left, not used yet.</summary>
    public int Cookies => _cookies.Count;

    /// <summary>Octets of the cookie that is next; 0 without one.</summary>
    public int CookieSize => _cookies.TryPeek(out byte[]? next) ? next.Length : 0;

    public bool IsReady => _cookies.Count > 0;

    public int RequestSize => NtpHeader.Size + NtsField.HeaderSize + NtsField.ShortestUniqueId
        + ((1 + Placeholders) * CookieField) + NtsField.AuthenticatorSize(_keys.Aead, plaintextSize: 0);

    private int CookieField => NtsField.HeaderSize + Math.Max(NtsField.Padded(_cookies.Peek().Length), 12); // no field is shorter than 16 octets

    /// <summary>As many as cookies were lost, so that there are eight again; none in quiet times.</summary>
    private int Placeholders
    {
        get
        {
            int room = (LongestRequest - NtpHeader.Size - NtsField.HeaderSize - NtsField.ShortestUniqueId - NtsField.AuthenticatorSize(_keys.Aead, 0)) / CookieField;
            return Math.Max(0, Math.Min(MostCookies - _cookies.Count, room - 1));
        }
    }

    public void Protect(Span<byte> datagram)
    {
        int placeholders = Placeholders, field = CookieField, at = NtpHeader.Size;
        Draw(_uniqueId);
        _isAsking = true;
        _uniqueId.CopyTo(NtsField.Begin(datagram[at..], NtsField.UniqueId, _uniqueId.Length));
        at += NtsField.HeaderSize + _uniqueId.Length;
        byte[] cookie = _cookies.Dequeue(); // never twice: who sees it again would know us again
        var body = NtsField.Begin(datagram[at..], NtsField.Cookie, field - NtsField.HeaderSize);
        body.Clear();
        cookie.CopyTo(body);
        at += field;
        for (int placeholder = 0; placeholder < placeholders; placeholder++)
        {
            NtsField.Begin(datagram[at..], NtsField.CookiePlaceholder, field - NtsField.HeaderSize).Clear();
            at += field;
        }

        _cipher.SetKey(_keys.ClientToServer);
        NtsField.WriteAuthenticator(datagram, at, _keys.Aead, _cipher, _nonces, []);
    }

    public Refusal? Examine(ReadOnlySpan<byte> datagram)
    {
        bool isOurs = false;
        var fields = new ExtensionFields(datagram[NtpHeader.Size..]);
        for (int at = NtpHeader.Size; fields.MoveNext(); at += NtsField.HeaderSize + fields.Current.Value.Length)
        {
            var value = fields.Current.Value;
            if (fields.Current.Type == NtsField.UniqueId)
            {
                isOurs = _isAsking && CryptographicOperations.FixedTimeEquals(value, _uniqueId);
                if (!isOurs)
                {
                    return Refusal.NtsOtherId;
                }
            }
            else if (fields.Current.Type == NtsField.Authenticator)
            {
                return isOurs ? Open(datagram[..at], value) : Refusal.NtsOtherId;
            }
        }

        // Fields that are too short to be told from a MAC at the end: a NAK's unique id is not among them.
        bool isNak = isOurs && NtpHeader.TryParse(datagram, out var header) && header.Kiss == KissCode.NtsNak;
        return isNak ? Refusal.NtsNak : Refusal.NtsUnprotected;
    }

    public bool TryOtherKeys()
    {
        if (_others is null)
        {
            return false;
        }

        _keys.Dispose();
        (_keys, _others) = (_others, null);
        return true;
    }

    /// <summary>A copy of all that is needed to go on later; null if no cookie is left.</summary>
    /// <param name="host">Of the key exchange, with its <paramref name="port"/>.</param>
    /// <param name="port">TCP.</param>
    /// <param name="server">Name and address of the NTP server.</param>
    /// <param name="establishedAt">The key exchange.</param>
    /// <param name="period">Of its certificates.</param>
    public KeptSession? Keep(string host, int port, (string Name, byte[] Address, int Port) server, Instant<Utc> establishedAt, (Instant<Utc> From, Instant<Utc> Until) period) =>
        _cookies.Count == 0 ? null : new(
            host, port, server.Name, server.Address, server.Port, Aead, _keys.ClientToServer.ToArray(), _keys.ServerToClient.ToArray(), [.. _cookies], establishedAt, period.From, period.Until);

    public void Dispose()
    {
        _keys.Dispose();
        _others?.Dispose();
    }

    private void Draw(Span<byte> octets)
    {
        for (int at = 0; at < octets.Length; at += sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(octets[at..], _chance());
        }
    }

    private Refusal? Open(ReadOnlySpan<byte> associated, ReadOnlySpan<byte> authenticator)
    {
        if (!NtsField.TryReadAuthenticator(authenticator, out var nonce, out var ciphertext) || ciphertext.Length > _plain.Length)
        {
            return Refusal.NtsWrongSeal;
        }

        _cipher.SetKey(_keys.ServerToClient);
        var plain = _plain.AsSpan(0, ciphertext.Length - NtsAeads.TagSize);
        if (!_cipher.TryOpen(nonce, associated, ciphertext, plain))
        {
            return Refusal.NtsWrongSeal;
        }

        _isAsking = false;
        TakeCookies(plain);
        return null;
    }

    /// <summary>The sealed fields are walked here and not as those of a datagram: no MAC can follow them, so the last may be of 16 octets.</summary>
    private void TakeCookies(ReadOnlySpan<byte> hidden)
    {
        while (hidden.Length >= NtsField.HeaderSize)
        {
            int type = BinaryPrimitives.ReadUInt16BigEndian(hidden);
            int length = BinaryPrimitives.ReadUInt16BigEndian(hidden[2..]);
            if (length < NtsField.HeaderSize || length > hidden.Length)
            {
                return;
            }

            if (type == NtsField.Cookie && _cookies.Count < MostCookies && length > NtsField.HeaderSize && length - NtsField.HeaderSize <= KeClient.LongestCookie)
            {
                _cookies.Enqueue(hidden[NtsField.HeaderSize..length].ToArray());
            }

            hidden = hidden[length..];
        }
    }
}
