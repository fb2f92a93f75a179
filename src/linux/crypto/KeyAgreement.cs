namespace TimeSuite.Linux;

/// <summary>Ephemeral Diffie-Hellman by libcrypto.</summary>
public static class KeyAgreement
{
    private const int LongestValue = 1 + (2 * 48);
    private const byte Uncompressed = 4;

    /// <summary>Makes a key of one's own.</summary>
    /// <param name="curve">P-256, P-384 or X25519.</param>
    /// <returns>
    /// What the peer is to get: the uncompressed point, or X25519's one coordinate. And what makes, once, the shared secret (big-endian coordinate, or X25519's octets) of what the peer gave:
    /// null if that is no such value. All null: libcrypto, or its FIPS module, has no such curve.
    /// </returns>
    public static (byte[] Value, Func<byte[], byte[]?> Agree)? Begin(string curve)
    {
        var own = Generate(curve);
        if (own is null)
        {
            LibCrypto.ForgetErrors();
            return null;
        }

        Span<byte> value = stackalloc byte[LongestValue];
        var (valueSize, secretSize) = Sizes(curve);
        if (LibCrypto.GetOctets(own, "encoded-pub-key", value, (nuint)value.Length, out nuint length) != 1 || (int)length != valueSize)
        {
            LibCrypto.ForgetErrors();
            own.Dispose();
            return null;
        }

        return (value[..valueSize].ToArray(), peer => Agree(own, peer, valueSize, secretSize));
    }

    private static (int Value, int Secret) Sizes(string curve) => curve switch
    {
        "P-256" => (1 + (2 * 32), 32),
        "P-384" => (1 + (2 * 48), 48),
        "X25519" => (32, 32),
        _ => throw new ArgumentException("P-256, P-384 or X25519", nameof(curve)),
    };

    private static LibCrypto.Key? Generate(string curve)
    {
        bool isX25519 = curve == "X25519";
        using var context = LibCrypto.NewContext(0, isX25519 ? curve : "EC", 0);
        return !context.IsInvalid && LibCrypto.BeginGenerating(context) == 1 && (isX25519 || LibCrypto.SetGroup(context, curve) == 1)
            && LibCrypto.Generate(context, out var key) == 1 ? key : null;
    }

    /// <remarks>The value is checked to be a point of the curve, of which each but infinity (no uncompressed point) generates the whole group: no more is to be checked.</remarks>
    private static byte[]? Agree(LibCrypto.Key own, byte[] peerValue, int valueSize, int secretSize)
    {
        if (peerValue.Length != valueSize || (valueSize > secretSize && peerValue[0] != Uncompressed)) // libcrypto would take other forms
        {
            return null;
        }

        byte[] secret = new byte[secretSize];
        nuint length = (nuint)secret.Length;
        using var peer = LibCrypto.NewKey();
        using var context = LibCrypto.NewContext(0, own, 0);
        bool isAgreed = !peer.IsInvalid && LibCrypto.CopyParameters(peer, own) == 1 && LibCrypto.SetPublic(peer, peerValue, (nuint)peerValue.Length) == 1
            && !context.IsInvalid && LibCrypto.BeginDeriving(context) == 1 && LibCrypto.SetPeer(context, peer, validate: 0) == 1
            && LibCrypto.Derive(context, secret, ref length) == 1 && (int)length == secret.Length; // X25519: not from a value that leads to zero
        own.Dispose();
        if (!isAgreed)
        {
            LibCrypto.ForgetErrors();
        }

        return isAgreed ? secret : null;
    }
}
