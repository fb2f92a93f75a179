using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TimeSuite.Ntskeyd.Server;

/// <summary>A certificate for trials: ECDSA P-256, signed by itself, so that who is to trust it has to be given the file.</summary>
internal static class SelfSigned
{
    private const int Days = 90;

    /// <summary>Writes chain.pem and key.pem, which nobody else may read, into a directory.</summary>
    /// <param name="directory">There; files that are there already are not overwritten.</param>
    /// <param name="names">Names and addresses that it is for; at least one.</param>
    /// <param name="now">UTC; it is valid from an hour before.</param>
    /// <exception cref="IOException">There is no such directory, or a file is there already.</exception>
    public static void Make(string directory, IReadOnlyList<string> names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(Days));
        Write(Path.Combine(directory, "chain.pem"), certificate.ExportCertificatePem(), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Write(Path.Combine(directory, "key.pem"), key.ExportPkcs8PrivateKeyPem(), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static void Write(string path, string text, UnixFileMode mode)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode });
        using var writer = new StreamWriter(file);
        writer.WriteLine(text);
    }
}
