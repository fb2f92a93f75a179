namespace TimeSuite.Ntp.Tests;

public sealed class RateLimitTests
{
    private static readonly ClientAddress s_client = ClientAddress.FromIpv4(0xC000_0201);
    private static readonly ClientAddress s_neighbour = ClientAddress.FromIpv4(0xC000_0202);
    private static readonly byte[] s_request = Client.Octets(new() { Version = 4, Mode = NtpMode.Client, Poll = 6, Transmit = new(77) });

    private readonly byte[] _reply = new byte[NtpHeader.Size];
    private readonly RequestService _service = new(new Responder(null), new ClientTable(8, (UInt128)0x9E37_79B9_7F4A_7C15 << 64 | 0xD1B5_4A32_D192_ED03));
    private Response _response;

    [Fact]
    public void A_burst_passes_and_then_one_each_interval()
    {
        Limit(new(At.Seconds(8), burst: 3, leak: 0, kod: 0));

        Assert.Equal("AAA--", Ask(0, 0, 0, 0, 7.9));
        Assert.Equal("A--A-", Ask(8, 8, 15, 16, 16));
    }

    [Fact]
    public void Nobody_saves_up_more_than_a_burst()
    {
        Limit(new(At.Seconds(8), burst: 2, leak: 0, kod: 0));

        Ask(0);

        Assert.Equal("AA-", Ask(1e6, 1e6, 1e6));
    }

    [Theory]
    [InlineData(1.0 / 524288)]
    [InlineData(4096)]
    public void The_shortest_and_the_longest_interval_hold(double interval)
    {
        Limit(new(At.Seconds(interval), burst: 255, leak: 0, kod: 0));

        Assert.Equal(new string('A', 255) + "-", Ask([.. Enumerable.Repeat(5.0, 256)]));
        Assert.Equal("-A-", Ask(5 + (0.9 * interval), 5 + (1.01 * interval), 5 + (1.01 * interval)));
    }

    [Fact]
    public void One_clients_haste_is_not_anothers()
    {
        Limit(new(At.Seconds(8), burst: 1, leak: 0, kod: 0));
        Ask(0, 0, 0);

        Assert.Equal(RequestVerdict.Answered, Ask(s_neighbour, 0));
    }

    [Fact]
    public void All_addresses_of_an_ipv6_subnet_are_one_client_and_the_next_subnet_is_another()
    {
        Limit(new(At.Seconds(8), burst: 1, leak: 0, kod: 0));

        Assert.Equal(RequestVerdict.Answered, Ask(new ClientAddress(0x2001_0DB8_0000_0001, 1), 0));
        Assert.Equal(RequestVerdict.RateLimited, Ask(new ClientAddress(0x2001_0DB8_0000_0001, ulong.MaxValue), 0));
        Assert.Equal(RequestVerdict.Answered, Ask(new ClientAddress(0x2001_0DB8_0000_0002, 1), 0));
    }

