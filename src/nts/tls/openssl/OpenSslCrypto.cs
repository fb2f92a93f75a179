using System.Security.Cryptography;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace TimeSuite.Nts.Tls;

/// <summary>The engine's primitives, replaced by libcrypto's one by one. What is not replaced is not negotiated.</summary>
internal sealed class OpenSslCrypto(SecureRandom random, KeChance chance, KeAgreements agreements) : BcTlsCrypto(random)
{
    private readonly int[] _groups = [.. KeSchemes.Groups.Where(group => agreements(OpenSslCurve.NameOf(group)) is not null)];

    public KeAgreements Agreements => agreements;

    public override bool HasNamedGroup(int namedGroup) => _groups.Contains(namedGroup);

    public override bool HasSignatureScheme(int signatureScheme) => KeSchemes.Signatures(KeProvider.OpenSsl).Contains(signatureScheme);

    public override bool HasKemAgreement() => false;

    public override bool HasDHAgreement() => false;

    public override TlsNonceGenerator CreateNonceGenerator(byte[] additionalSeedMaterial) => new KeCrypto.Nonces(chance);

    public override TlsNonceGenerator CreateNonceGenerator(ReadOnlySpan<byte> additionalSeedMaterial) => new KeCrypto.Nonces(chance);

    public override TlsHash CreateHash(int cryptoHashAlgorithm) => new OpenSslHash(IncrementalHash.CreateHash(NameOf(cryptoHashAlgorithm)));

    public override TlsHmac CreateHmacForHash(int cryptoHashAlgorithm) =>
        new OpenSslHmac(NameOf(cryptoHashAlgorithm), TlsCryptoUtilities.GetHashInternalSize(cryptoHashAlgorithm));

    public override TlsSecret CreateSecret(byte[] data)
    {
        var secret = new OpenSslSecret(this, data.AsSpan().ToArray());
        CryptographicOperations.ZeroMemory(data);
        return secret;
    }

    public override TlsSecret HkdfInit(int cryptoHashAlgorithm) => new OpenSslSecret(this, new byte[TlsCryptoUtilities.GetHashOutputSize(cryptoHashAlgorithm)]);

    public override TlsECDomain CreateECDomain(TlsECConfig ecConfig) => new OpenSslCurve(this, ecConfig.NamedGroup);

    public override TlsCertificate CreateCertificate(short type, byte[] encoding) =>
        type == CertificateType.X509 ? new OpenSslCertificate(this, encoding) : throw new TlsFatalAlert(AlertDescription.unsupported_certificate);

    protected override TlsAeadCipher CreateCipher_Aes_Gcm(TlsCryptoParameters cryptoParams, int cipherKeySize, int macSize) =>
        new(cryptoParams, new OpenSslGcm(isEncrypting: true), new OpenSslGcm(isEncrypting: false), cipherKeySize, macSize, TlsAeadCipher.AEAD_GCM);

    public static HashAlgorithmName NameOf(int hash) => hash switch
    {
        CryptoHashAlgorithm.sha256 => HashAlgorithmName.SHA256,
        CryptoHashAlgorithm.sha384 => HashAlgorithmName.SHA384,
        CryptoHashAlgorithm.sha512 => HashAlgorithmName.SHA512,
        _ => throw new TlsFatalAlert(AlertDescription.internal_error),
    };
}
