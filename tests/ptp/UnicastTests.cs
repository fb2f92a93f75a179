namespace TimeSuite.Ptp.Tests;

public sealed class UnicastTests
{
    private static readonly PortSettings s_serving = new() { Multicast = false, UnicastLimits = new() };

    private readonly SimulatedNetwork _network = new();
    private readonly Random _random = new(1);

    [Fact]
    public void A_client_gets_what_it_asks_for_from_its_master_alone_and_measures_with_it()
    {
        var master = NewPort(0x1000, 1, s_serving);
        var client = NewClient(0x2000, 9, 60, 1);
        client.Offset = Duration.FromSeconds(0.25);
        master.Join(client, 100e-6, 100e-6);
        _network.RunUntil(40, master, client);

        Assert.Equal(PortState.Uncalibrated, client.Port.State);
        var (offset, delay) = client.Measured();
        Assert.Equal(0.25, offset.Seconds, 9);
        Assert.Equal(100e-6, delay.Seconds, 9);
        Assert.Equal(3, master.Port.UnicastGrants);
        Assert.All([.. master.Messages, .. client.Messages], message => Assert.True(Header(message).Is(PtpFlags.Unicast)));
    }

    [Fact]
    public void Grants_are_renewed_before_they_end_even_if_every_second_answer_gets_lost()
    {
        var master = NewPort(0x1000, 1, s_serving);
        var client = NewClient(0x2000, 9, 20, 1);
        int answers = 0;
        master.Passes = message => Header(message).Type != MessageType.Signaling || ++answers % 2 == 0;
        master.Join(client, 100e-6, 100e-6);
        _network.RunUntil(40, master, client);
        int before = client.Syncs.Count;
        _network.RunUntil(640, master, client);

        Assert.InRange(client.Syncs.Count - before, 598, 602); // one a second, without a hole
        Assert.Equal(1, client.States.Count(state => state == PortState.Uncalibrated));
    }

    [Fact]
    public void A_master_that_grants_a_response_every_17_min_is_asked_every_128_s_all_the_same()
    {
        var master = NewPort(0x1000, 1, s_serving);
        var client = NewClient(0x2000, 9, 60, 1);
        master.OnWire = message =>
        {
            const int logInterval = SignalingBody.Size + 5;
            if (Header(message).Type == MessageType.Signaling && message[logInterval - 1] == (int)MessageType.DelayResp << 4)
            {
                message[logInterval] = 10;
            }
        };
        master.Join(client, 100e-6, 100e-6);
        _network.RunUntil(20, master, client);

        Assert.Equal((PortState.Uncalibrated, (sbyte)7), (client.Port.State, client.Port.LogDelayReqInterval));
    }

    [Fact]
    public void The_best_of_several_masters_is_followed_and_the_next_when_that_dies()
    {
        var (first, second, client) = TwoMasters();
        _network.RunUntil(40, first, second, client);
        Assert.Equal(first.Port.Identity, client.Port.Followed);
        Assert.DoesNotContain(second.Messages, message => Header(message).Type == MessageType.Sync);

        first.Passes = _ => false;
        _network.RunUntil(52, first, second, client); // three Announce intervals of 2 s, and what is asked for then
        Assert.Equal(second.Port.Identity, client.Port.Followed);
        int syncs = client.Syncs.Count;
        _network.RunUntil(62, first, second, client);
        Assert.InRange(client.Syncs.Count - syncs, 9, 11);

        first.Passes = _ => true;
        _network.RunUntil(120, first, second, client);
        Assert.Equal(first.Port.Identity, client.Port.Followed); // it is back, and the better one
    }

    [Fact]
    public void What_is_not_needed_any_more_is_cancelled()
    {
        var (first, second, client) = TwoMasters();
        first.Passes = _ => false;
        _network.RunUntil(60, first, second, client);
        Assert.Equal(second.Port.Identity, client.Port.Followed);
        first.Passes = _ => true;
        _network.RunUntil(120, first, second, client);
        int before = second.Messages.Count(message => Header(message).Type == MessageType.Sync);
        _network.RunUntil(130, first, second, client);

        Assert.Equal(first.Port.Identity, client.Port.Followed);
        Assert.Equal(before, second.Messages.Count(message => Header(message).Type == MessageType.Sync));
        Assert.Equal(1, second.Port.UnicastGrants); // Announce
        Assert.Contains(second.Messages, message => Header(message).Type == MessageType.Signaling && message[SignalingBody.Size + 1] == (byte)TlvType.AcknowledgeCancelUnicastTransmission);
    }

