using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace TimeSuite.Nts.Tls;

/// <summary>Ephemeral Diffie-Hellman as the engine wants it (RFC 8446 section 4.2.8.2).</summary>
internal sealed class OpenSslCurve(OpenSslCrypto crypto, int group) : TlsECDomain
{
    public static string NameOf(int group) => group switch
    {
        NamedGroup.secp256r1 => "P-256",
        NamedGroup.secp384r1 => "P-384",
        NamedGroup.x25519 => "X25519",
        _ => throw new TlsFatalAlert(AlertDescription.internal_error),
    };

    public TlsAgreement CreateECDH() => crypto.Agreements(NameOf(group)) is var (value, agree)
        ? new Agreement(crypto, value, agree)
        : throw new TlsFatalAlert(AlertDescription.internal_error, "libcrypto makes no key for this group");

    private sealed class Agreement(OpenSslCrypto crypto, byte[] value, Func<byte[], byte[]?> agree) : TlsAgreement
    {
        private byte[]? _shared;

        public byte[] GenerateEphemeral() => value;

        public void ReceivePeerValue(byte[] peerValue) => _shared = agree(peerValue) ?? throw new TlsFatalAlert(AlertDescription.illegal_parameter);

        public TlsSecret CalculateSecret() => new OpenSslSecret(crypto, _shared ?? throw new TlsFatalAlert(AlertDescription.internal_error));
    }
}
