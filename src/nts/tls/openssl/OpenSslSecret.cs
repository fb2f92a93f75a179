using System.Security.Cryptography;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace TimeSuite.Nts.Tls;

/// <summary>A secret of the key schedule (RFC 8446 section 7.1).</summary>
/// <param name="crypto">Of the connection.</param>
/// <param name="data">Becomes its own.</param>
internal sealed class OpenSslSecret(OpenSslCrypto crypto, byte[] data) : BcTlsSecret(crypto, data)
{
    public override TlsSecret HkdfExtract(int cryptoHashAlgorithm, TlsSecret ikm)
    {
        CheckAlive();
        byte[] material = ((OpenSslSecret)ikm).m_data;
        byte[] extracted = HKDF.Extract(OpenSslCrypto.NameOf(cryptoHashAlgorithm), material, m_data);
        CryptographicOperations.ZeroMemory(m_data);
        m_data = null; // as in the class that this replaces: a secret is extracted from once
        return new OpenSslSecret(crypto, extracted);
    }

    public override TlsSecret HkdfExpand(int cryptoHashAlgorithm, byte[] info, int length) => HkdfExpand(cryptoHashAlgorithm, info.AsSpan(), length);

    public override TlsSecret HkdfExpand(int cryptoHashAlgorithm, ReadOnlySpan<byte> info, int length)
    {
        CheckAlive();
        byte[] expanded = new byte[length];
        HKDF.Expand(OpenSslCrypto.NameOf(cryptoHashAlgorithm), m_data, expanded, info);
        return new OpenSslSecret(crypto, expanded);
    }
}
