namespace TimeSuite.Nts.Tests.Records;

/// <summary>Messages written by hand from RFC 8915 section 4.</summary>
public sealed class KeClientTests
{
    private const string Ntpv4 = "8001 0002 0000 ", Siv = "8004 0002 000F ", Cookie = "0005 0004 AABBCCDD ", End = "8000 0000";

    private static readonly NtsAead[] Both = [NtsAead.Aes128GcmSiv, NtsAead.AesSivCmac256];

    [Fact]
    public void The_request_is_that_of_the_standard_and_asks_for_the_standards_way_with_AEAD_30()
    {
        Assert.Equal("800100020000" + "80040004001E000F" + "04000000" + "80000000", Convert.ToHexString(KeClient.Request(Both, [])));
        Assert.Equal("800100020000" + "80040002000F" + "80000000", Convert.ToHexString(KeClient.Request([NtsAead.AesSivCmac256], [])));
    }

    [Fact]
    public void Servers_of_a_pool_that_we_have_are_named()
    {
        Assert.Contains("000D0001" + "61", Convert.ToHexString(KeClient.Request(Both, ["a"])));
    }

    [Fact]
    public void A_reply_tells_algorithm_cookies_server_and_port()
    {
        Assert.True(Read(Ntpv4 + Siv + Cookie + Cookie + "8006 0003 612E62 8007 0002 2B73 " + End, out var answer, out _));

        Assert.Equal(NtsAead.AesSivCmac256, answer!.Aead);
        Assert.True(answer.IsCompliant);
        Assert.Equal(["AABBCCDD", "AABBCCDD"], answer.Cookies.Select(Convert.ToHexString));
        Assert.Equal("a.b", answer.NtpServer);
        Assert.Equal((ushort)11123, answer.NtpPort);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("0400 0000 ", true)]
    public void AEAD_30_is_the_standards_way_only_if_the_server_says_so(string record, bool compliant)
    {
        Assert.True(Read(Ntpv4 + "8004 0002 001E " + record + Cookie + End, out var answer, out _));
        Assert.Equal(compliant, answer!.IsCompliant);
    }

    [Fact]
    public void More_than_eight_cookies_are_no_fault_and_not_kept()
    {
        Assert.True(Read(Ntpv4 + Siv + string.Concat(Enumerable.Repeat(Cookie, 20)) + End, out var answer, out _));
        Assert.Equal(8, answer!.Cookies.Count);
    }

    [Theory]
    [InlineData(Ntpv4 + Siv + End, "no cookie")]
    [InlineData(Ntpv4 + Siv + "0005 0000 " + End, "0 octets")]
    [InlineData("8001 0000 " + Siv + Cookie + End, "does not speak NTPv4")]
    [InlineData("8001 0002 8001 " + Siv + Cookie + End, "protocol that we did not offer")]
    [InlineData("8001 0004 0000 8001 " + Siv + Cookie + End, "protocol that we did not offer")]
    [InlineData(Ntpv4 + "8004 0000 " + End, "none of our AEADs")]
    [InlineData(Ntpv4 + "8004 0002 0010 " + Cookie + End, "AEAD that we did not offer")]
    [InlineData(Ntpv4 + Cookie + End, "no AEAD")]
    [InlineData(Siv + Cookie + End, "no protocol")]
    [InlineData("8002 0002 0001 " + End, "error 1")]
    [InlineData("8002 0002 0002 " + End, "error 2")]
    [InlineData("8002 0002 0077 " + End, "error 119")]
    [InlineData("8002 0000 " + End, "malformed error")]
    [InlineData("8003 0002 0000 " + End, "warning")]
    [InlineData(Ntpv4 + Siv + Cookie + "C001 0000 " + End, "type 16385")]
    [InlineData(Ntpv4 + Siv + Cookie + "8006 0002 0A41 " + End, "server that it named")]
    [InlineData(Ntpv4 + Siv + Cookie + "8006 0000 " + End, "server that it named")]
    [InlineData(Ntpv4 + Siv + Cookie + "8007 0002 0000 " + End, "port that it named")]
    [InlineData(Ntpv4 + Siv + Cookie, "no end")]
    public void A_bad_reply_is_refused_in_words(string reply, string words)
    {
        Assert.False(Read(reply, out _, out string fault));
        Assert.Contains(words, fault);
    }

    [Fact]
    public void A_cookie_of_256_octets_is_taken_and_a_longer_one_is_not()
    {
        Assert.True(Read(Ntpv4 + Siv + "0005 0100 " + new string('0', 512) + End, out _, out _));
        Assert.False(Read(Ntpv4 + Siv + "0005 0101 " + new string('0', 514) + End, out _, out string fault));
        Assert.Contains("257 octets", fault);
    }

    private static bool Read(string reply, out KeAnswer? answer, out string fault) => KeClient.TryRead(Octets.Of(reply), Both, out answer, out fault);
}
