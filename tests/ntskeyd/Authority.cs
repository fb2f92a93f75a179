using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TimeSuite.Ntskeyd.Tests;

/// <summary>A certificate authority made on the spot, and certificates of it as PEM files.</summary>
internal sealed class Authority : IDisposable
{
    private readonly X509Certificate2 _root;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("authority");

    public Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=authority {Guid.NewGuid()}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(5));
        RootFile = Path.Combine(_folder.FullName, "root.pem");
        File.WriteAllText(RootFile, _root.ExportCertificatePem());
    }

    public string RootFile { get; }

    /// <summary>Issues a certificate.</summary>
    /// <param name="name">Of the files and, if it is no address, of the host.</param>
    /// <param name="from">Days from now at which it begins to be valid.</param>
    /// <param name="until">Days from now at which it ends.</param>
    /// <returns>Files, and the certificate's DER.</returns>
    public (string Chain, string Key, byte[] Der) Issue(string name, int from = -1, int until = 30)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        using var certificate = request.Create(_root, DateTimeOffset.UtcNow.AddDays(from), DateTimeOffset.UtcNow.AddDays(until), RandomNumberGenerator.GetBytes(8));
        string stem = Path.Combine(_folder.FullName, name);
        File.WriteAllText(stem + ".pem", certificate.ExportCertificatePem());
        File.WriteAllText(stem + ".key", key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(stem + ".key", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return (stem + ".pem", stem + ".key", certificate.RawData);
    }

    /// <summary>Takes certificates back.</summary>
    /// <param name="nextUpdate">Days from now at which there should be a newer list.</param>
    /// <param name="certificates">DER.</param>
    /// <returns>The file with the list, PEM.</returns>
    public string Revoke(int nextUpdate, params byte[][] certificates)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (byte[] der in certificates)
        {
            using var certificate = X509CertificateLoader.LoadCertificate(der);
            list.AddEntry(certificate);
        }

        byte[] signed = list.Build(_root, 1, DateTimeOffset.UtcNow.AddDays(nextUpdate), HashAlgorithmName.SHA256, thisUpdate: DateTimeOffset.UtcNow.AddDays(-30));
        string file = Path.Combine(_folder.FullName, $"{Guid.NewGuid()}.crl");
        File.WriteAllText(file, PemEncoding.WriteString("X509 CRL", signed));
        return file;
    }

    public void Dispose()
    {
        _root.Dispose();
        _folder.Delete(recursive: true);
    }
}
