using System.Runtime.Versioning;
using System.Text;

namespace TimeSuite.Config.Tests;

[SupportedOSPlatform("linux")]
public sealed class KeyFileTests
{
    [Fact]
    public void Every_form_of_line_is_read()
    {
        var result = KeyFile.Parse("""
            # a comment
            ! another
              ; a third
            %fourth

            1 tulip
            2 MD5 ASCII:rose
            3 sha1 HEX:0123456789abcdefABCDEF00
              4	SHA256   a#b;c!d%e"f
            5 AES128 HEX:2b7e151628aed2a6abf7158809cf4f3c
            6 AES256 ASCII:01234567890123456789012345678901
            4294967295 SHA512 ASCII:HEX:zz
            """u8, "keys");

        Assert.Empty(result.Errors);
        Assert.Equal(
            [(1u, KeyKind.Md5, "tulip"), (2u, KeyKind.Md5, "rose"), (4u, KeyKind.Sha256, "a#b;c!d%e\"f"), (uint.MaxValue, KeyKind.Sha512, "HEX:zz")],
            result.Keys.Where(key => key.Id is 1 or 2 or 4 or uint.MaxValue).Select(key => (key.Id, key.Kind, Encoding.ASCII.GetString(key.Secret))));
        Assert.Equal("0123456789ABCDEFABCDEF00", Convert.ToHexString(result.Keys[2].Secret));
        Assert.Equal((KeyKind.Aes128, 16, KeyKind.Aes256, 32), (result.Keys[4].Kind, result.Keys[4].Secret.Length, result.Keys[5].Kind, result.Keys[5].Secret.Length));
    }

    /// <summary>Threat 19: no character of a secret ends it.</summary>
    [Fact]
    public void Every_printable_character_may_be_part_of_a_secret()
    {
        foreach (char character in Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code))
        {
            string secret = $"abcdefghij{character}klm";
            var key = Assert.Single(KeyFile.Parse(Encoding.ASCII.GetBytes($"7 SHA256 {secret}\n"), "keys").Keys);
            Assert.Equal(secret, Encoding.ASCII.GetString(key.Secret));
        }
    }

    [Theory]
    [InlineData("x MD5 abc", "keys(1,1): must begin with the key's number, from 1 to 4294967295")]
    [InlineData("0 MD5 abc", "(1,1): must begin with the key's number")]
    [InlineData("4294967296 MD5 abc", "(1,1): must begin with the key's number")]
    [InlineData("-1 MD5 abc", "(1,1): must begin with the key's number")]
    [InlineData("1", "(1,2): has no secret")]
    [InlineData("\n\n  1 MD4 abc", "(3,5): has a type that is not known; must be one of MD5, SHA1, SHA256, SHA384, SHA512, AES128, AES256")]
    [InlineData("1 AES128 HEX:0011", "(1,10): has a key of 2 octets; AES128 needs 16")]
    [InlineData("1 AES256 HEX:2b7e151628aed2a6abf7158809cf4f3c", "has a key of 16 octets; AES256 needs 32")]
    [InlineData("1 SHA256 HEX:012", "(1,10): has a key that is not hexadecimal; must be two digits for each octet")]
    [InlineData("1 SHA256 HEX:zz", "not hexadecimal")]
    [InlineData("1 SHA256 ASCII:", "has a key of 0 octets; SHA256 needs 1 to 1024")]
    [InlineData("1 SHA256 schlüssel", "other characters than ASCII")]
    [InlineData("1 SHA256 two words", "(1,14): goes on behind the key")]
    [InlineData("5 SHA256 aaaaaaaaaaaa\n5 SHA256 bbbbbbbbbbbb", "(2,1): key 5 stands in line 1 already")]
    public void Each_wrong_line_says_where_it_is_and_what_would_be_right(string text, string part) =>
        Assert.Contains(part, Assert.Single(KeyFile.Parse(Encoding.UTF8.GetBytes(text), "keys").Errors).ToString(), StringComparison.Ordinal);

    [Fact]
    public void A_secret_stands_in_no_message()
    {
        var result = KeyFile.Parse("1 AES128 HEX:c0ffee\n2 SHA256 c0ffee c0ffee\n3 MD5 c0ffee\nc0ffee\n4 MDX c0ffee\n5 SHA1 c0ffeeü"u8, "keys");

        Assert.DoesNotContain("c0ffee", string.Join('\n', [.. result.Errors, .. result.Warnings]), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Weak_keys_are_warned_of()
    {
        var result = KeyFile.Parse("1 MD5 abcdefghijkl\n2 SHA1 abcdefghijkl\n3 SHA256 abc\n4 SHA256 abcdefghijkl"u8, "keys");

        Assert.Empty(result.Errors);
        Assert.Equal([1, 2, 3], result.Warnings.Select(warning => warning.Line));
        Assert.Contains("24 bits", result.Warnings[2].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("640", null)]
    [InlineData("400", null)]
    [InlineData("644", "read by everybody")]
    [InlineData("660", "written by its group")]
    [InlineData("602", "written by everybody")]
    public void A_file_that_others_may_read_or_write_is_refused(string mode, string? part)
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "1 SHA256 abcdefghijkl\n");
        File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32(mode, 8));

        var result = KeyFile.Load(file);
        File.Delete(file);

        Assert.Equal(part is null ? 1 : 0, result.Keys.Count);
        Assert.Contains(part ?? "", string.Join('\n', result.Errors), StringComparison.Ordinal);
        Assert.Equal(part is null, result.Errors.Count == 0);
    }
}
