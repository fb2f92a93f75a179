using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using TimeSuite.Nts.Tls;
using Xunit;

namespace TimeSuite.Nts.Tests.Tls;

/// <summary>libcrypto's key agreement beside the engine's own, which knows nothing of it.</summary>
public sealed class OpenSslCurveTests
{
    public static TheoryData<int> Groups => [.. Pair.OpenSsl.Groups];

    [Fact]
    public void X25519_is_offered_here() => Assert.Contains(NamedGroup.x25519, Pair.OpenSsl.Groups);

    [Theory]
    [MemberData(nameof(Groups))]
    public void Both_libraries_agree_on_the_secret(int group)
    {
        for (int turn = 0; turn < 20; turn++)
        {
            TlsAgreement ours = Begin(Pair.OpenSsl, group), other = Begin(Pair.Managed, group);
            byte[] value = ours.GenerateEphemeral(), otherValue = other.GenerateEphemeral();
            ours.ReceivePeerValue(otherValue);
            other.ReceivePeerValue(value);
            Assert.Equal(other.CalculateSecret().Extract(), ours.CalculateSecret().Extract());
        }
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public void Each_agreement_has_a_key_of_its_own(int group) =>
        Assert.NotEqual(Begin(Pair.OpenSsl, group).GenerateEphemeral(), Begin(Pair.OpenSsl, group).GenerateEphemeral());

    [Theory]
    [InlineData(NamedGroup.secp256r1)]
    [InlineData(NamedGroup.secp384r1)]
    public void A_point_beside_the_curve_is_refused(int group)
    {
        byte[] good = Begin(Pair.Managed, group).GenerateEphemeral();
        foreach (int octet in new[] { 1, good.Length / 2, good.Length - 1 })
        {
            byte[] beside = [.. good];
            beside[octet] ^= 1;
            Refuses(group, beside);
        }

        int size = (good.Length - 1) / 2;
        Refuses(group, [4, .. new byte[2 * size]]); // (0, 0)
        Refuses(group, [4, .. Enumerable.Repeat((byte)255, 2 * size)]); // beyond the field
        Refuses(group, [0]); // infinity
        Refuses(group, [.. Enumerable.Repeat((byte)0, good.Length)]);
        Refuses(group, [(byte)(2 + (good[^1] & 1)), .. good[1..(1 + size)]]); // compressed: not in TLS 1.3
        Refuses(group, [(byte)(6 + (good[^1] & 1)), .. good[1..]]); // hybrid: neither
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public void A_value_of_a_wrong_length_is_refused(int group)
    {
        byte[] good = Begin(Pair.Managed, group).GenerateEphemeral();
        Refuses(group, []);
        Refuses(group, good[..^1]);
        Refuses(group, [.. good, 0]);
    }

    // The points of order 1, 2, 4 and 8, RFC 7748 section 6.1: a value that takes no part leads to zero.
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("E0EB7A7C3B41B8AE1656E3FAF19FC46ADA098DEB9C32B1FD866205165F49B800")]
    [InlineData("5F9C95BCA3508C24B1D0B1559C83EF5B04445CC4581C8E86D8224EDDD09F1157")]
    [InlineData("ECFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF7F")]
    public void A_value_of_X25519_that_leads_to_zero_is_refused(string value) => Refuses(NamedGroup.x25519, Convert.FromHexString(value));

    [Fact]
    public void After_a_refusal_the_next_agreement_is_good()
    {
        Refuses(NamedGroup.secp256r1, [4, .. new byte[64]]);
        Both_libraries_agree_on_the_secret(NamedGroup.secp256r1);
    }

    private static TlsAgreement Begin(KeCrypto crypto, int group) => crypto.Engine.CreateECDomain(new TlsECConfig(group)).CreateECDH();

    private static void Refuses(int group, byte[] value)
    {
        var agreement = Begin(Pair.OpenSsl, group);
        agreement.GenerateEphemeral();
        Assert.Equal(AlertDescription.illegal_parameter, Assert.Throws<TlsFatalAlert>(() => agreement.ReceivePeerValue(value)).AlertDescription);
    }
}
