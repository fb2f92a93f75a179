using System.Buffers.Binary;

namespace TimeSuite.Nts;

/// <summary>The extension fields of NTS (RFC 8915 sections 5.3 to 5.6).</summary>
internal static class NtsField
{
    public const ushort UniqueId = 0x0104, Cookie = 0x0204, CookiePlaceholder = 0x0304, Authenticator = 0x0404;

    /// <summary>Octets of type and length.</summary>
    public const int HeaderSize = 4;

    /// <summary>Octets of the shortest unique id.</summary>
    public const int ShortestUniqueId = 32;

    /// <summary>Octets of an authenticator before its nonce: those of a field, and two lengths.</summary>
    public const int AuthenticatorHead = HeaderSize + 4;

    /// <summary>To the next multiple of four.</summary>
    public static int Padded(int length) => (length + 3) & ~3;

    /// <summary>Writes type and length; returns the body.</summary>
    public static Span<byte> Begin(Span<byte> at, ushort type, int bodySize)
    {
        BinaryPrimitives.WriteUInt16BigEndian(at, type);
        BinaryPrimitives.WriteUInt16BigEndian(at[2..], checked((ushort)(HeaderSize + bodySize)));
        return at.Slice(HeaderSize, bodySize);
    }

    /// <summary>Octets of an authenticator field.</summary>
    public static int AuthenticatorSize(NtsAead aead, int plaintextSize) => AuthenticatorHead + Padded(aead.NonceSize()) + Padded(NtsAeads.TagSize + plaintextSize);

    /// <summary>Writes an authenticator over all that stands before it.</summary>
    /// <param name="datagram">Ends where the field does.</param>
    /// <param name="at">Where the field begins.</param>
    /// <param name="aead">Of the cipher.</param>
    /// <param name="cipher">Its key set.</param>
    /// <param name="nonces">One is drawn.</param>
    /// <param name="plaintext">A multiple of four.</param>
    public static void WriteAuthenticator(Span<byte> datagram, int at, NtsAead aead, AeadCipher cipher, NonceSource nonces, ReadOnlySpan<byte> plaintext)
    {
        var body = Begin(datagram[at..], Authenticator, AuthenticatorSize(aead, plaintext.Length) - HeaderSize);
        int nonceSize = aead.NonceSize();
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)nonceSize);
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)(NtsAeads.TagSize + plaintext.Length));
        var nonce = body.Slice(4, nonceSize);
        nonces.Next(nonce);
        cipher.Seal(nonce, datagram[..at], plaintext, body[(4 + nonceSize)..]); // all sizes are multiples of four already
    }

    /// <summary>Finds nonce and ciphertext in an authenticator's body. False: they do not fit in it.</summary>
    public static bool TryReadAuthenticator(ReadOnlySpan<byte> body, out ReadOnlySpan<byte> nonce, out ReadOnlySpan<byte> ciphertext)
    {
        nonce = ciphertext = default;
        if (body.Length < 4)
        {
            return false;
        }

        int nonceSize = BinaryPrimitives.ReadUInt16BigEndian(body), size = BinaryPrimitives.ReadUInt16BigEndian(body[2..]);
        int from = 4 + Padded(nonceSize);
        if (nonceSize == 0 || size < NtsAeads.TagSize || from + Padded(size) > body.Length)
        {
            return false;
        }

        nonce = body.Slice(4, nonceSize);
        ciphertext = body.Slice(from, size);
        return true;
    }
}
