using System.Buffers.Binary;
using TimeSuite.Ntp;

namespace TimeSuite.Nts.Tests.Fields;

public sealed class NtsFieldsTests
{
    private static readonly NtsAead[] s_all = [NtsAead.AesSivCmac256, NtsAead.AesSivCmac384, NtsAead.AesSivCmac512, NtsAead.Aes128GcmSiv];

    public static TheoryData<NtsAead> Aeads => [.. s_all];

    [Theory]
    [MemberData(nameof(Aeads))]
    public void A_thousand_exchanges_use_a_thousand_cookies_and_eight_are_left(NtsAead aead)
    {
        var talk = new NtsConversation(aead);
        HashSet<string> cookies = [];
        for (int round = 0; round < 1_000; round++)
        {
            byte[] request = talk.Request();
            Assert.True(cookies.Add(Convert.ToHexString(request[88..120])), "a cookie was used twice");
            byte[]? reply = talk.Answer(request);

            Assert.NotNull(reply);
            Assert.Null(talk.Client.Examine(reply));
            Assert.Equal(8, talk.Client.Cookies);
            Assert.Equal(request.Length, reply.Length);
        }

        Assert.Equal(1_000UL, talk.Service.Counters.Nts);
    }

    [Fact]
    public void Lost_replies_are_made_up_for_by_placeholders_and_no_reply_is_longer_than_its_request()
    {
        var talk = new NtsConversation(NtsAead.AesSivCmac256);
        for (int lost = 0; lost < 5; lost++)
        {
            talk.Request();
        }

        byte[] request = talk.Request();
        Assert.Equal(2, talk.Client.Cookies);
        byte[] reply = talk.Answer(request)!;
        Assert.True(reply.Length <= request.Length);
        Assert.Null(talk.Client.Examine(reply));
        Assert.Equal(8, talk.Client.Cookies);
    }

    [Fact]
    public void When_all_cookies_are_used_up_there_is_no_request()
    {
        var talk = new NtsConversation(NtsAead.AesSivCmac256);
        for (int lost = 0; lost < 8; lost++)
        {
            Assert.True(talk.Client.IsReady);
            talk.Request();
        }

        Assert.False(talk.Client.IsReady);
    }

