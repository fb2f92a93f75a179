using System.Security.Cryptography;
using CsCheck;

namespace TimeSuite.Ntp.Tests;

public sealed class SymmetricKeyTests
{
    private const string Message =
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

    private const string Key128 = "2b7e151628aed2a6abf7158809cf4f3c";
    private const string Key256 = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";

    public static TheoryData<MacAlgorithm> Algorithms => [.. Enum.GetValues<MacAlgorithm>()];

    /// <summary>RFC 4493 section 4 and NIST SP 800-38B appendix D.3, by the processor's instructions and by the library.</summary>
    [Theory]
    [InlineData(Key128, 0, "bb1d6929e95937287fa37d129b756746")]
    [InlineData(Key128, 16, "070a16b46b4d4144f79bdd9dd04a287c")]
    [InlineData(Key128, 40, "dfa66747de9ae63030ca32611497c827")]
    [InlineData(Key128, 64, "51f0bebf7e3b9d92fc49741779363cfe")]
    [InlineData(Key256, 0, "028962f61b7bf89efc6b551f4667d983")]
    [InlineData(Key256, 16, "28a7023f452e8f82bd4bf28d8c37c35c")]
    [InlineData(Key256, 40, "aaf3d8f1de5640c232f5b169b9c911e6")]
    [InlineData(Key256, 64, "e1992190549f6ed5696a2c056c315410")]
    public void Cmac_has_the_standards_values(string key, int length, string tag)
    {
        var message = Convert.FromHexString(Message).AsSpan(0, length);
        var secret = Convert.FromHexString(key);
        foreach (bool byInstructions in new[] { false, AesKey.IsSupported })
        {
            var computed = new byte[16];
            new AesCmac(secret, byInstructions).Compute(message, computed);
            Assert.Equal(tag, Convert.ToHexStringLower(computed));
        }
    }

    [Fact]
    public void Cmac_of_any_message_is_the_same_by_the_instructions_and_by_the_library() =>
        Gen.Select(Gen.Bool, Gen.Byte.Array[32], Gen.Byte.Array[0, 300]).Sample(
            (isLong, octets, message) =>
            {
                byte[] secret = isLong ? octets : octets[..16];
                Span<byte> one = stackalloc byte[16];
                Span<byte> other = stackalloc byte[16];
                new AesCmac(secret, AesKey.IsSupported).Compute(message, one);
                new AesCmac(secret, byInstructions: false).Compute(message, other);
                return one.SequenceEqual(other);
            },
            iter: 2_000);

    [Fact]
    public void A_digest_is_the_hash_of_secret_and_message_cut_to_20_octets_from_version_4_on()
    {
        byte[] message = Convert.FromHexString(Message)[..48];
        byte[] expected = SHA512.HashData([.. "secret"u8, .. message]);
        var key = new SymmetricKey(0x01020304, MacAlgorithm.Sha512, "secret"u8);
        byte[] mac3 = new byte[key.MacSize(3)];
        byte[] mac4 = new byte[key.MacSize(4)];

        key.Sign(message, mac3);
        key.Sign(message, mac4);

        Assert.Equal([1, 2, 3, 4, .. expected], mac3);
        Assert.Equal([1, 2, 3, 4, .. expected[..20]], mac4);
    }

    [Theory]
    [InlineData(MacAlgorithm.Md5, 20, 20)]
    [InlineData(MacAlgorithm.Sha1, 24, 24)]
    [InlineData(MacAlgorithm.Sha256, 36, 24)]
    [InlineData(MacAlgorithm.Sha384, 52, 24)]
    [InlineData(MacAlgorithm.Sha512, 68, 24)]
    [InlineData(MacAlgorithm.Aes128, 20, 20)]
    [InlineData(MacAlgorithm.Aes256, 20, 20)]
    public void A_mac_has_the_length_of_its_algorithm_and_version(MacAlgorithm algorithm, int inVersion3, int inVersion4) =>
        Assert.Equal((inVersion3, inVersion4), (A.Key(1, algorithm).MacSize(3), A.Key(1, algorithm).MacSize(4)));

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Any_octet_that_was_changed_is_found_out(MacAlgorithm algorithm)
    {
        var key = A.Key(7, algorithm);
        byte[] message = Convert.FromHexString(Message)[..48];
        byte[] mac = new byte[key.MacSize(4)];
        key.Sign(message, mac);
        Assert.True(key.Verifies(message, mac));

        for (int at = 0; at < message.Length; at++)
        {
            message[at] ^= 0x10;
            Assert.False(key.Verifies(message, mac));
            message[at] ^= 0x10;
        }

        for (int at = SymmetricKey.IdSize; at < mac.Length; at++)
        {
            mac[at] ^= 1;
            Assert.False(key.Verifies(message, mac));
            mac[at] ^= 1;
        }
    }

    [Theory]
    [InlineData(MacAlgorithm.Aes128, 15)]
    [InlineData(MacAlgorithm.Aes128, 32)]
    [InlineData(MacAlgorithm.Aes256, 16)]
    [InlineData(MacAlgorithm.Sha256, 0)]
    [InlineData(MacAlgorithm.Sha256, 1025)]
    public void A_secret_of_a_length_that_its_algorithm_has_not_is_no_key(MacAlgorithm algorithm, int length) =>
        Assert.Throws<ArgumentException>(() => new SymmetricKey(1, algorithm, new byte[length]));

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Signing_and_verifying_make_no_garbage(MacAlgorithm algorithm)
    {
        var key = A.Key(7, algorithm);
        byte[] message = new byte[48];
        byte[] mac = new byte[key.MacSize(4)];
        key.Sign(message, mac);
        Assert.True(key.Verifies(message, mac) || !AesKey.IsSupported);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            key.Sign(message, mac);
            key.Verifies(message, mac);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
