using System.Buffers.Binary;
using TimeSuite.Ntp;
using TimeSuite.Nts;

namespace TimeSuite.Fuzz;

/// <summary>Both ends of NTS with keys that everybody knows: makes requests that the server opens, and holds its replies to what a client would.</summary>
/// <remarks>The same fields each time, so that what is kept of a run can be replayed. Allocates nothing once it is made.</remarks>
public sealed class NtsFields
{
    private const ushort UniqueId = 0x0104, Cookie = 0x0204, Placeholder = 0x0304, Authenticator = 0x0404; // RFC 8915 section 7.5
    private const int HeadSize = 4, LongestReply = 4_096;

    private static readonly byte[] s_clientsKey = [.. Enumerable.Repeat((byte)0x11, NtsAeads.LongestKey)], s_serversKey = [.. Enumerable.Repeat((byte)0x22, NtsAeads.LongestKey)];

    private readonly NonceSource _nonces = new(new byte[16]);
    private readonly CookieSealer _cookies;
    private readonly AeadCipher _siv = AeadCipher.Create(NtsAead.AesSivCmac256), _gcm = AeadCipher.Create(NtsAead.Aes128GcmSiv);
    private readonly byte[] _plain = new byte[LongestReply], _keys = new byte[2 * NtsAeads.LongestKey];

    public NtsFields()
    {
        _cookies = new(_nonces);
        _cookies.Use(Keys);
    }

    /// <summary>What a request may be protected by.</summary>
    public static NtsAead[] Aeads { get; } = Enum.GetValues<NtsAead>();

    /// <summary>Of the server's cookies.</summary>
    public static CookieKeys Keys { get; } = new(new(7, Enumerable.Repeat((byte)0x77, CookieKey.SecretSize).ToArray()), [new(6, Enumerable.Repeat((byte)0x66, CookieKey.SecretSize).ToArray())]);

    /// <summary>The server's end, one for each service.</summary>
    public static NtsServer Server(byte number) => new(new NonceSource(Enumerable.Repeat(number, 16).ToArray())) { Keys = Keys };

    /// <summary>Puts a unique id, a good cookie, placeholders and an authenticator behind what is there.</summary>
    /// <param name="datagram">With room for all of it.</param>
    /// <param name="length">Of what is there; brought to a multiple of four.</param>
    /// <param name="aead">Of the keys in the cookie.</param>
    /// <param name="idSize">Octets of the unique id; a multiple of four, 32 or more to be good.</param>
    /// <param name="placeholders">How many.</param>
    /// <param name="sealedSize">Octets of zero in the authenticator's ciphertext; a multiple of four.</param>
    /// <returns>The length of it.</returns>
    public int Protect(Span<byte> datagram, int length, NtsAead aead, int idSize, int placeholders, int sealedSize)
    {
        int at = length & ~3, keySize = aead.KeySize();
        Begin(datagram, ref at, UniqueId, idSize).Fill(0x33);
        _cookies.TrySeal(aead, s_clientsKey.AsSpan(0, keySize), s_serversKey.AsSpan(0, keySize), Begin(datagram, ref at, Cookie, CookieSealer.SizeFor(aead)));
        for (; placeholders > 0; placeholders--)
        {
            Begin(datagram, ref at, Placeholder, CookieSealer.SizeFor(aead)).Clear();
        }

        var associated = datagram[..at];
        int nonceSize = aead.NonceSize();
        var body = Begin(datagram, ref at, Authenticator, 4 + nonceSize + NtsAeads.TagSize + sealedSize);
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)nonceSize);
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)(NtsAeads.TagSize + sealedSize));
        _nonces.Next(body.Slice(4, nonceSize));
        var cipher = Of(aead);
        cipher.SetKey(s_clientsKey.AsSpan(0, keySize));
        _plain.AsSpan(0, sealedSize).Clear();
        cipher.Seal(body.Slice(4, nonceSize), associated, _plain.AsSpan(0, sealedSize), body[(4 + nonceSize)..]);
        return at;
    }

    /// <summary>Whether a reply is what a client would take: the request's unique id, then an authenticator that opens to cookies that open.</summary>
    public bool IsGoodReply(ReadOnlySpan<byte> request, ReadOnlySpan<byte> reply)
    {
        int id = NtpHeader.Size, idEnd = id + FieldSize(reply, id);
        if (!IsField(reply, id, UniqueId) || request.IndexOf(reply[id..idEnd]) < 0 || !IsField(reply, idEnd, Authenticator) || idEnd + FieldSize(reply, idEnd) != reply.Length)
        {
            return false;
        }

        var body = reply[(idEnd + HeadSize)..];
        int nonceSize = BinaryPrimitives.ReadUInt16BigEndian(body), size = BinaryPrimitives.ReadUInt16BigEndian(body[2..]);
        foreach (var aead in Aeads)
        {
            var cipher = Of(aead);
            cipher.SetKey(s_serversKey.AsSpan(0, aead.KeySize()));
            if (aead.NonceSize() == nonceSize && cipher.TryOpen(body.Slice(4, nonceSize), reply[..idEnd], body.Slice(4 + nonceSize, size), _plain))
            {
                return AreCookies(_plain.AsSpan(0, size - NtsAeads.TagSize), aead);
            }
        }

        return false;
    }

    private bool AreCookies(ReadOnlySpan<byte> fields, NtsAead aead)
    {
        for (; !fields.IsEmpty; fields = fields[FieldSize(fields, 0)..])
        {
            if (!IsField(fields, 0, Cookie) || !_cookies.TryOpen(fields[HeadSize..FieldSize(fields, 0)], out var inside, _keys) || inside != aead)
            {
                return false;
            }
        }

        return true;
    }

    private AeadCipher Of(NtsAead aead) => aead == NtsAead.Aes128GcmSiv ? _gcm : _siv;

    private static bool IsField(ReadOnlySpan<byte> octets, int at, ushort type) =>
        octets.Length >= at + HeadSize && BinaryPrimitives.ReadUInt16BigEndian(octets[at..]) == type && FieldSize(octets, at) is > HeadSize and var size && at + size <= octets.Length;

    private static int FieldSize(ReadOnlySpan<byte> octets, int at) => octets.Length < at + HeadSize ? 0 : BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 2)..]);

    private static Span<byte> Begin(Span<byte> datagram, ref int at, ushort type, int bodySize)
    {
        BinaryPrimitives.WriteUInt16BigEndian(datagram[at..], type);
        BinaryPrimitives.WriteUInt16BigEndian(datagram[(at + 2)..], (ushort)(HeadSize + bodySize));
        var body = datagram.Slice(at + HeadSize, bodySize);
        at += HeadSize + bodySize;
        return body;
    }
}
