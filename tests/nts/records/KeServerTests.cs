namespace TimeSuite.Nts.Tests.Records;

/// <summary>Messages written by hand from RFC 8915 section 4, not by our own writer.</summary>
public sealed class KeServerTests
{
    private const string Ntpv4 = "8001 0002 0000 ", Siv = "8004 0002 000F ", GcmThenSiv = "8004 0004 001E 000F ", End = "8000 0000";

    private static readonly KeOffer Offer = new();

    [Fact]
    public void A_request_is_answered_with_protocol_algorithm_eight_cookies_and_an_end()
    {
        var outcome = Answer(Ntpv4 + Siv + End, Offer, out string reply);

        Assert.Equal(KeOutcome.Served, outcome);
        Assert.Equal("800100020000" + "80040002000F" + string.Concat(Enumerable.Repeat("00050004AABBCCDD", 8)) + "80000000", reply);
    }

    [Fact]
    public void The_clients_first_algorithm_that_we_have_is_taken()
    {
        Assert.Equal(KeOutcome.Served, Answer(Ntpv4 + "8004 0006 001F 0011 000F " + End, Offer, out string reply));
        Assert.StartsWith("800100020000800400020011", reply);
    }

    [Fact]
    public void The_port_and_the_server_for_time_are_told_if_they_are_others()
    {
        Answer(Ntpv4 + Siv + End, Offer with { NtpServer = "ntp.example", NtpPort = 11123 }, out string reply);

        Assert.Contains("8006000B" + Convert.ToHexString("ntp.example"u8), reply);
        Assert.Contains("800700022B73", reply);
    }

    [Theory]
    [InlineData("", 15)]
    [InlineData("0400 0000 ", 30)]
    public void Keys_of_AEAD_30_are_exported_as_chrony_does(string record1024, int context)
    {
        List<string> contexts = [];
        var reply = KeServer.Answer(Octets.Of(Ntpv4 + GcmThenSiv + record1024 + End), Offer, (said, key) => contexts.Add(Convert.ToHexString(said) + "/" + key.Length), _ => [1, 2, 3, 4]);

        Assert.Equal([$"0000{context:X4}00/16", $"0000{context:X4}01/16"], contexts);
        Assert.Equal(record1024.Length > 0, Convert.ToHexString(reply.Message).Contains("04000000", StringComparison.Ordinal));
    }

    [Fact]
    public void No_common_protocol_is_answered_with_an_empty_list()
    {
        Assert.Equal(KeOutcome.NoProtocol, Answer("8001 0002 8001 " + Siv + End, Offer, out string reply));
        Assert.Equal("80010000" + "80000000", reply);
    }

    [Fact]
    public void No_common_algorithm_is_answered_with_an_empty_list()
    {
        Assert.Equal(KeOutcome.NoAead, Answer(Ntpv4 + "8004 0002 0001 " + End, Offer, out string reply));
        Assert.Equal("800100020000" + "80040000" + "80000000", reply);
    }

    [Theory]
    [InlineData(Siv + End)] // no protocol
    [InlineData(Ntpv4 + Ntpv4 + Siv + End)] // two
    [InlineData(Ntpv4 + End)] // no algorithm
    [InlineData(Ntpv4 + Siv + Siv + End)] // two
    [InlineData("8001 0001 00 " + Siv + End)] // half a number
    [InlineData("8001 0000 " + Siv + End)] // an empty list
    [InlineData(Ntpv4 + "8004 0003 000F00 " + End)]
    [InlineData(Ntpv4 + Siv + "8002 0002 0001 " + End)] // an error is the server's to send
    [InlineData(Ntpv4 + Siv + "0005 0004 00000000 " + End)] // and a cookie
    [InlineData(Ntpv4 + Siv + "8000 0001 00")] // an end with a body
    [InlineData(Ntpv4 + Siv + "0000 0000")] // an end that is not critical
    [InlineData(Ntpv4 + Siv)] // no end
    [InlineData("")]
    public void A_bad_request_is_called_so(string request)
    {
        Assert.Equal(KeOutcome.BadRequest, Answer(request, Offer, out string reply));
        Assert.Equal("800200020001" + "80000000", reply);
    }

    [Theory]
    [InlineData("C001 0000 ", true)]
    [InlineData("4001 0000 ", false)]
    [InlineData("0006 0003 616263 ", false)] // a wish
    [InlineData("8007 0002 007B ", false)]
    public void Only_an_unknown_critical_record_is_an_error(string record, bool error)
    {
        var outcome = Answer(Ntpv4 + Siv + record + End, Offer, out string reply);

        Assert.Equal(error ? KeOutcome.UnknownRecord : KeOutcome.Served, outcome);
        Assert.Equal(error, reply == "800200020000" + "80000000");
    }

    [Fact]
    public void Without_a_key_for_cookies_the_client_hears_of_an_internal_error_and_nothing_else()
    {
        var reply = KeServer.Answer(Octets.Of(Ntpv4 + Siv + End), Offer, (_, _) => { }, _ => null);

        Assert.Equal(KeOutcome.NoCookies, reply.Outcome);
        Assert.Equal("800200020002" + "80000000", Convert.ToHexString(reply.Message));
    }

    private static KeOutcome Answer(string request, KeOffer offer, out string reply)
    {
        var answer = KeServer.Answer(Octets.Of(request), offer, (_, _) => { }, _ => [0xAA, 0xBB, 0xCC, 0xDD]);
        reply = Convert.ToHexString(answer.Message);
        Assert.False(answer.IsKept);
        return answer.Outcome;
    }
}
