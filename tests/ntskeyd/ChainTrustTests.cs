using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TimeSuite.Ntskeyd.Client;

namespace TimeSuite.Ntskeyd.Tests;

public sealed class ChainTrustTests : IDisposable
{
    private readonly Authority _authority = new(), _other = new();

    private static Instant<Utc> Now => InDays(0);

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData("time.example", "time.example", null)]
    [InlineData("time.example", "other.example", "is not for other.example")]
    [InlineData("127.0.0.1", "127.0.0.1", null)]
    [InlineData("127.0.0.1", "127.0.0.2", "is not for 127.0.0.2")]
    [InlineData("::1", "::1", null)]
    [InlineData("time.example", "127.0.0.1", "is not for 127.0.0.1")]
    public void The_certificate_has_to_be_for_the_host_that_was_asked_for(string certified, string asked, string? refusal) =>
        Check(refusal, new ChainTrust(asked, Anchors(_authority), [], [], Now), _authority.Issue(certified).Der);

    [Fact]
    public void It_has_to_lead_to_an_authority_of_the_source_or_of_the_system()
    {
        byte[] der = _authority.Issue("time.example").Der;
        Check("leads to none of the authorities of this source", new("time.example", Anchors(_other), [], [], Now), der);
        Check("leads to no authority that the system trusts", new("time.example", null, [], [], Now), der);
        Check("is no certificate", new("time.example", Anchors(_authority), [], [], Now), [1, 2, 3]);
    }

    [Fact]
    public void It_has_to_be_valid_now_unless_the_clock_is_not_known_and_then_the_period_is_told()
    {
        byte[] old = _authority.Issue("time.example", from: -20, until: -10).Der, young = _authority.Issue("time.example", from: 10, until: 20).Der;
        Check("has expired on", new("time.example", Anchors(_authority), [], [], Now), old);
        Check("is valid from", new("time.example", Anchors(_authority), [], [], Now), young);
        Check(null, new("time.example", Anchors(_authority), [], [], InDays(-15)), old);

        var trust = new ChainTrust("time.example", Anchors(_authority), [], [], now: null);
        Check(null, trust, old);
        Assert.InRange((trust.ValidUntil - InDays(-10)).Seconds, -60, 60);
        Assert.InRange((trust.ValidFrom - InDays(-20)).Seconds, -60, 60);
        Check("leads to none", new("time.example", Anchors(_other), [], [], now: null), old); // but all else is looked at
    }

    [Fact]
    public void A_pin_that_does_not_fit_refuses_and_one_that_fits_is_no_trust_by_itself()
    {
        byte[] der = _authority.Issue("time.example").Der;
        using var certificate = X509CertificateLoader.LoadCertificate(der);
        byte[] pin = SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());

        Check(null, new("time.example", Anchors(_authority), [new byte[32], pin], [], Now), der);
        Check("is not the one that is pinned", new("time.example", Anchors(_authority), [new byte[32]], [], Now), der);
        Check("leads to none", new("time.example", Anchors(_other), [pin], [], Now), der);
    }

    private static void Check(string? refusal, ChainTrust trust, byte[] der)
    {
        string? said = trust.Judge([der]);
        if (refusal is null)
        {
            Assert.Null(said);
        }
        else
        {
            Assert.Contains(refusal, said, StringComparison.Ordinal);
        }
    }

    private static X509Certificate2Collection Anchors(Authority authority)
    {
        var anchors = new X509Certificate2Collection();
        anchors.ImportFromPemFile(authority.RootFile);
        return anchors;
    }

    private static Instant<Utc> InDays(int days) => new(Duration.FromSeconds(DateTimeOffset.UtcNow.AddDays(days).ToUnixTimeSeconds()));
}
