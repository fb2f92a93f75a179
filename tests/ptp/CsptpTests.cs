namespace TimeSuite.Ptp.Tests;

/// <summary>IEEE 1588.1: three readings of its TLVs, a server without memory, and a client that joins what it gets with what it asked.</summary>
public sealed class CsptpTests
{
    private const int Down = 0, Up = 1;

    private static readonly byte[] s_status =
        [127, 37, 0xFE, 0x12, 0x34, 201, 0x02, 0x02, 0x00, 0x25, 1, 2, 3, 4, 5, 6, 7, 8];

    private readonly SimulatedNetwork _network = new();

    [Theory]
    [InlineData("ff000004 01000000", true, false)] // bit 0 of the first octet
    [InlineData("ff000004 00000001", true, false)] // bit 0 of a number of 32 bits
    [InlineData("ff000004 02000000", false, true)]
    [InlineData("ff000004 00000000", false, false)]
    [InlineData("80080002 0000 ff000006 030000000000", true, true)] // behind a pad, with more than is known
    public void A_request_is_read_in_each_form(string tlvs, bool status, bool alternate)
    {
        byte[] message = Message(tlvs);

        Assert.True(PtpHeader.TryParse(message, out var header));
        Assert.True(CsptpRequest.TryFind(message, header, out var request));
        Assert.Equal(new(status, alternate), request);
    }

    [Theory]
    [InlineData("ff010012 000004000300000400030102030405060708")] // without organization: 18 octets
    [InlineData("ff010018 010203040506 000004000300000400030102030405060708")] // with one: 24
    [InlineData("ff010014 000004000300000400030102030405060708 0000")] // with more than is known
    public void A_response_is_read_in_each_form(string tlvs)
    {
        byte[] message = Message(tlvs);

        Assert.True(PtpHeader.TryParse(message, out var header));
        Assert.True(CsptpResponse.TryFind(message, header, out var response));
        Assert.Equal(Duration.FromSeconds(0x0400_0300L) + Duration.FromNanoseconds(0x0004_0003), response.Received.SinceEpoch);
        Assert.Equal(0x0102_0304_0506_0708, response.Correction.Scaled);
    }

    [Theory]
    [InlineData("f002", "", "")] // 18 octets
    [InlineData("f002", "010203040506", "")] // with an organization
    [InlineData("f002", "010203040506", "00010004c0000201")] // and the address of its parent, IPv4
    [InlineData("f002", "010203040506", "0002001020010db8000000000000000000000001")] // or IPv6
    [InlineData("ff02", "", "00010004c0000201")] // without an organization, under another number
    [InlineData("ff02", "", "00030006aabbccddeeff")] // Ethernet
    [InlineData("ff02", "", "00010003c0000200")] // an odd address, and what makes it even
    public void A_status_is_read_in_each_form(string type, string organization, string address)
    {
        string value = organization + Convert.ToHexString(s_status) + address;
        byte[] message = Message($"{type}{value.Length / 2:x4}{value}");

        Assert.True(PtpHeader.TryParse(message, out var header));
        Assert.True(CsptpStatus.TryFind(message, header, out var status));
        Assert.Equal(new(127, new(37, ClockAccuracy.Unknown, 0x1234), 201, 0x0202, 37, new(0x0102_0304_0506_0708)), status);
    }

    [Theory]
    [InlineData("ff010010 00000400030000040003010203040506")] // too short
    [InlineData("ff010012 000004000300 3b9aca00 0102030405060708")] // a second of nanoseconds
    [InlineData("f0020010 7f25fe1234c9020200250102030405")]
    [InlineData("f0020020 7f25fe1234c90202002501020304050607080001ffff0000000000000000")] // an address that runs over the end
    [InlineData("ff000002 0100")]
    public void What_has_none_of_the_forms_is_none(string tlvs)
    {
        byte[] message = Message(tlvs);

        if (!PtpHeader.TryParse(message, out var header) || !Tlvs.AreWellFormed(message, header))
        {
            return; // dropped before anybody looks
        }

        Assert.False(CsptpRequest.TryFind(message, header, out _) | CsptpResponse.TryFind(message, header, out _) | CsptpStatus.TryFind(message, header, out _));
    }

