using System.Text;

namespace TimeSuite.Config.Tests;

public sealed class PtpKeyFileTests
{
    [Fact]
    public void Lines_are_keys_and_comments()
    {
        var keys = Parse("# a comment\n\n1 7 AES128 HEX:000102030405060708090a0b0c0d0e0f\n 255\t4294967295  SHA256-128 ASCII:0123456789abcdef \r\n1 8 SHA256 ASCII:0123456789abcdef\n0 7 AES256 HEX:"
            + string.Concat(Enumerable.Repeat("ab", 32)), out var errors);

        Assert.Empty(errors);
        Assert.Equal(
            [(1, 7u, PtpKeyKind.Aes128, 16, 3), (255, uint.MaxValue, PtpKeyKind.Sha256Half, 16, 4), (1, 8u, PtpKeyKind.Sha256, 16, 5), (0, 7u, PtpKeyKind.Aes256, 32, 6)],
            keys.Select(key => ((int)key.Association, key.Id, key.Kind, key.Secret.Length, key.Line)));
        Assert.Equal(15, keys[0].Secret[15]);
    }

    [Theory]
    [InlineData("1 7 AES128", "ASSOCIATION ID TYPE KEY")]
    [InlineData("256 7 SHA256 ASCII:0123456789abcdef", "0 to 255")]
    [InlineData("x 7 SHA256 ASCII:0123456789abcdef", "0 to 255")]
    [InlineData("1 0 SHA256 ASCII:0123456789abcdef", "1 to 4294967295")]
    [InlineData("1 7 MD5 ASCII:0123456789abcdef", "SHA256-128, SHA256, AES128, AES256")]
    [InlineData("1 7 SHA256 0123456789abcdef", "HEX: or ASCII:")]
    [InlineData("1 7 SHA256 HEX:0", "two digits")]
    [InlineData("1 7 SHA256 HEX:gg", "two digits")]
    [InlineData("1 7 SHA256 ASCII:short", "of 5 octets; SHA256 needs 16 to 1024")]
    [InlineData("1 7 AES128 ASCII:0123456789abcdefg", "of 17 octets; AES128 needs 16")]
    [InlineData("1 7 SHA256 ASCII:0123456789abcdef more", "goes on behind the key")]
    public void A_wrong_line_is_an_error_with_its_number_and_no_secret(string line, string right)
    {
        var keys = Parse($"# first\n{line}\n", out var errors);

        Assert.Empty(keys);
        var error = Assert.Single(errors);
        Assert.Equal(2, error.Line);
        Assert.Contains(right, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789abcdef", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_stands_once_in_its_association()
    {
        var keys = Parse("1 7 SHA256 ASCII:0123456789abcdef\n2 7 SHA256 ASCII:0123456789abcdef\n1 7 SHA256 ASCII:fedcba9876543210", out var errors);

        Assert.Equal(2, keys.Count);
        Assert.Contains("line 1 already", Assert.Single(errors).ToString(), StringComparison.Ordinal);
    }

    private static IReadOnlyList<PtpKeyLine> Parse(string text, out IReadOnlyList<ConfigError> errors) => PtpKeyFile.Parse(Encoding.UTF8.GetBytes(text), "ptp.keys", out errors);
}