    [Fact]
    public void A_master_that_was_started_anew_hears_of_its_client_again()
    {
        var master = NewPort(0x1000, 1, s_serving);
        var client = NewClient(0x2000, 9, 1000, 1);
        master.Join(client, 100e-6, 100e-6);
        _network.RunUntil(40, master, client);
        master.Port.Start(_network.Boot);
        _network.RunUntil(80, master, client);
        int before = client.Syncs.Count;
        _network.RunUntil(90, master, client);

        Assert.InRange(client.Syncs.Count - before, 9, 11);
    }

    [Fact]
    public void Who_asks_too_often_is_denied_and_then_asks_for_less()
    {
        var master = NewPort(0x1000, 1, s_serving with { UnicastLimits = new() { FastestLogInterval = 0 } });
        var client = NewClient(0x2000, 9, 60, settings => settings with { LogSyncInterval = -3, LogMinDelayReqInterval = -3 }, 1);
        master.Join(client, 100e-6, 100e-6);
        _network.RunUntil(40, master, client);
        int before = client.Syncs.Count;
        _network.RunUntil(60, master, client);

        Assert.InRange(client.Syncs.Count - before, 19, 21); // one a second: what the master allows
        Assert.True(master.Port.Counters.Denied >= 3);
    }

    [Fact]
    public void Announces_of_strangers_mean_nothing_to_a_client()
    {
        var client = NewClient(0x2000, 9, 60, 1);
        var stranger = NewPort(0x0001, 5, new(), priority: 1);
        stranger.Join(client, 100e-6, 100e-6);
        _network.RunUntil(40, stranger, client);

        Assert.Equal(PortState.Listening, client.Port.State);
        Assert.True(client.Port.Counters.Dropped(Drop.NotNow) > 10);
    }

    [Fact]
    public void Sync_from_elsewhere_in_the_masters_name_is_dropped()
    {
        var master = NewPort(0x1000, 1, s_serving);
        var client = NewClient(0x2000, 9, 60, 1);
        master.Join(client, 100e-6, 100e-6);
        _network.RunUntil(40, master, client);
        int before = client.Syncs.Count;
        byte[] sync = new byte[TimestampBody.Size];
        TimestampBody.Write(sync, new() { Type = MessageType.Sync, Length = TimestampBody.Size, Source = master.Port.Identity, Sequence = 30_000, Flags = PtpFlags.Unicast }, default);
        client.Port.Received(sync, new(default), Address(5), _network.Boot);

        Assert.Equal(before, client.Syncs.Count);
    }

    [Fact]
    public void Ten_thousand_requests_take_no_more_than_their_share_and_who_is_served_stays_so()
    {
        var master = NewPort(0x1000, 1, s_serving);
        var client = NewClient(0x2000, 9, 60, 1);
        master.Join(client, 100e-6, 100e-6);
        _network.RunUntil(40, master, client);
        int before = client.Syncs.Count, sent = master.Messages.Count;
        for (int n = 0; n < 10_000; n++)
        {
            int stranger = n;
            _network.At(_network.Now + Duration.FromSeconds(stranger * 0.001), () => master.Port.Received(Request(new(new(0x9000ul + (ulong)stranger), 1), MessageType.Sync, -4, 300), null, Address(7), _network.Boot));
        }

        _network.RunUntil(60, master, client);
        Assert.Equal(3 + 12, master.Port.UnicastGrants); // the client's, and all that one address may have
        Assert.InRange(client.Syncs.Count - before, 19, 21);
        int answers = master.Messages.Skip(sent).Count(message => Header(message).Type == MessageType.Signaling);
        Assert.InRange(answers, 1, 11 * 16 + 10);
        Assert.True(master.Port.Counters.Dropped(Drop.TooOften) > 9_000);
    }

