using System.Text;

namespace TimeSuite.Nts.Tests.Records;

/// <summary>What a pool asks of its members (draft-venhoek-nts-pool), written by hand.</summary>
public sealed class KePoolTests
{
    private const string Ntpv4 = "8001 0002 0000 ", Siv = "8004 0002 000F ", Gcm = "8004 0002 001E ", End = "8000 0000";
    private const string TokenRecord = "000E 0010 30313233343536373839616263646566 ", KeepAlive = "0008 0000 ";
    private const string Keys32 = "00000000000000000000000000000000000000000000000000000000000000AA" + "11111111111111111111111111111111111111111111111111111111111111BB";
    private const string Fixed = "800C 0040 " + Keys32 + " ";

    private static readonly KeOffer Offer = new() { PoolTokens = [Encoding.ASCII.GetBytes("another-pools-token"), Encoding.ASCII.GetBytes("0123456789abcdef")] };

    [Fact]
    public void A_pool_gets_eight_cookies_of_the_keys_that_it_names_and_none_are_exported()
    {
        List<string> sealedFor = [];
        var reply = KeServer.Answer(Octets.Of(TokenRecord + Fixed + Ntpv4 + Siv + End), Offer, (_, _) => Assert.Fail("keys were exported"), keys =>
        {
            sealedFor.Add(Convert.ToHexString(keys.ClientToServer) + Convert.ToHexString(keys.ServerToClient));
            return [0xAA, 0xBB, 0xCC, 0xDD];
        });

        Assert.Equal((KeOutcome.ServedPool, false), (reply.Outcome, reply.IsKept));
        Assert.Equal(Enumerable.Repeat(Keys32, 8), sealedFor);
        Assert.Equal("800100020000" + "80040002000F" + string.Concat(Enumerable.Repeat("00050004AABBCCDD", 8)) + "80000000", Convert.ToHexString(reply.Message));
    }

    [Fact]
    public void A_pool_is_told_what_we_support_and_how_long_the_keys_are()
    {
        Assert.Equal(KeOutcome.Told, Answer("8009 0000 " + "800A 0000 " + TokenRecord + End, out string reply));
        Assert.Equal("800900020000" + "800A0010" + "001E0010" + "000F0020" + "00100030" + "00110040" + "80000000", reply);
        Assert.Equal(KeOutcome.Told, Answer(TokenRecord + "8009 0000 " + End, out reply));
        Assert.Equal("800900020000" + "80000000", reply);
    }

    [Fact]
    public void Only_a_pools_connection_is_kept_and_only_where_it_asks_for_it()
    {
        Assert.True(Reply(TokenRecord + KeepAlive + "8009 0000 " + End).IsKept);
        var kept = Reply(TokenRecord + KeepAlive + Fixed + Ntpv4 + Siv + End);
        Assert.True(kept.IsKept);
        Assert.EndsWith("00080000" + "80000000", Convert.ToHexString(kept.Message));
        Assert.False(Reply(TokenRecord + KeepAlive + Ntpv4 + Siv + End).IsKept); // keys of the connection itself
        Assert.False(Reply(KeepAlive + Ntpv4 + Siv + End).IsKept);
        Assert.False(Reply(TokenRecord + KeepAlive + Fixed + Ntpv4 + Ntpv4 + Siv + End).IsKept);
    }

    [Fact]
    public void No_keys_come_out_of_a_connection_that_was_kept()
    {
        var reply = KeServer.Answer(Octets.Of(TokenRecord + Ntpv4 + Siv + End), Offer, export: null, _ => [1, 2, 3, 4]);

        Assert.Equal((KeOutcome.BadRequest, "800200020001" + "80000000"), (reply.Outcome, Convert.ToHexString(reply.Message)));
        Assert.Equal(KeOutcome.ServedPool, KeServer.Answer(Octets.Of(TokenRecord + Fixed + Ntpv4 + Siv + End), Offer, export: null, _ => [1, 2, 3, 4]).Outcome);
    }

    /// <summary>As the draft suggests: to others these are critical records that we do not know.</summary>
    [Theory]
    [InlineData(Fixed + Ntpv4 + Siv + End)]
    [InlineData("000E 0010 30313233343536373839616263646567 " + Fixed + Ntpv4 + Siv + End)]
    [InlineData("000E 000F 303132333435363738396162636465 " + Fixed + Ntpv4 + Siv + End)]
    [InlineData("000E 0000 " + Fixed + Ntpv4 + Siv + End)]
    [InlineData("8009 0000 " + End)]
    [InlineData("800A 0000 " + KeepAlive + End)]
    public void A_stranger_hears_that_we_know_nothing_of_pools(string request)
    {
        Assert.Equal(KeOutcome.UnknownRecord, Answer(request, out string reply));
        Assert.Equal("800200020000" + "80000000", reply);
        var closed = KeServer.Answer(Octets.Of(request.Replace("6567 ", "6566 ", StringComparison.Ordinal)), new(), (_, _) => { }, _ => [1]);
        Assert.Equal(KeOutcome.UnknownRecord, closed.Outcome);
    }

    [Theory]
    [InlineData("800C 003F " + "000000000000000000000000000000000000000000000000000000000000AA" + "11111111111111111111111111111111111111111111111111111111111111BB " + Ntpv4 + Siv + End)] // too short
    [InlineData("800C 0000 " + Ntpv4 + Siv + End)]
    [InlineData(Fixed + Ntpv4 + Gcm + End)] // of another AEAD's length
    [InlineData(Fixed + Fixed + Ntpv4 + Siv + End)]
    [InlineData(Fixed + "8001 0004 0000 8001 " + Siv + End)] // precisely one of each
    [InlineData(Fixed + Ntpv4 + "8004 0004 000F 0011 " + End)]
    [InlineData(Fixed + Ntpv4 + End)]
    [InlineData("8009 0000 " + Fixed + Ntpv4 + Siv + End)] // one or the other
    [InlineData("8009 0000 " + Ntpv4 + Siv + End)]
    [InlineData("800A 0000 800A 0000 " + End)]
    public void A_pools_bad_request_is_called_so(string request)
    {
        Assert.Equal(KeOutcome.BadRequest, Answer(TokenRecord + request, out string reply));
        Assert.Equal("800200020001" + "80000000", reply);
    }

    [Fact]
    public void An_AEAD_that_we_have_not_and_another_protocol_are_refused_as_ever()
    {
        Assert.Equal(KeOutcome.NoAead, Answer(TokenRecord + Fixed + Ntpv4 + "8004 0002 0001 " + End, out _));
        Assert.Equal(KeOutcome.NoProtocol, Answer(TokenRecord + Fixed + "8001 0002 8001 " + Siv + End, out _));
    }

    private static KeReply Reply(string request) => KeServer.Answer(Octets.Of(request), Offer, (_, _) => { }, _ => [0xAA, 0xBB, 0xCC, 0xDD]);

    private static KeOutcome Answer(string request, out string reply)
    {
        var answer = Reply(request);
        reply = Convert.ToHexString(answer.Message);
        return answer.Outcome;
    }
}
