using CsCheck;

namespace TimeSuite.Ntp.Tests;

/// <summary>Threats, rows 1 to 3, 8, 9 and 32 to 35, of the server's whole step.</summary>
public sealed class StepThreatTests
{
    private readonly RequestService _service = new(new Responder(new TransmitMemory(12)), new ClientTable(6, 77)) { Policy = new() { Keys = new([A.Key(1, MacAlgorithm.Aes128)]) } };
    private readonly byte[] _reply = new byte[4096];

    public StepThreatTests() => _service.BeginBatch(A.State, At.Raw(0));

    /// <summary>Row 3 and 10: whatever the version and the length.</summary>
    [Fact]
    public void Every_mode_but_a_requests_gets_silence_under_its_name()
    {
        for (int first = 0; first < 256; first++)
        {
            for (int length = 48; length <= 68; length += 20)
            {
                byte[] datagram = new byte[length];
                datagram[0] = (byte)first;
                var verdict = _service.Verdict(datagram, _reply, out var response);
                switch ((NtpMode)(first & 7))
                {
                    case NtpMode.Client or NtpMode.SymmetricActive:
                    case NtpMode.Reserved when (first >> 3 & 7) == 1:
                        Assert.NotEqual(RequestVerdict.NotARequest, verdict);
                        break;
                    case NtpMode.Control or NtpMode.Private:
                        Assert.Equal((RequestVerdict.ControlOrPrivate, 0), (verdict, response.Length));
                        break;
                    default:
                        Assert.Equal((RequestVerdict.NotARequest, 0), (verdict, response.Length));
                        break;
                }
            }
        }
    }

    [Fact]
    public void A_peer_that_is_refused_is_told_so_by_a_passive_one()
    {
        _service.Policy = new() { Access = new([], AccessAction.Deny) };
        _service.BeginBatch(A.State, At.Raw(0));

        Assert.Equal(RequestVerdict.KissedDeny, _service.Verdict(Client.Octets(new() { Version = 4, Mode = NtpMode.SymmetricActive }), _reply, out _));

        Assert.True(NtpHeader.TryParse(_reply, out var reply));
        Assert.Equal((NtpMode.SymmetricPassive, (byte)0), (reply.Mode, reply.Stratum));
    }

    [Fact]
    public void Our_own_reply_sent_back_gets_silence()
    {
        Assert.True(_service.TryRespond(A.Request(), default, At.Ntp(1), _reply, out var response));
        _service.Depart(response, _reply, At.Ntp(1));

        Assert.Equal(RequestVerdict.NotARequest, _service.Verdict(_reply.AsSpan(0, response.Length), new byte[48], out _));
    }