    [Theory]
    [MemberData(nameof(Aeads))]
    public void Any_changed_bit_of_a_reply_is_noticed_and_changes_nothing(NtsAead aead)
    {
        var talk = new NtsConversation(aead);
        byte[] reply = talk.Answer(talk.Request())!;
        for (int bit = 0; bit < reply.Length * 8; bit++)
        {
            reply[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.NotNull(talk.Client.Examine(reply));
            Assert.Equal(7, talk.Client.Cookies);
            reply[bit / 8] ^= (byte)(1 << bit % 8);
        }

        Assert.Null(talk.Client.Examine(reply));
        Assert.Equal(Refusal.NtsOtherId, talk.Client.Examine(reply)); // nor is it taken twice
    }

    [Theory]
    [MemberData(nameof(Aeads))]
    public void Any_changed_bit_of_a_request_gets_a_kiss_or_silence(NtsAead aead)
    {
        var talk = new NtsConversation(aead);
        byte[] request = talk.Request();
        for (int bit = 48 * 8; bit < request.Length * 8; bit++)
        {
            request[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.True(talk.Answer(request) is not { } reply || reply[1] == 0 || reply.Length == 48);
            request[bit / 8] ^= (byte)(1 << bit % 8);
        }

        Assert.Equal(0UL, talk.Service.Counters.Nts);
    }

    [Fact]
    public void A_request_with_a_forgotten_cookie_gets_a_NAK_with_its_unique_id_that_only_the_asker_believes()
    {
        var talk = new NtsConversation(NtsAead.AesSivCmac256);
        var stranger = new NtsConversation(NtsAead.AesSivCmac256);
        var known = talk.Nts.Keys;
        talk.Nts.Keys = new(new(2, talk.Some(32)), []);
        byte[] request = talk.Request();
        stranger.Request();

        byte[] nak = talk.Answer(request)!;
        Assert.Equal("NTSN"u8.ToArray(), nak[12..16]);
        Assert.Equal(84, nak.Length);
        nak[60] ^= 1;
        Assert.Equal(Refusal.NtsOtherId, talk.Client.Examine(nak));
        nak[60] ^= 1;
        Assert.Equal(Refusal.NtsNak, talk.Client.Examine(nak));
        Assert.Equal(7, talk.Client.Cookies); // who decides what follows from it is the association
        Assert.False(talk.Client.TryOtherKeys());
        talk.Nts.Keys = known;
        Assert.Null(talk.Client.Examine(talk.Answer(request)!)); // the real reply, behind a NAK that somebody else has sent
        Assert.Equal(8, talk.Client.Cookies);
    }

    [Fact]
    public void A_server_that_has_no_keys_yet_is_silent_and_the_clients_other_cookies_stay_good()
    {
        var talk = new NtsConversation(NtsAead.AesSivCmac256);
        var keys = talk.Nts.Keys;
        talk.Nts.Keys = CookieKeys.None;

        Assert.Null(talk.Answer(talk.Request()));
        Assert.Equal(1UL, talk.Service.Counters[RequestVerdict.NtsNoKeys]);

        talk.Nts.Keys = keys;
        Assert.Null(talk.Client.Examine(talk.Answer(talk.Request())!));
        Assert.Equal(8, talk.Client.Cookies);
    }

    [Fact]
    public void A_plain_reply_and_a_plain_kiss_are_refused()
    {
        var talk = new NtsConversation(NtsAead.AesSivCmac256);
        byte[] request = talk.Request();
        byte[] plain = talk.Answer(request)![..48];

        Assert.Equal(Refusal.NtsUnprotected, talk.Client.Examine(plain));
        plain[1] = 0;
        "RATE"u8.CopyTo(plain.AsSpan(12));
        Assert.Equal(Refusal.NtsUnprotected, talk.Client.Examine(plain));
        "NTSN"u8.CopyTo(plain.AsSpan(12)); // without the unique id anybody could say it
        Assert.Equal(Refusal.NtsUnprotected, talk.Client.Examine(plain));
    }

    [Fact]
    public void Cookies_of_the_last_keys_are_renewed_by_the_present_one()
    {
        var talk = new NtsConversation(NtsAead.AesSivCmac256);
        talk.Nts.Keys = new(new(2, talk.Some(32)), [.. talk.ServerKeys.All]);
        for (int round = 0; round < 8; round++)
        {
            Assert.Null(talk.Client.Examine(talk.Answer(talk.Request())!));
        }

        talk.Nts.Keys = new(talk.Nts.Keys.Sealing, []);
        Assert.Null(talk.Client.Examine(talk.Answer(talk.Request())!));
    }

    [Theory]
    [InlineData(0x0204)]
    [InlineData(0x0304)]
    [InlineData(0x0404)]
    public void A_field_of_NTS_alone_makes_no_request_and_gets_silence(int type)
    {
        var talk = new NtsConversation(NtsAead.AesSivCmac256);
        byte[] request = new byte[48 + 40];
        new NtpHeader { Version = 4, Mode = NtpMode.Client, Transmit = new(1) }.Write(request);
        BinaryPrimitives.WriteUInt32BigEndian(request.AsSpan(48), (uint)type << 16 | 40);

        Assert.Null(talk.Answer(request));
    }

    [Fact]
    public void An_unknown_field_or_a_unique_id_alone_is_a_plain_request()
    {
        var talk = new NtsConversation(NtsAead.AesSivCmac256);
        byte[] request = new byte[48 + 40];
        new NtpHeader { Version = 4, Mode = NtpMode.Client, Transmit = new(1) }.Write(request);
        foreach (uint type in new uint[] { 0x0104, 0xF323 })
        {
            BinaryPrimitives.WriteUInt32BigEndian(request.AsSpan(48), type << 16 | 40);
            Assert.Equal(48, talk.Answer(request)!.Length);
        }
    }

    [Fact]
    public void Hundreds_of_placeholders_get_eight_cookies_at_most()
    {
        var talk = new NtsConversation(NtsAead.AesSivCmac256, cookies: 1);
        byte[] small = talk.Request(); // one cookie, seven placeholders
        Assert.Equal(8 * 108 + 48 + 36 + 40, small.Length);
        Assert.Equal(small.Length, talk.Answer(small)!.Length);
    }

    [Fact]
    public void Nothing_is_allocated_per_request()
    {
        foreach (var aead in s_all)
        {
            var talk = new NtsConversation(aead);
            byte[] request = talk.Request(), reply = new byte[2_048];
            talk.Service.BeginBatch(NtsConversation.State, default);
            Once();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int round = 0; round < 100; round++)
            {
                Once();
            }

            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

            void Once()
            {
                talk.Service.TryRespond(request, new(0, 1), new(99), reply, out var response);
                talk.Service.Depart(response, reply, new(100));
            }
        }
    }

    [Fact]
    public void Mutated_requests_and_replies_throw_nothing_and_get_no_longer_reply()
    {
        var chance = new Random(20);
        foreach (var aead in s_all)
        {
            var talk = new NtsConversation(aead);
            byte[] request = talk.Request(), reply = talk.Answer(request)!;
            for (int round = 0; round < 20_000; round++)
            {
                byte[] mutated = Mutate(request);
                Assert.True(talk.Answer(mutated) is not { } answer || answer.Length <= mutated.Length);
                talk.Client.Examine(Mutate(reply));
            }
        }

        byte[] Mutate(byte[] octets)
        {
            byte[] mutated = octets[..chance.Next(48, octets.Length + 1)];
            for (int change = chance.Next(1, 4); change > 0; change--)
            {
                mutated[chance.Next(48) < 24 || mutated.Length == 48 ? chance.Next(mutated.Length) : 48 + chance.Next(Math.Min(60, mutated.Length - 48))] = (byte)chance.Next(256);
            }

            mutated[0] = 0x23;
            return mutated;
        }
    }
}