    [Fact]
    public void What_is_written_is_the_shortest_form_and_is_read_again()
    {
        byte[] buffer = new byte[CsptpRequest.Size + CsptpResponse.Size + CsptpStatus.Size];
        new CsptpRequest(true, true).Write(buffer);
        new CsptpResponse(new(Duration.FromSeconds(5L)), new(0x10000)).Write(buffer.AsSpan(CsptpRequest.Size));
        new CsptpStatus(1, new(6, ClockAccuracy.Within100Ns, 0x4E5D), 2, 3, 37, new(0x0102_0304_0506_0708)).Write(buffer.AsSpan(CsptpRequest.Size + CsptpResponse.Size));

        Assert.Equal(
            "ff00000403000000" + "ff0100120000000000050000000000000000" + "00010000" + "f002001201" + "06214e5d" + "02" + "0003" + "0025" + "0102030405060708",
            Convert.ToHexStringLower(buffer));
    }

    [Fact]
    public void A_client_measures_offset_and_delay_to_the_last_bit_and_learns_where_the_time_comes_from()
    {
        var (server, client) = Pair();
        client.Offset = Duration.FromSeconds(0.25);
        _network.RunUntil(5.5, server, client);

        Assert.Equal(6, client.Syncs.Count);
        Assert.Equal(6, client.Delays.Count);
        var (offset, delay) = client.Measured();
        Assert.Equal(0.25, offset.Seconds, 9);
        Assert.Equal(100e-6, delay.Seconds, 9);
        var parent = client.Instance.Parent;
        Assert.Equal((new ClockIdentity(1), (byte)248), (parent.Grandmaster, parent.Quality.Class));
        Assert.Equal(Duration.FromSeconds(37L), client.Instance.Time.TaiMinusUtc);
        Assert.Equal(1, client.Instance.StepsRemoved);
        var (candidate, last, _) = Assert.Single(client.Port.Masters(_network.Boot));
        Assert.Equal((new ClockIdentity(1), parent.Port), (candidate.Grandmaster, candidate.Sender));
        Assert.InRange((_network.Boot - last).Seconds, 0, 1);
    }

    [Fact]
    public void The_server_never_sends_more_than_it_was_asked_with_whatever_the_length()
    {
        var (server, client) = Pair();
        for (int length = TimestampBody.Size + CsptpRequest.Size + Tlvs.Head; length <= 400; length += 2)
        {
            byte[] request = Request((ushort)length);
            server.Messages.Clear();
            server.Port.Received(request, server.Stamp(_network.Now), default, _network.Boot);
            _network.RunUntil(length * 1e-3, server);

            int sent = server.Messages.Sum(message => message.Length) + (server.Messages.Count == 2 ? CsptpServer.HeadersOfSecond : 0);
            Assert.True(sent <= length, $"{length} asked, {sent} sent");
            Assert.Equal(length < CsptpServer.Shortest ? 0 : length < CsptpServer.Shortest + TimestampBody.Size + CsptpServer.HeadersOfSecond ? 1 : 2, server.Messages.Count);
        }
    }

    [Fact]
    public void A_short_request_is_answered_in_one_step_and_padded_to_its_own_length()
    {
        var (server, _) = Pair();
        server.Port.Received(Request(92), server.Stamp(_network.Now), default, _network.Boot);

        byte[] reply = Assert.Single(server.Messages);
        Assert.True(PtpHeader.TryParse(reply, out var header) && Tlvs.AreWellFormed(reply, header));
        Assert.True(TimestampBody.TryParse(reply, out var sent));
        Assert.Equal((92, false), (reply.Length, header.Is(PtpFlags.TwoStep)));
        Assert.Equal(SimulatedNetwork.Epoch, sent.SinceEpoch);
    }

    [Fact]
    public void A_server_whose_time_is_not_known_is_silent()
    {
        var (server, client) = Pair();
        server.KnowsTime = false;
        _network.RunUntil(3, server, client);

        Assert.Empty(server.Messages);
        Assert.Empty(client.Syncs);
    }

    [Fact]
    public void A_request_that_is_no_unicast_is_not_answered()
    {
        var (server, _) = Pair();
        byte[] request = Request(200);
        request[6] = 0;
        server.Port.Received(request, server.Stamp(_network.Now), default, _network.Boot);

        Assert.Empty(server.Messages);
    }

    [Theory]
    [InlineData(Down)]
    [InlineData(Up)]
    public void Corrections_of_transparent_clocks_on_the_way_are_taken_out(int way)
    {
        var (server, client) = Pair();
        var late = Duration.FromSeconds(0.003);
        var slowed = way == Down ? server : client;
        slowed.Late = message => message[0] == 0x30 ? late : Duration.Zero;
        slowed.OnWire = message =>
        {
            if (message[0] == 0x30)
            {
                PtpHeader.WriteCorrection(message, TimeInterval.FromDuration(late));
            }
        };
        _network.RunUntil(5, server, client);

        var (offset, delay) = client.Measured();
        Assert.Equal(0, offset.Seconds, 9);
        Assert.Equal(100e-6, delay.Seconds, 9);
    }

