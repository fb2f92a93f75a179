using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TimeSuite.Nts.Tls;

namespace TimeSuite.Ntskeyd.Client;

/// <summary>Judges a server's certificates, with the time it is told.</summary>
/// <param name="host">Name or address that the certificate has to be for.</param>
/// <param name="anchors">To one of which its chain must lead; null: to one of the system's.</param>
/// <param name="pins">SHA-256 of the SubjectPublicKeyInfo: one must be that of the server's. Empty: any.</param>
/// <param name="revoked">No certificate of the chain may be in one of these.</param>
/// <param name="now">In whose light the periods are seen; null: they are not looked at, because the clock may be far off.</param>
internal sealed class ChainTrust(string host, X509Certificate2Collection? anchors, IReadOnlyList<byte[]> pins, IReadOnlyList<RevocationList> revoked, Instant<Utc>? now)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1"; // id-kp-serverAuth, RFC 5280 section 4.2.1.12

    /// <summary>When all certificates of the chain are valid, once judged.</summary>
    public Instant<Utc> ValidFrom { get; private set; }

    public Instant<Utc> ValidUntil { get; private set; }

    /// <summary>Whether nothing but the time stands against it.</summary>
    public bool IsOutOfPeriod { get; private set; }

    /// <summary>Null if the chain is to be trusted, else why not, as the end of a sentence.</summary>
    /// <param name="shown">DER, the server's own first.</param>
    public string? Judge(IReadOnlyList<byte[]> shown)
    {
        var certificates = new List<X509Certificate2>();
        try
        {
            certificates.AddRange(shown.Select(der => X509CertificateLoader.LoadCertificate(der)));
            return Judge(certificates);
        }
        catch (CryptographicException)
        {
            return "what the server showed is no certificate";
        }
        finally
        {
            certificates.ForEach(certificate => certificate.Dispose());
        }
    }

    private string? Judge(List<X509Certificate2> shown)
    {
        var leaf = shown[0];
        if (!leaf.MatchesHostname(host, allowWildcards: true, allowCommonName: false))
        {
            return $"the server's certificate is not for {host}";
        }

        if (pins.Count > 0 && !pins.Any(pin => pin.AsSpan().SequenceEqual(SHA256.HashData(leaf.PublicKey.ExportSubjectPublicKeyInfo()))))
        {
            return "the server's public key is not the one that is pinned";
        }

        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.RevocationMode = X509RevocationMode.NoCheck; // no traffic beside the exchange: there are files for that
        policy.DisableCertificateDownloads = true;
        policy.ApplicationPolicy.Add(new(ServerAuthentication));
        policy.ExtraStore.AddRange(shown.Skip(1).ToArray());
        policy.VerificationTime = ToDateTime(now ?? CertificateTime.Of(leaf.NotBefore) + Duration.FromSeconds(1L));
        policy.VerificationFlags = now is null ? X509VerificationFlags.IgnoreNotTimeValid : X509VerificationFlags.NoFlag;
        if (anchors is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(anchors);
        }

        bool isGood = chain.Build(leaf);
        var elements = chain.ChainElements.Select(element => element.Certificate).ToList();
        ValidFrom = CertificateTime.Of(elements.Max(certificate => certificate.NotBefore));
        ValidUntil = CertificateTime.Of(elements.Min(certificate => certificate.NotAfter));
        IsOutOfPeriod = !isGood && chain.ChainStatus.All(status => status.Status is X509ChainStatusFlags.NotTimeValid or X509ChainStatusFlags.NoError);
        string? refusal = isGood ? Revoked(elements) : Words([.. chain.ChainStatus.Select(status => status.Status)], now);
        elements.ForEach(certificate => certificate.Dispose());
        return refusal;
    }

    /// <param name="elements">The server's own first, each followed by its issuer.</param>
    private string? Revoked(List<X509Certificate2> elements) =>
        elements.Zip(elements.Skip(1)).FirstOrDefault(pair => revoked.Any(list => list.Revokes(pair.First.RawData, pair.Second.RawData))).First is { } certificate
            ? $"its authority has revoked the certificate {certificate.SerialNumber} ({certificate.Subject})"
            : null;

    private string Words(X509ChainStatusFlags[] statuses, Instant<Utc>? seenAt)
    {
        if (statuses.Any(status => status is X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain))
        {
            return anchors is null ? "the server's certificate leads to no authority that the system trusts" : "the server's certificate leads to none of the authorities of this source";
        }

        return statuses.Contains(X509ChainStatusFlags.NotTimeValid)
            ? seenAt > ValidUntil ? $"the server's certificate has expired on {CertificateTime.Words(ValidUntil)}" : $"the server's certificate is valid from {CertificateTime.Words(ValidFrom)} only"
            : $"the server's certificate is not to be trusted: {string.Join(", ", statuses.Where(status => status != X509ChainStatusFlags.NoError).Distinct())}";
    }

    private static DateTime ToDateTime(Instant<Utc> time) => DateTimeOffset.FromUnixTimeSeconds(time.SinceEpoch.WholeSeconds).LocalDateTime;
}
