using Org.BouncyCastle.Tls;

namespace TimeSuite.Nts.Tls;

/// <summary>What we negotiate: TLS 1.3 with forward secrecy and what everybody has (RFC 8446 section 9.1), and nothing else.</summary>
internal static class KeSchemes
{
    public const string Alpn = "ntske/1";

    public const string ExporterLabel = "EXPORTER-network-time-security";

    public static int[] CipherSuites => [CipherSuite.TLS_AES_128_GCM_SHA256, CipherSuite.TLS_AES_256_GCM_SHA384];

    /// <summary>Groups, best first.</summary>
    public static int[] Groups => [NamedGroup.secp256r1, NamedGroup.x25519, NamedGroup.secp384r1];

    /// <summary>Signatures over the handshake, best first.</summary>
    public static int[] Signatures(KeProvider provider)
    {
        int[] everywhere =
        [
            SignatureScheme.ecdsa_secp256r1_sha256, SignatureScheme.ecdsa_secp384r1_sha384,
            SignatureScheme.rsa_pss_rsae_sha256, SignatureScheme.rsa_pss_rsae_sha384, SignatureScheme.rsa_pss_rsae_sha512,
        ];
        return provider == KeProvider.OpenSsl ? everywhere : [.. everywhere, SignatureScheme.ed25519];
    }

    /// <summary>Signatures in the chain, which our owner verifies.</summary>
    public static int[] ChainSignatures =>
    [
        SignatureScheme.ecdsa_secp256r1_sha256, SignatureScheme.ecdsa_secp384r1_sha384, SignatureScheme.ecdsa_secp521r1_sha512,
        SignatureScheme.rsa_pkcs1_sha256, SignatureScheme.rsa_pkcs1_sha384, SignatureScheme.rsa_pkcs1_sha512,
        SignatureScheme.rsa_pss_rsae_sha256, SignatureScheme.rsa_pss_rsae_sha384, SignatureScheme.rsa_pss_rsae_sha512, SignatureScheme.ed25519,
    ];

    public static List<SignatureAndHashAlgorithm> ToAlgorithms(IEnumerable<int> schemes) =>
        schemes.Select(SignatureScheme.GetSignatureAndHashAlgorithm).ToList();
}
