using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace TimeSuite.Nts.Tests.Tls;

/// <summary>Certificates made on the spot, as the octets of PEM files.</summary>
internal sealed record PemPair(byte[] Chain, byte[] Key);

internal static class Certificates
{
    public static readonly PemPair P256 = Ecdsa(ECCurve.NamedCurves.nistP256, "time.example", "*.pool.example");
    public static readonly PemPair P384 = Ecdsa(ECCurve.NamedCurves.nistP384, "other.example");
    public static readonly PemPair Rsa = OfRsa(2048, "rsa.example");

    /// <summary>Made by openssl, as .NET has no Ed25519.</summary>
    public static readonly PemPair Ed25519 = new(
        """
        -----BEGIN CERTIFICATE-----
        MIIBRzCB+qADAgECAhReBr0oeI1J//1UwnvWLt48RBYPNTAFBgMrZXAwDTELMAkG
        A1UEAwwCZWQwIBcNMjYxMTIzMjIzNzQ3WhgPMjEyNjEwMzAyMjM3NDdaMA0xCzAJ
        BgNVBAMMAmVkMCowBQYDK2VwAyEA13GIOd7iQmWSlaIQbiWTgqZ2UG4NleBwnH+z
        3EkQJDCjajBoMB0GA1UdDgQWBBTcOjMdY5PLO+fkjcc3bVXX49lOUjAfBgNVHSME
        GDAWgBTcOjMdY5PLO+fkjcc3bVXX49lOUjAPBgNVHRMBAf8EBTADAQH/MBUGA1Ud
        EQQOMAyCCmVkLmV4YW1wbGUwBQYDK2VwA0EAHMEG0AilA1w/LauqAIrUmak8O6P1
        pPV5fNcyTjWds18ep8jhCg7PkmKc9N+qiUdO9yOnxZZHOjdj2x19OSPYCA==
        -----END CERTIFICATE-----
        """u8.ToArray(),
        """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIJziGF+s8vzCFAdVJp/t0st8nMtdZIFj++Uq8Erm2SSD
        -----END PRIVATE KEY-----
        """u8.ToArray());

    public static PemPair Ecdsa(ECCurve curve, params string[] names)
    {
        using var key = ECDsa.Create(curve);
        return Sign(new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256), names, key.ExportPkcs8PrivateKeyPem());
    }

    public static PemPair OfRsa(int bits, params string[] names)
    {
        using var key = RSA.Create(bits);
        return Sign(new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), names, key.ExportPkcs8PrivateKeyPem());
    }

    private static PemPair Sign(CertificateRequest request, string[] names, string key)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        names.ToList().ForEach(alternatives.AddDnsName);
        alternatives.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        return new(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()), Encoding.ASCII.GetBytes(key));
    }
}
