using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace TimeSuite.Nts.Tls;

/// <summary>A certificate of ours with its chain and its private key.</summary>
public sealed class KeIdentity
{
    private readonly Func<int, TlsSigner> _signer;

    private KeIdentity(X509CertificateStructure leaf, Certificate certificate, IReadOnlyList<int> schemes, string key, Func<int, TlsSigner> signer)
    {
        _signer = signer;
        (Certificate, Schemes, Key) = (certificate, schemes, key);
        var names = NamesOf(leaf);
        Names = [.. names.Where(name => name.TagNo == GeneralName.DnsName).Select(name => name.Name.ToString()!)];
        Addresses = [.. names.Where(name => name.TagNo == GeneralName.IPAddress).Select(name => Asn1OctetString.GetInstance(name.Name).GetOctets())];
        ValidFrom = CertificateTime.Of(leaf.StartDate.ToDateTime());
        ValidUntil = CertificateTime.Of(leaf.EndDate.ToDateTime());
    }

    /// <summary>Of the subject's alternative names: hosts, with or without a leading *.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Of the same: addresses, 4 or 16 octets.</summary>
    public IReadOnlyList<byte[]> Addresses { get; }

    public Instant<Utc> ValidFrom { get; }

    public Instant<Utc> ValidUntil { get; }

    /// <summary>E.g. "ECDSA P-256", "RSA 2048", "Ed25519".</summary>
    public string Key { get; }

    internal Certificate Certificate { get; }

    /// <summary>How it can sign, best first.</summary>
    internal IReadOnlyList<int> Schemes { get; }

    internal TlsSigner Signer(int scheme) => _signer(scheme);

    /// <summary>Whether it is for that host.</summary>
    public bool IsFor(string host)
    {
        host = host.TrimEnd('.');
        return Names.Any(name => name.Equals(host, StringComparison.OrdinalIgnoreCase)
            || (name.StartsWith("*.", StringComparison.Ordinal) && host.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot
                && name.AsSpan(1).Equals(host.AsSpan(dot), StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>Reads both PEM files. False: <paramref name="fault"/> says what is wrong, as the end of a sentence, and quotes no secret.</summary>
    /// <param name="crypto">That will use it.</param>
    /// <param name="chainPem">The certificate, then those between it and the root.</param>
    /// <param name="keyPem">Its private key, not encrypted: PKCS #8, SEC 1 or PKCS #1.</param>
    /// <param name="identity">What was read.</param>
    /// <param name="fault">What is wrong.</param>
    public static bool TryRead(KeCrypto crypto, ReadOnlySpan<byte> chainPem, ReadOnlySpan<byte> keyPem, [NotNullWhen(true)] out KeIdentity? identity, out string fault)
    {
        identity = null;
        byte[]? key = null;
        try
        {
            var chain = KePem.Certificates(chainPem);
            if (chain.Count == 0)
            {
                fault = "there is no certificate in it";
                return false;
            }

            if (!KePem.TryReadKey(keyPem, out string label, out key, out fault))
            {
                return false;
            }

            var leaf = X509CertificateStructure.GetInstance(chain[0]);
            var entries = chain.Select(der => new CertificateEntry(crypto.Engine.CreateCertificate(CertificateType.X509, der), null)).ToArray();
            var (schemes, name) = KeKeys.Describe(leaf.SubjectPublicKeyInfo, crypto.Provider);
            if (schemes.Count == 0)
            {
                fault = $"its key is {name}; ECDSA P-256 or P-384, RSA of at least 2048 bits{(crypto.Provider == KeProvider.Managed ? " and Ed25519" : "")} can be used";
                return false;
            }

            var signer = KeKeys.Signer(crypto, label, key, leaf.SubjectPublicKeyInfo);
            if (!Fits(crypto, entries[0].Certificate, schemes[0], signer(schemes[0])))
            {
                fault = "the key is not that of the certificate";
                return false;
            }

            identity = new(leaf, new Certificate([], entries), schemes, name, signer);
            return true;
        }
#pragma warning disable CA1031 // An operator's file: whatever is wrong with it, the parsers say it as exceptions of many kinds.
        catch (Exception wrong)
#pragma warning restore CA1031
        {
            fault = $"certificate or key make no sense ({wrong.GetType().Name})";
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Signs once and verifies: also has the key ready before the first client waits for it.</summary>
    private static bool Fits(KeCrypto crypto, TlsCertificate certificate, int scheme, TlsSigner signer)
    {
        byte[] probe = [1, 2, 3];
        var algorithm = SignatureScheme.GetSignatureAndHashAlgorithm(scheme);
        byte[] signature;
        if (signer.GetStreamSigner(algorithm) is { } stream)
        {
            stream.Stream.Write(probe, 0, probe.Length);
            signature = stream.GetSignature();
        }
        else
        {
            var hash = crypto.Engine.CreateHash(SignatureScheme.GetCryptoHashAlgorithm(scheme));
            hash.Update(probe, 0, probe.Length);
            signature = signer.GenerateRawSignature(algorithm, hash.CalculateHash());
        }

        var verifier = certificate.CreateVerifier(scheme);
        verifier.Stream.Write(probe, 0, probe.Length);
        return verifier.VerifySignature(signature);
    }

    private static GeneralName[] NamesOf(X509CertificateStructure leaf) =>
        leaf.TbsCertificate.Extensions?.GetExtension(X509Extensions.SubjectAlternativeName)?.GetParsedValue() is { } value ? GeneralNames.GetInstance(value).GetNames() : [];
}
