namespace TimeSuite.Config.Tests;

public sealed class PoolTokenFileTests
{
    [Fact]
    public void Tokens_stand_one_a_line_and_comments_are_passed_over()
    {
        Assert.Empty(PoolTokenFile.Parse("# of pool.example\n5ea84788c444c03a83c6\r\n\n  another-token-16+#  \n"u8, "tokens", out var tokens));
        Assert.Equal(["5ea84788c444c03a83c6", "another-token-16+#"], tokens.Select(System.Text.Encoding.ASCII.GetString));
    }

    [Theory]
    [InlineData("", "holds 0 tokens")]
    [InlineData("# none\n", "holds 0 tokens")]
    [InlineData("tooshort\n", "a word of 16 to 256")]
    [InlineData("two words of which one is right\n", "a word of 16 to 256")]
    public void What_is_no_token_is_refused_and_not_quoted(string text, string words)
    {
        var error = Assert.Single(PoolTokenFile.Parse(System.Text.Encoding.UTF8.GetBytes(text), "tokens", out var tokens));
        Assert.Empty(tokens);
        Assert.Contains(words, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("tooshort", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_everybody_may_read_is_refused()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "0123456789abcdef\n");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            Assert.Contains("read", Assert.Single(PoolTokenFile.Load(path, out var none)).ToString(), StringComparison.Ordinal);
            Assert.Empty(none);
            File.SetUnixFileMode(path, UnixFileMode.UserRead);
            Assert.Empty(PoolTokenFile.Load(path, out var tokens));
            Assert.Single(tokens);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
