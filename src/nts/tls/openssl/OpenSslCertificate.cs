using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace TimeSuite.Nts.Tls;

/// <summary>A certificate whose key verifies with libcrypto.</summary>
internal sealed class OpenSslCertificate(OpenSslCrypto crypto, byte[] encoding) : BcTlsCertificate(crypto, encoding)
{
    public override Tls13Verifier CreateVerifier(int signatureScheme)
    {
        if (!KeKeys.Describe(SubjectPublicKeyInfo, KeProvider.OpenSsl).Schemes.Contains(signatureScheme))
        {
            throw new TlsFatalAlert(AlertDescription.illegal_parameter);
        }

        ValidateKeyUsage(Org.BouncyCastle.Asn1.X509.KeyUsage.DigitalSignature);
        return new Verifier(crypto, signatureScheme, SubjectPublicKeyInfo.GetEncoded());
    }

    private sealed class Verifier(OpenSslCrypto crypto, int scheme, byte[] key) : Tls13Verifier
    {
        private readonly TlsHash _hash = crypto.CreateHash(SignatureScheme.GetCryptoHashAlgorithm(scheme));

        public System.IO.Stream Stream => new TlsHashSink(_hash);

        public bool VerifySignature(byte[] signature)
        {
            byte[] hash = _hash.CalculateHash();
            if (SignatureScheme.IsECDsa(scheme))
            {
                using var ecdsa = ECDsa.Create();
                ecdsa.ImportSubjectPublicKeyInfo(key, out _);
                return ecdsa.VerifyHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence);
            }

            using var rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(key, out _);
            return rsa.VerifyHash(hash, signature, OpenSslCrypto.NameOf(SignatureScheme.GetCryptoHashAlgorithm(scheme)), RSASignaturePadding.Pss);
        }
    }
}
