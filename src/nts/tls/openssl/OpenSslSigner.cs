using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace TimeSuite.Nts.Tls;

/// <summary>Signs hashes with a key that libcrypto holds.</summary>
internal sealed class OpenSslSigner(Func<byte[], byte[]> sign) : TlsSigner
{
    /// <summary>Reads a key. Throws if it makes no sense.</summary>
    public static Func<int, TlsSigner> Read(string label, ReadOnlySpan<byte> der, bool isRsa)
    {
        if (isRsa)
        {
            var rsa = RSA.Create();
            if (label == "RSA PRIVATE KEY")
            {
                rsa.ImportRSAPrivateKey(der, out _);
            }
            else
            {
                rsa.ImportPkcs8PrivateKey(der, out _);
            }

            return scheme =>
            {
                var hash = OpenSslCrypto.NameOf(SignatureScheme.GetCryptoHashAlgorithm(scheme));
                return new OpenSslSigner(digest => rsa.SignHash(digest, hash, RSASignaturePadding.Pss));
            };
        }

        var ecdsa = ECDsa.Create();
        if (label == "EC PRIVATE KEY")
        {
            ecdsa.ImportECPrivateKey(der, out _);
        }
        else
        {
            ecdsa.ImportPkcs8PrivateKey(der, out _);
        }

        return _ => new OpenSslSigner(digest => ecdsa.SignHash(digest, DSASignatureFormat.Rfc3279DerSequence));
    }

    public byte[] GenerateRawSignature(SignatureAndHashAlgorithm algorithm, byte[] hash) => sign(hash);

    public TlsStreamSigner? GetStreamSigner(SignatureAndHashAlgorithm algorithm) => null; // hashes come to us ready
}
