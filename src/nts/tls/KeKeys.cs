using System.Security.Cryptography;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace TimeSuite.Nts.Tls;

/// <summary>Private keys, of either provider.</summary>
internal static class KeKeys
{
    private const int LeastRsaBits = 2048;

    /// <summary>What a public key is, and how one can sign with it: nothing for what we do not use.</summary>
    public static (IReadOnlyList<int> Schemes, string Name) Describe(SubjectPublicKeyInfo key, KeProvider provider)
    {
        var algorithm = key.Algorithm.Algorithm;
        if (algorithm.Equals(X9ObjectIdentifiers.IdECPublicKey))
        {
            return key.Algorithm.Parameters?.ToAsn1Object() switch
            {
                DerObjectIdentifier curve when curve.Equals(SecObjectIdentifiers.SecP256r1) => ([SignatureScheme.ecdsa_secp256r1_sha256], "ECDSA P-256"),
                DerObjectIdentifier curve when curve.Equals(SecObjectIdentifiers.SecP384r1) => ([SignatureScheme.ecdsa_secp384r1_sha384], "ECDSA P-384"),
                _ => ([], "ECDSA with another curve"),
            };
        }

        if (algorithm.Equals(PkcsObjectIdentifiers.RsaEncryption))
        {
            int bits = RsaPublicKeyStructure.GetInstance(key.ParsePublicKey()).Modulus.BitLength;
            return (bits < LeastRsaBits ? [] : [SignatureScheme.rsa_pss_rsae_sha256, SignatureScheme.rsa_pss_rsae_sha384, SignatureScheme.rsa_pss_rsae_sha512], $"RSA {bits}");
        }

        return algorithm.Id == "1.3.101.112" // id-Ed25519, RFC 8410
            ? (provider == KeProvider.Managed ? [SignatureScheme.ed25519] : [], "Ed25519")
            : ([], "of an algorithm that we do not know");
    }

    /// <summary>Makes signers for schemes of the key. Throws if it makes no sense.</summary>
    /// <param name="crypto">Whose.</param>
    /// <param name="label">Of the PEM file.</param>
    /// <param name="der">The key.</param>
    /// <param name="publicKey">Of the certificate.</param>
    public static Func<int, TlsSigner> Signer(KeCrypto crypto, string label, byte[] der, SubjectPublicKeyInfo publicKey)
    {
        bool isRsa = publicKey.Algorithm.Algorithm.Equals(PkcsObjectIdentifiers.RsaEncryption);
        return crypto.Provider == KeProvider.OpenSsl ? OpenSslSigner.Read(label, der, isRsa) : Managed(crypto.Engine, label, der, publicKey);
    }

    private static Func<int, TlsSigner> Managed(BcTlsCrypto engine, string label, byte[] der, SubjectPublicKeyInfo publicKey)
    {
        var info = label switch
        {
            "EC PRIVATE KEY" => new PrivateKeyInfo(publicKey.Algorithm, ECPrivateKeyStructure.GetInstance(der)),
            "RSA PRIVATE KEY" => new PrivateKeyInfo(publicKey.Algorithm, RsaPrivateKeyStructure.GetInstance(der)),
            _ => PrivateKeyInfo.GetInstance(der),
        };
        return PrivateKeyFactory.CreateKey(info) switch
        {
            ECPrivateKeyParameters key => scheme => new BcTlsECDsa13Signer(engine, key, scheme),
            RsaPrivateCrtKeyParameters key => scheme => new BcTlsRsaPssSigner(engine, key, scheme),
            Ed25519PrivateKeyParameters key => _ => new BcTlsEd25519Signer(engine, key),
            _ => throw new CryptographicException("not a key that signs"),
        };
    }
}
