using System.Diagnostics.CodeAnalysis;
using Org.BouncyCastle.X509;

namespace TimeSuite.Nts.Tls;

/// <summary>What an authority says it has taken back (RFC 5280 section 5), from a file.</summary>
public sealed class RevocationList
{
    private const string IssuingDistributionPoint = "2.5.29.28"; // of a part of what an authority has taken back: what it names is taken back all the same

    private readonly X509Crl _list;

    private RevocationList(X509Crl list) => _list = list;

    /// <summary>When the authority meant to have a newer one; null: it does not say.</summary>
    public Instant<Utc>? NextUpdate => _list.NextUpdate is { } time ? CertificateTime.Of(time) : null;

    /// <summary>Reads the only list of a file, PEM or DER. False: there is none, or it has critical extensions that we do not know.</summary>
    public static bool TryRead(byte[] file, [NotNullWhen(true)] out RevocationList? list)
    {
        list = null;
        try
        {
            if (new X509CrlParser().ReadCrl(file) is { } read && read.GetCriticalExtensionOids().All(oid => oid == IssuingDistributionPoint))
            {
                list = new(read);
            }
        }
        catch (Exception) // whatever the parser throws at what is no list
        {
            return false;
        }

        return list is not null;
    }

    /// <summary>Whether it is signed by the certificate's issuer and names the certificate. One that cannot be understood is held for revoked.</summary>
    /// <param name="certificate">DER.</param>
    /// <param name="issuer">Of the certificate, DER.</param>
    public bool Revokes(byte[] certificate, byte[] issuer)
    {
        try
        {
            var parser = new X509CertificateParser();
            var (judged, by) = (parser.ReadCertificate(certificate), parser.ReadCertificate(issuer));
            return _list.IssuerDN.Equivalent(by.SubjectDN) && _list.IsSignatureValid(by.GetPublicKey()) && _list.IsRevoked(judged);
        }
        catch (Exception) // whatever the parser throws at what is no certificate
        {
            return true;
        }
    }
}