    /// <summary>Row 2: length zero, three, beyond the end, nested, twice, and what could be a MAC or a field.</summary>
    [Theory]
    [InlineData("", RequestVerdict.Answered)]
    [InlineData("01040020", RequestVerdict.Malformed)] // a field that ends beyond the datagram
    [InlineData("0104", RequestVerdict.Malformed)]
    [InlineData("01", RequestVerdict.Malformed)]
    [InlineData("01040000 00000000 00000000 00000000 00000000 00000000 00000000", RequestVerdict.Malformed)] // length zero
    [InlineData("01040003 00000000 00000000 00000000 00000000 00000000 00000000", RequestVerdict.Malformed)]
    [InlineData("0104000F 00000000 00000000 00000000 00000000 00000000 00000000", RequestVerdict.Malformed)]
    [InlineData("0104001E 00000000 00000000 00000000 00000000 00000000 00000000 0000", RequestVerdict.Malformed)] // not a multiple of four
    [InlineData("0104FFFC 00000000 00000000 00000000 00000000 00000000 00000000", RequestVerdict.Malformed)]
    [InlineData("0104001C 00000000 00000000 00000000 00000000 00000000 00000000", RequestVerdict.Answered)] // the shortest last field
    [InlineData("0104001C 01040010 00000000 00000000 00000000 00000000 00000000", RequestVerdict.Answered)] // one in another
    [InlineData("01040010 00000000 00000000 00000000 00000000 00000000 00000000", RequestVerdict.Malformed)] // 12 octets behind a field
    [InlineData("0104001C 00000000 00000000 00000000 00000000 00000000 00000000 0104001C 00000000 00000000 00000000 00000000 00000000 00000000", RequestVerdict.Answered)]
    [InlineData("00000009 00000000 00000000 00000000 00000000", RequestVerdict.UnknownKey)] // 20 octets are a MAC, whatever they look like
    [InlineData("01040014 00000000 00000000 00000000 00000000", RequestVerdict.UnknownKey)]
    [InlineData("00000001 00000000 00000000 00000000 00000000 00000000", RequestVerdict.WrongMacLength)]
    [InlineData("0104001C 00000000 00000000 00000000 00000000 00000000 00000000 00000000", RequestVerdict.CryptoNak)]
    public void What_stands_behind_the_header_is_told_apart_by_its_length(string hex, RequestVerdict expected)
    {
        byte[] datagram = [.. A.Request(), .. Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))];

        Assert.Equal(expected, _service.Verdict(datagram, _reply, out var response));
        Assert.True(response.Length <= datagram.Length);
    }

    /// <summary>Row 32: all verdicts, all sizes.</summary>
    [Fact]
    public void No_reply_is_longer_than_its_request()
    {
        var tail = Gen.OneOf(
            Gen.Byte.Array[0, 100],
            Gen.Select(Gen.Int[0, 60], Gen.UShort).Select((words, type) => A.Field(type, 4 * words)));
        Gen.Select(Gen.Int[1, 4], tail, tail, Gen.Bool).Sample(
            (version, one, two, isSigned) =>
            {
                byte[] message = [.. A.Request(version), .. one, .. two];
                byte[] datagram = isSigned ? A.Signed(message, A.Key(1, MacAlgorithm.Aes128), version) : message;
                _service.Verdict(datagram, _reply, out var response);
                return response.Length <= datagram.Length;
            },
            threads: 1, iter: 20_000);
    }

    [Fact]
    public void Whatever_is_answered_counts_as_a_reply_and_all_else_as_dropped()
    {
        var counters = new ServerCounters();
        foreach (var verdict in Enum.GetValues<RequestVerdict>())
        {
            counters.Count(verdict);
        }

        ulong replies = (ulong)Enum.GetValues<RequestVerdict>().Count(verdict => verdict.IsReply());
        Assert.Equal((4UL, replies), (replies, counters.Replies));
        Assert.Equal((ulong)Enum.GetValues<RequestVerdict>().Length - replies, counters.Dropped);
    }

    /// <summary>Rows 33 and 35: a flood of anything fills counters, nothing else.</summary>
    [Fact]
    public void Each_datagram_is_counted_once_and_malformed_ones_take_no_place_among_the_clients()
    {
        byte[] malformed = [.. A.Request(), 1];
        for (uint i = 0; i < 1_000; i++)
        {
            Assert.Equal(RequestVerdict.Malformed, _service.Verdict(malformed, _reply, out _, ClientAddress.FromIpv4(i)));
        }

        Assert.Equal((1_000UL, 0UL), (_service.Counters.Dropped, _service.Counters.Replies));
        Assert.Equal(0, _service.Clients!.CopyTo(new ClientRecord[64]));
    }

    /// <summary>Row 34: neither the port, which the step does not see, nor another address of a /64 gives a new allowance.</summary>
    [Fact]
    public void A_subnet_of_addresses_has_one_allowance()
    {
        _service.Policy = new() { Rate = new(At.Seconds(8), burst: 4, leak: 0, kod: 0) };
        _service.BeginBatch(A.State, At.Raw(0));

        int answered = Enumerable.Range(0, 1_000).Count(i => _service.TryRespond(A.Request(), new(0x2001_0DB8_0000_0000, (ulong)i * 0x1_0001), At.Ntp(1), _reply, out _));

        Assert.Equal(4, answered);
    }

    /// <summary>Row 8 and 9: a request that is sent again is a request; it changes nothing for the one whose it was.</summary>
    [Fact]
    public void A_replayed_request_does_not_take_the_memory_of_the_first()
    {
        byte[] first = Client.Octets(new() { Version = 4, Mode = NtpMode.Client, Origin = new(5), Receive = new(6), Transmit = new(7) });
        var one = Serve(first, at: 10);
        for (int i = 0; i < 10; i++)
        {
            Serve(first, at: 11 + i);
        }

        var next = Serve(Client.Octets(new() { Version = 4, Mode = NtpMode.Client, Origin = one.Receive, Receive = new(8), Transmit = new(9) }), at: 100);

        Assert.Equal((8UL, one.Transmit), (next.Origin.Bits, next.Transmit)); // interleaved: the departure of the first
    }

    private NtpHeader Serve(byte[] request, double at)
    {
        Assert.True(_service.TryRespond(request, default, At.Ntp(at), _reply, out var response));
        _service.Depart(response, _reply, At.Ntp(at));
        Assert.True(NtpHeader.TryParse(_reply, out var reply));
        return reply;
    }
}