    [Fact]
    public void The_table_is_full_when_it_is_full_and_has_room_again_when_grants_have_ended()
    {
        var server = new UnicastServer(new() { Grants = 8, Seconds = 100 });
        PortIdentity Client(int n) => new(new((ulong)n), 1);
        for (int n = 0; n < 8; n++)
        {
            Assert.Equal(100u, server.Request(new(MessageType.Announce, 0, 5000), Client(n), Address(n), At(0)).Seconds); // no longer than the limit
        }

        Assert.Equal(0u, server.Request(new(MessageType.Announce, 0, 60), Client(8), Address(8), At(50)).Seconds);
        Assert.Equal(60u, server.Request(new(MessageType.Announce, 0, 60), Client(7), Address(7), At(50)).Seconds); // a renewal needs no room
        Assert.Equal(60u, server.Request(new(MessageType.Announce, 0, 60), Client(8), Address(8), At(101)).Seconds);
        Assert.Equal(2, server.Count);
    }

    [Theory]
    [InlineData(MessageType.Management, 0, 60u)] // no such thing
    [InlineData(MessageType.DelayReq, 0, 60u)]
    [InlineData(MessageType.Sync, -8, 60u)] // too fast
    [InlineData(MessageType.Sync, 8, 60u)] // too slow
    [InlineData(MessageType.Sync, 0, 0u)] // not at all
    public void What_cannot_be_is_denied(MessageType type, int logInterval, uint seconds) =>
        Assert.Equal(0u, new UnicastServer(new()).Request(new(type, (sbyte)logInterval, seconds), new(new(1), 1), Address(1), At(0)).Seconds);

    [Fact]
    public void So_many_messages_a_second_are_sent_and_no_more_are_granted()
    {
        var server = new UnicastServer(new() { MessagesPerSecond = 20 });
        Assert.Equal(60u, server.Request(new(MessageType.Sync, -4, 60), new(new(1), 1), Address(1), At(0)).Seconds);
        Assert.Equal(0u, server.Request(new(MessageType.Sync, -4, 60), new(new(2), 1), Address(2), At(0)).Seconds);
        Assert.Equal(60u, server.Request(new(MessageType.Sync, -2, 60), new(new(2), 1), Address(2), At(0)).Seconds);
        int sent = 0;
        for (int ms = 0; ms < 10_000; ms++)
        {
            while (server.TryNext(At(ms * 0.001), out _))
            {
                sent++;
            }
        }

        Assert.InRange(sent, 199, 202);
    }

    [Fact]
    public void Each_client_has_sequences_of_its_own_without_a_gap()
    {
        var master = NewPort(0x1000, 1, s_serving);
        var one = NewClient(0x2000, 8, 60, 1);
        var other = NewClient(0x3000, 9, 60, settings => settings with { LogSyncInterval = -2 }, 1);
        master.Join(one, 100e-6, 100e-6);
        master.Join(other, 50e-6, 50e-6);
        _network.RunUntil(60, master, one, other);

        Assert.All(new[] { one, other }, client => Assert.All(client.Syncs.Zip(client.Syncs.Skip(1)), pair => Assert.Equal(pair.First.Sequence + 1, pair.Second.Sequence)));
        Assert.True(other.Syncs.Count > 3 * one.Syncs.Count);
        Assert.Equal(100e-6, one.Measured().Delay.Seconds, 9);
        Assert.Equal(50e-6, other.Measured().Delay.Seconds, 9);
    }

    [Fact]
    public void A_master_that_serves_both_ways_asks_for_no_contract_before_it_answers_a_delay_req()
    {
        var master = NewPort(0x1000, 1, new() { UnicastLimits = new() });
        var hybrid = NewPort(0x2000, 9, new() { UnicastDelay = true }, slaveOnly: true);
        master.Join(hybrid, 100e-6, 100e-6);
        _network.RunUntil(40, master, hybrid);

        Assert.Equal(100e-6, hybrid.Measured().Delay.Seconds, 9);
        Assert.All(hybrid.Messages.Where(message => Header(message).Type == MessageType.DelayReq), message => Assert.True(Header(message).Is(PtpFlags.Unicast)));
        Assert.All(master.Messages.Where(message => Header(message).Type == MessageType.DelayResp), message =>
            Assert.Equal((PtpFlags.Unicast, PtpHeader.NoInterval), (Header(message).Flags, Header(message).LogInterval)));
        Assert.Equal(0, master.Port.UnicastGrants);
    }

