using System.Security.Cryptography;
using System.Text;
using TimeSuite.Nts.Tls;

namespace TimeSuite.Nts.Tests.Tls;

public sealed class KeIdentityTests
{
    [Theory]
    [InlineData(KeProvider.Managed)]
    [InlineData(KeProvider.OpenSsl)]
    public void A_certificate_tells_names_addresses_period_and_key(KeProvider provider)
    {
        var identity = Pair.Identity(Pair.Of(provider), Certificates.P256);

        Assert.Equal(["time.example", "*.pool.example"], identity.Names);
        Assert.Equal([[127, 0, 0, 1]], identity.Addresses);
        Assert.Equal("ECDSA P-256", identity.Key);
        Assert.Equal(31 * 86_400L, (identity.ValidUntil - identity.ValidFrom).WholeSeconds);
        Assert.Equal("RSA 2048", Pair.Identity(Pair.Of(provider), Certificates.Rsa).Key);
    }

    [Theory]
    [InlineData(KeProvider.Managed)]
    [InlineData(KeProvider.OpenSsl)]
    public void Keys_in_the_formats_of_old_are_read_too(KeProvider provider)
    {
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportFromPem(Encoding.ASCII.GetString(Certificates.P256.Key));
        Pair.Identity(Pair.Of(provider), Certificates.P256 with { Key = Encoding.ASCII.GetBytes("Text before.\n" + ecdsa.ExportECPrivateKeyPem() + "\n") });

        using var rsa = RSA.Create();
        rsa.ImportFromPem(Encoding.ASCII.GetString(Certificates.Rsa.Key));
        Pair.Identity(Pair.Of(provider), Certificates.Rsa with { Key = Encoding.ASCII.GetBytes(rsa.ExportRSAPrivateKeyPem()) });
    }

    [Theory]
    [InlineData(KeProvider.Managed)]
    [InlineData(KeProvider.OpenSsl)]
    public void What_is_wrong_with_the_files_is_said(KeProvider provider)
    {
        Assert.Contains("not that of the certificate", Fault(Certificates.P256 with { Key = Certificates.Ecdsa(ECCurve.NamedCurves.nistP256, "x").Key }), StringComparison.Ordinal);
        Assert.Contains("no private key", Fault(Certificates.P256 with { Key = Certificates.P256.Chain }), StringComparison.Ordinal);
        Assert.Contains("no certificate", Fault(Certificates.P256 with { Chain = Certificates.P256.Key }), StringComparison.Ordinal);
        Assert.Contains("no certificate", Fault(Certificates.P256 with { Chain = [] }), StringComparison.Ordinal);
        Assert.Contains("make no sense", Fault(Certificates.P256 with { Key = Certificates.Rsa.Key }), StringComparison.Ordinal);
        Assert.Contains("RSA 1024", Fault(Certificates.OfRsa(1024, "x")), StringComparison.Ordinal);
        Assert.Contains("another curve", Fault(Certificates.Ecdsa(ECCurve.NamedCurves.nistP521, "x")), StringComparison.Ordinal);

        using var ecdsa = ECDsa.Create();
        var sealing = new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1);
        Assert.Contains("is encrypted", Fault(Certificates.P256 with { Key = Encoding.ASCII.GetBytes(ecdsa.ExportEncryptedPkcs8PrivateKeyPem("x", sealing)) }), StringComparison.Ordinal);
        if (provider == KeProvider.OpenSsl)
        {
            Assert.Contains("Ed25519", Fault(Certificates.Ed25519), StringComparison.Ordinal);
        }

        string Fault(PemPair pem)
        {
            Assert.False(KeIdentity.TryRead(Pair.Of(provider), pem.Chain, pem.Key, out _, out string fault));
            return fault;
        }
    }

    [Theory]
    [InlineData(KeProvider.Managed)]
    [InlineData(KeProvider.OpenSsl)]
    public void Files_that_are_damaged_are_refused_and_nothing_is_thrown(KeProvider provider)
    {
        var random = new Random(7468);
        for (int run = 0; run < 300; run++)
        {
            byte[] chain = [.. Certificates.P256.Chain], key = [.. Certificates.P256.Key];
            byte[] damaged = run % 2 == 0 ? chain : key;
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            KeIdentity.TryRead(Pair.Of(provider), chain, key, out _, out _); // a letter before BEGIN is no damage
        }
    }
}