    [Fact]
    public void An_answer_counts_once_and_one_to_nothing_not_at_all()
    {
        var (server, client) = Pair();
        server.Join(client, 150e-6, 150e-6); // each answer comes twice, and each request
        _network.RunUntil(5.5, server, client);

        Assert.Equal(6, client.Syncs.Count);
        Assert.True(client.Port.Counters.Dropped(Drop.Unmatched) >= 6);
    }

    [Fact]
    public void An_answer_from_elsewhere_is_not_taken()
    {
        var (server, client) = Pair(servers: [new(PtpAddressKind.IPv4, 7)]);
        _network.RunUntil(3, server, client); // what comes is of no address

        Assert.Empty(client.Syncs);
        Assert.True(client.Port.Counters.Dropped(Drop.NotOurMaster) > 0);
    }

    [Fact]
    public void When_the_server_is_silent_the_next_one_is_asked_and_the_old_one_is_not_followed_any_more()
    {
        var (server, client) = Pair(servers: [default, new(PtpAddressKind.IPv4, 7)]);
        _network.RunUntil(3, server, client);
        Assert.False(client.Instance.IsGrandmaster);

        server.Passes = _ => false;
        _network.RunUntil(8, server, client);

        Assert.True(client.Instance.IsGrandmaster);
        Assert.Empty(client.Port.Masters(_network.Boot));
        Assert.Contains(new PtpAddress(PtpAddressKind.IPv4, 7), client.SentTo);
    }

    [Fact]
    public void A_server_that_was_slow_for_longer_than_a_second_or_that_answers_before_it_was_asked_gives_no_sample()
    {
        var (server, client) = Pair();
        server.OnWire = message =>
        {
            if (message[0] == 0x38) // the Follow_Up says that it was sent a minute before the request came
            {
                message[37] -= 60;
            }
        };
        _network.RunUntil(3, server, client);

        Assert.Empty(client.Syncs);
        Assert.True(client.Port.Counters.Dropped(Drop.Implausible) > 0);
    }

    private static byte[] Request(ushort length)
    {
        byte[] request = new byte[length];
        new PtpHeader { Type = MessageType.Sync, SdoId = CsptpTlv.SdoId, MinorVersion = 1, Domain = 128, Length = length, Flags = PtpFlags.Unicast, Sequence = length, LogInterval = 0x7F }.Write(request);
        const int bare = TimestampBody.Size + CsptpRequest.Size;
        if (length >= bare)
        {
            new CsptpRequest(true, false).Write(request.AsSpan(TimestampBody.Size));
        }

        if (length > bare)
        {
            Tlvs.Begin(request.AsSpan(bare), TlvType.Pad, length - bare - Tlvs.Head);
        }

        return request;
    }

    private static byte[] Message(string tlvs)
    {
        byte[] rest = Convert.FromHexString(tlvs.Replace(" ", "", StringComparison.Ordinal));
        byte[] message = new byte[TimestampBody.Size + rest.Length];
        new PtpHeader { Type = MessageType.Sync, SdoId = CsptpTlv.SdoId, MinorVersion = 1, Domain = 128, Length = (ushort)message.Length, Flags = PtpFlags.Unicast }.Write(message);
        rest.CopyTo(message, TimestampBody.Size);
        return message;
    }

    private (SimulatedPort Server, SimulatedPort Client) Pair(IReadOnlyList<PtpAddress>? servers = null)
    {
        var server = New(1, new() { Mode = PortMode.CsptpServer, Role = PortRole.Master, DelayMechanism = DelayMechanism.None });
        var client = New(2, new() { Mode = PortMode.CsptpClient, Role = PortRole.Slave, DelayMechanism = DelayMechanism.None, UnicastMasters = servers ?? [default] });
        server.Join(client, 100e-6, 100e-6);
        server.Instance.OwnTime = new(37, PtpFlags.PtpTimescale | PtpFlags.UtcOffsetValid, TimeSource.Ntp);
        server.Instance.Decide(_network.Boot);
        server.Port.Start(_network.Boot);
        client.Port.Start(_network.Boot);
        return (server, client);
    }

    private SimulatedPort New(ulong clock, PortSettings settings)
    {
        var port = new SimulatedPort(_network);
        port.Instance = new PtpInstance(new() { Identity = new(clock), Domain = 128, SdoId = CsptpTlv.SdoId }, ComparisonRule.Ieee1588, () => 0.5);
        port.Port = port.Instance.AddPort(settings, port, port);
        return port;
    }
}