    [Fact]
    public void What_makes_one_client_can_be_chosen()
    {
        _service.Policy = new() { Rate = new(At.Seconds(8), 1, 0, 0), Ipv4Bits = 24, Ipv6Bits = 48 };

        Assert.Equal(RequestVerdict.Answered, Ask(s_client, 0));
        Assert.Equal(RequestVerdict.RateLimited, Ask(s_neighbour, 0));
        Assert.Equal(RequestVerdict.Answered, Ask(new ClientAddress(0x2001_0DB8_0000_0001, 1), 0));
        Assert.Equal(RequestVerdict.RateLimited, Ask(new ClientAddress(0x2001_0DB8_0000_0002, 1), 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Of_those_beyond_the_limit_one_in_two_to_the_leak_is_answered(int leak)
    {
        Limit(new(At.Seconds(4096), burst: 1, leak, kod: 0));
        Ask(0);

        int answered = Ask([.. Enumerable.Repeat(1.0, 16_000)]).Count(c => c == 'A');

        Assert.InRange(answered, 0.9 * 16_000 / (1 << leak), 1.1 * 16_000 / (1 << leak));
        Assert.Equal((ulong)answered, _service.Counters.Leaked);
    }

    [Fact]
    public void A_kiss_names_the_request_the_reason_and_the_interval_that_would_do()
    {
        Limit(new(At.Seconds(100), burst: 1, leak: 0, kod: 1));

        string fates = Ask([.. Enumerable.Repeat(0.0, 1_001)]);

        Assert.InRange(fates.Count(c => c == 'K'), 400, 600);
        Assert.Equal(0, fates[1..].Count(c => c == 'A'));
        while (Ask(s_client, 0) != RequestVerdict.KissedRate)
        {
        }

        _service.Depart(_response, _reply, At.Ntp(9));
        Assert.True(NtpHeader.TryParse(_reply, out var kiss));
        Assert.Equal((KissCode.Rate, 77UL, (sbyte)7, NtpMode.Server), (kiss.Kiss!.Value, kiss.Origin.Bits, kiss.Poll, kiss.Mode));
        Assert.Equal((LeapIndicator.Unsynchronized, At.Ntp(9)), (kiss.Leap, kiss.Transmit));
    }

    [Fact]
    public void Who_is_denied_with_a_kiss_gets_one_each_interval_and_no_more()
    {
        _service.Policy = new() { Access = new([], AccessAction.Deny) };

        Assert.Equal("D--D", Ask(0, 0, 7, 8.1));
        Assert.Equal((1UL + 1, 2UL), (_service.Counters[RequestVerdict.KissedDeny], _service.Counters[RequestVerdict.Denied]));
    }

    [Fact]
    public void Who_is_ignored_is_not_remembered()
    {
        _service.Policy = new() { Access = new([], AccessAction.Ignore) };

        Assert.Equal("-", Ask(0));
        Assert.Equal(0, _service.Clients!.CopyTo(new ClientRecord[16]));
    }

    [Fact]
    public void The_log_of_clients_tells_who_asked_how_often()
    {
        Limit(new(At.Seconds(8), burst: 2, leak: 0, kod: 0));
        Ask(100, 101, 102, 103);
        Ask(s_neighbour, 50);

        var log = new ClientRecord[16];
        Assert.Equal(2, _service.Clients!.CopyTo(log));
        Assert.Contains(new ClientRecord(s_client, 4, 2, At.Raw(103), At.Seconds(1), 4, false), log);
        Assert.Contains(new ClientRecord(s_neighbour, 1, 0, At.Raw(50), Duration.Zero, 4, false), log);
    }

    [Fact]
    public void A_million_addresses_neither_grow_the_table_nor_make_garbage()
    {
        Limit(new(At.Seconds(8), burst: 8, leak: 2, kod: 2));
        Ask(s_client, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (uint i = 0; i < 1_000_000; i++)
        {
            _service.TryRespond(s_request, ClientAddress.FromIpv4(i), At.Ntp(0), _reply, out _);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(256, _service.Clients!.CopyTo(new ClientRecord[1024]));
        Assert.Equal(1_000_001UL - 256, _service.Clients.Displaced);
    }

    /// <summary>Threat 33: whoever does not know the seed cannot aim at one place of the table.</summary>
    [Fact]
    public void Addresses_that_meet_under_one_seed_are_spread_under_another()
    {
        var known = new ClientTable(8, seed: (UInt128)0x1234_5678_9ABC_DEF1 << 64 | 0xFEDC_BA98_7654_3211);
        var other = new ClientTable(8, seed: (UInt128)0x0F1E_2D3C_4B5A_6978 << 64 | 0x8796_A5B4_C3D2_E1F1);
        ClientAddress[] meeting = [.. Enumerable.Range(0, 1 << 20).Select(i => ClientAddress.FromIpv4((uint)i << 12)).Where(i => known.SetOf(i) == 0).Take(200)];

        Assert.Equal(200, meeting.Length);
        Assert.InRange(meeting.Select(i => other.SetOf(i)).Distinct().Count(), 50, 64);
    }

    [Theory]
    [InlineData(0, 8, 2, 0)]
    [InlineData(4097, 8, 2, 0)]
    [InlineData(8, 0, 2, 0)]
    [InlineData(8, 256, 2, 0)]
    [InlineData(8, 8, 5, 0)]
    [InlineData(8, 8, -1, 0)]
    [InlineData(8, 8, 2, 5)]
    public void Limits_beyond_chronys_ranges_are_refused(double interval, int burst, int leak, int kod) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimit(At.Seconds(interval), burst, leak, kod));

    private void Limit(RateLimit limit) => _service.Policy = new() { Rate = limit };

    private string Ask(params double[] times) => string.Concat(times.Select(time => Ask(s_client, time) switch
    {
        RequestVerdict.Answered => 'A',
        RequestVerdict.KissedRate => 'K',
        RequestVerdict.KissedDeny => 'D',
        _ => '-',
    }));

    private RequestVerdict Ask(ClientAddress client, double at)
    {
        var before = Enum.GetValues<RequestVerdict>().ToDictionary(verdict => verdict, verdict => _service.Counters[verdict]);
        _service.BeginBatch(ServerState.Unsynchronized(-20), At.Raw(at));
        _service.TryRespond(s_request, client, At.Ntp(at), _reply, out _response);
        return before.Single(count => _service.Counters[count.Key] != count.Value).Key;
    }
}