    [Fact]
    public void A_master_whose_link_is_not_usable_any_more_sleeps_until_its_next_try()
    {
        var settings = new PortSettings { DelayMechanism = DelayMechanism.P2P, NeighborDelayThreshold = Duration.FromSeconds(0.001), UnicastLimits = new() };
        var master = NewPort(0x1000, 1, settings);
        var other = NewPort(0x2000, 9, settings with { UnicastLimits = null }, slaveOnly: true);
        master.Join(other, 100e-6, 100e-6);
        _network.RunUntil(20, master, other);
        master.Port.Received(Request(other.Port.Identity, MessageType.Sync, -3, 300), null, Address(9), _network.Boot);
        Assert.Equal(1, master.Port.UnicastGrants);

        other.Passes = _ => false;
        for (int second = 21; second < 40; second++)
        {
            _network.At(Duration.FromSeconds(second), () => { });
            _network.RunUntil(second, other); // the other one alone: a spinning one would never let the time go on
            master.Port.OnTime(_network.Boot);
            Assert.True(master.Port.Wake > _network.Boot || master.Port.IsCapable);
        }

        Assert.False(master.Port.IsCapable);
    }

    [Fact]
    public void Nothing_that_a_signaling_message_says_makes_a_port_throw()
    {
        var (first, second, client) = TwoMasters();
        _network.RunUntil(20, first, second, client);
        byte[][] real = [.. first.Messages.Concat(second.Messages).Concat(client.Messages).Where(message => Header(message).Type == MessageType.Signaling)];
        for (int n = 0; n < 100_000; n++)
        {
            byte[] message = [.. real[_random.Next(real.Length)]];
            for (int flips = _random.Next(1, 5); flips > 0; flips--)
            {
                message[_random.Next(message.Length)] = (byte)_random.Next(256);
            }

            var from = Address(_random.Next(1, 12));
            foreach (var port in new[] { first, second, client })
            {
                port.Port.Received(message, null, from, _network.Boot);
            }
        }

        _network.RunUntil(60, first, second, client);
    }

    private (SimulatedPort First, SimulatedPort Second, SimulatedPort Client) TwoMasters()
    {
        var first = NewPort(0x1000, 1, s_serving, priority: 100);
        var second = NewPort(0x1001, 2, s_serving, priority: 110);
        var client = NewClient(0x2000, 9, 300, 1, 2);
        first.Join(client, 100e-6, 100e-6);
        second.Join(client, 100e-6, 100e-6);
        return (first, second, client);
    }

    private SimulatedPort NewClient(ulong clock, int address, uint seconds, params int[] masters) => NewClient(clock, address, seconds, settings => settings, masters);

    private SimulatedPort NewClient(ulong clock, int address, uint seconds, Func<PortSettings, PortSettings> more, params int[] masters) =>
        NewPort(clock, address, more(new() { UnicastMasters = [.. masters.Select(Address)], UnicastSeconds = seconds }), slaveOnly: true);

    private SimulatedPort NewPort(ulong clock, int address, PortSettings settings, byte priority = 128, bool slaveOnly = false)
    {
        var port = new SimulatedPort(_network) { Address = Address(address) };
        port.Port = new PtpInstance(new() { Identity = new(clock), Priority1 = priority, SlaveOnly = slaveOnly }, ComparisonRule.Ieee1588, _random.NextDouble).AddPort(settings, port, port);
        port.Port.Start(_network.Boot);
        return port;
    }

    private static byte[] Request(PortIdentity source, MessageType type, sbyte logInterval, uint seconds)
    {
        byte[] message = new byte[SignalingBody.Size + UnicastRequest.Size];
        SignalingBody.Write(message, new() { Type = MessageType.Signaling, Length = (ushort)message.Length, Source = source, Flags = PtpFlags.Unicast }, PortIdentity.All);
        new UnicastRequest(type, logInterval, seconds).Write(message.AsSpan(SignalingBody.Size));
        return message;
    }

    private static PtpAddress Address(int n) => new(PtpAddressKind.IPv4, 0x0A000000u + (uint)n);

    private static Instant<Boot> At(double seconds) => new(Duration.FromSeconds(seconds));

    private static PtpHeader Header(byte[] message) => PtpHeader.TryParse(message, out var header) ? header : throw new InvalidOperationException("no message");
}
