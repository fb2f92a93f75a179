namespace TimeSuite.Ptp.Tests;

public sealed class PtpPortTests
{
    private readonly SimulatedNetwork _network = new();
    private readonly Random _random = new(1);

    [Fact]
    public void A_slave_measures_offset_and_delay_to_the_last_bit_of_the_stamps()
    {
        var (master, slave) = Pair();
        slave.Offset = Duration.FromSeconds(0.25);
        _network.RunUntil(30, master, slave);

        Assert.Equal(PortState.Master, master.Port.State);
        Assert.Equal(PortState.Uncalibrated, slave.Port.State);
        var (offset, delay) = slave.Measured();
        Assert.Equal(0.25, offset.Seconds, 9);
        Assert.Equal(100e-6, delay.Seconds, 9);

        slave.Port.Calibrated(true, _network.Boot);
        _network.RunUntil(60, master, slave);
        Assert.Equal(PortState.Slave, slave.Port.State);
        Assert.Equal(master.Port.Identity, slave.Port.Followed);
        Assert.InRange(slave.Syncs.Count, 45, 60);
        Assert.InRange(slave.Delays.Count, 30, 70); // one a second in the mean, at random
    }

    [Fact]
    public void A_configured_asymmetry_is_taken_out_of_the_offset()
    {
        var (master, slave) = Pair(slaveSettings: new() { DelayAsymmetry = Duration.FromNanoseconds(20_000) }, there: 120e-6, back: 80e-6);
        _network.RunUntil(30, master, slave);

        var (offset, delay) = slave.Measured();
        Assert.Equal(0, offset.Seconds, 9);
        Assert.Equal(100e-6, delay.Seconds, 9);
    }

    /// <summary>The master's stamps are 3 us early on the way out and 5 us late on the way in, the slave's 7 us and 11 us.</summary>
    [Theory]
    [InlineData(DelayMechanism.E2E)]
    [InlineData(DelayMechanism.P2P)]
    public void What_lies_between_stamp_and_plug_is_taken_out_of_offset_and_delay(DelayMechanism mechanism)
    {
        var settings = new PortSettings { DelayMechanism = mechanism };
        var (master, slave) = Pair(Latencies(settings, 3_000, 5_000), Latencies(settings, 7_000, 11_000), there: (100 + 3 + 11) * 1e-6, back: (100 + 7 + 5) * 1e-6);
        _network.RunUntil(30, master, slave);

        if (mechanism == DelayMechanism.P2P)
        {
            Assert.Equal(100e-6, slave.Port.MeanLinkDelay!.Value.Seconds, 9);
            Assert.Equal(100e-6, (slave.Syncs[^1].Received.SinceEpoch - slave.Syncs[^1].Sent.SinceEpoch).Seconds, 9);
            return;
        }

        var (offset, delay) = slave.Measured();
        Assert.Equal(0, offset.Seconds, 9);
        Assert.Equal(100e-6, delay.Seconds, 9);
    }

    [Fact]
    public void A_follow_up_half_a_second_late_is_joined_with_its_own_sync_even_over_the_end_of_the_numbers()
    {
        var settings = new PortSettings { LogSyncInterval = -3 };
        var (master, slave) = Pair(settings, settings);
        master.Late = message => message[0] == (byte)MessageType.FollowUp ? Duration.FromSeconds(0.5) : Duration.Zero;
        _network.RunUntil(8300, master, slave); // 66,400 Syncs

        Assert.True(slave.Syncs.Count > 65_536, $"{slave.Syncs.Count}");
        Assert.All(slave.Syncs, pair => Assert.Equal(100e-6, (pair.Received.SinceEpoch - pair.Sent.SinceEpoch).Seconds, 8));
    }

    [Theory]
    [InlineData(DelayMechanism.E2E)]
    [InlineData(DelayMechanism.P2P)]
    public void When_the_clock_that_stamps_was_set_what_waits_for_its_other_half_is_forgotten(DelayMechanism mechanism)
    {
        var settings = new PortSettings { LogSyncInterval = -3, DelayMechanism = mechanism };
        var (master, slave) = Pair(settings, settings);
        master.Late = message => (MessageType)(message[0] & 0xF) is MessageType.FollowUp or MessageType.DelayResp or MessageType.PdelayRespFollowUp ? Duration.FromSeconds(0.5) : Duration.Zero;
        _network.RunUntil(30.3, master, slave);
        var (syncs, delays, links) = (slave.Syncs.Count, slave.Delays.Count, slave.PeerDelays.Count);
        Assert.True(syncs > 20 && delays + links > 5, $"{syncs} Syncs, {delays} delays, {links} of the link");

        slave.Offset = Duration.FromSeconds(0.01);
        slave.Port.ForgetStamps();
        _network.RunUntil(60, master, slave);

        Assert.True(slave.Syncs.Count > syncs + 20);
        Assert.All(slave.Syncs.Skip(syncs), pair => Assert.Equal(0.0101, (pair.Received.SinceEpoch - pair.Sent.SinceEpoch).Seconds, 7));
        Assert.All(slave.Delays.Skip(delays), pair => Assert.Equal(-0.0099, (pair.Received.SinceEpoch - pair.Sent.SinceEpoch).Seconds, 7));
        Assert.All(slave.PeerDelays.Skip(links), link => Assert.Equal(100e-6, link.MeanLinkDelay.Seconds, 7));
        Assert.All(slave.PeerDelays.Skip(links), link => Assert.InRange(link.NeighborRate.Fraction, -1e-9, 1e-9));
    }

    [Fact]
    public void What_is_sent_twice_counts_once()
    {
        var (master, slave) = Pair();
        master.Join(slave, 150e-6, 150e-6); // a second way: every message comes twice
        _network.RunUntil(30, master, slave);

        slave.Syncs.RemoveAt(0); // the port began to follow between its two copies
        Assert.Equal(slave.Syncs.Count, slave.Syncs.Select(pair => pair.Sequence).Distinct().Count());
        Assert.Equal(slave.Delays.Count, slave.Delays.Select(pair => pair.Sequence).Distinct().Count());
        Assert.All(slave.Syncs, pair => Assert.Equal(100e-6, (pair.Received.SinceEpoch - pair.Sent.SinceEpoch).Seconds, 8));
    }

    [Fact]
    public void A_lost_follow_up_costs_its_sync_and_no_other()
    {
        var (master, slave) = Pair();
        master.Passes = message => message[0] != (byte)MessageType.FollowUp || message[31] % 3 != 0;
        _network.RunUntil(60, master, slave);

        Assert.NotEmpty(slave.Syncs);
        Assert.DoesNotContain(slave.Syncs, pair => pair.Sequence % 3 == 0);
        Assert.All(slave.Syncs, pair => Assert.Equal(100e-6, (pair.Received.SinceEpoch - pair.Sent.SinceEpoch).Seconds, 8));
    }

    [Fact]
    public void The_better_of_two_becomes_master_and_when_it_falls_silent_the_other_takes_over()
    {
        var better = NewPort(10, new(), new() { Identity = new(10), Priority1 = 100 });
        var worse = NewPort(5, new(), new() { Identity = new(5), Priority1 = 110 });
        better.Join(worse, 1e-6, 1e-6);
        _network.RunUntil(20, better, worse);
        Assert.Equal((PortState.Master, PortState.Uncalibrated), (better.Port.State, worse.Port.State));

        long before = worse.Port.Counters.AnnounceTimeouts;
        better.Passes = _ => false;
        _network.RunUntil(40, better, worse);
        Assert.Equal(PortState.Master, worse.Port.State);
        Assert.Equal(before + 1, worse.Port.Counters.AnnounceTimeouts);

        better.Passes = _ => true;
        _network.RunUntil(60, better, worse);
        Assert.Equal((PortState.Master, PortState.Uncalibrated), (better.Port.State, worse.Port.State));
    }

    [Fact]
    public void A_slave_only_instance_listens_for_ever_rather_than_serve()
    {
        var alone = NewPort(1, new(), new() { Identity = new(1), SlaveOnly = true });
        _network.RunUntil(100, alone);

        Assert.Equal(PortState.Listening, alone.Port.State);
        Assert.Empty(alone.Messages);
    }

    /// <summary>Its own identity is the lower one, and its priority the better: neither is a claim.</summary>
    [Fact]
    public void A_slave_only_instance_competes_with_no_master()
    {
        var master = NewPort(9, new(), new() { Identity = new(9), Priority1 = 200 });
        var slave = NewPort(1, new(), new() { Identity = new(1), SlaveOnly = true });
        master.Join(slave, 1e-6, 1e-6);
        _network.RunUntil(30, master, slave);

        Assert.Equal(master.Port.Identity, slave.Port.Followed);
    }

    [Fact]
    public void A_master_that_does_not_know_the_time_gives_none()
    {
        var (master, slave) = Pair();
        master.KnowsTime = false;
        _network.RunUntil(30, master, slave);

        Assert.Empty(slave.Syncs);
        Assert.Empty(slave.Delays);
    }

    [Fact]
    public void Peer_delays_are_measured_from_both_ends_and_so_is_the_neighbours_rate()
    {
        var settings = new PortSettings { DelayMechanism = DelayMechanism.P2P };
        var (master, slave) = Pair(settings, settings);
        slave.Rate = FrequencyOffset.FromPpm(-50);
        _network.RunUntil(60, master, slave);

        Assert.Equal(100e-6, slave.PeerDelays[^1].MeanLinkDelay.Seconds, 9);
        Assert.Equal(50, slave.PeerDelays[^1].NeighborRate.Ppm, 1);
        Assert.Equal(-50, master.PeerDelays[^1].NeighborRate.Ppm, 1);
        Assert.Empty(slave.Delays);
        Assert.NotEmpty(slave.Syncs);
    }

    [Fact]
    public void With_gptp_a_link_that_is_too_long_is_not_used()
    {
        var settings = new PortSettings { DelayMechanism = DelayMechanism.P2P, NeighborDelayThreshold = Duration.FromNanoseconds(800) };
        var (master, slave) = Pair(settings, settings);
        _network.RunUntil(30, master, slave);
        Assert.False(slave.Port.IsCapable);
        Assert.Empty(slave.Syncs);

        var near = new SimulatedNetwork();
        var a = new SimulatedPort(near);
        var b = new SimulatedPort(near);
        a.Join(b, 500e-9, 500e-9);
        a.Port = new PtpInstance(new() { Identity = new(1) }, ComparisonRule.Ieee1588, _random.NextDouble).AddPort(settings, a, a);
        b.Port = new PtpInstance(new() { Identity = new(2) }, ComparisonRule.Ieee1588, _random.NextDouble).AddPort(settings, b, b);
        a.Port.Start(near.Boot);
        b.Port.Start(near.Boot);
        near.RunUntil(30, a, b);
        Assert.True(b.Port.IsCapable);
        Assert.NotEmpty(b.Syncs);
    }

    [Fact]
    public void Two_who_answer_one_peer_request_give_no_delay()
    {
        var settings = new PortSettings { DelayMechanism = DelayMechanism.P2P };
        var (first, asker) = Pair(settings, settings);
        var second = NewPort(77, settings, new() { Identity = new(77) });
        second.Join(asker, 100e-6, 100e-6);
        _network.RunUntil(10, first, asker, second);

        Assert.Null(asker.Port.MeanLinkDelay);
    }

    [Fact]
    public void Peer_requests_that_nobody_answers_are_counted_until_somebody_does()
    {
        var (alone, silent) = Pair(new() { DelayMechanism = DelayMechanism.P2P }, new() { DelayMechanism = DelayMechanism.E2E });
        _network.RunUntil(10, alone, silent);
        Assert.InRange(alone.Port.UnansweredPeerRequests, 6, 12);
        Assert.Equal(0, silent.Port.UnansweredPeerRequests);

        alone.Port.Start(_network.Boot);
        Assert.Equal(0, alone.Port.UnansweredPeerRequests);
    }

    [Fact]
    public void A_boundary_clock_hands_the_time_on_one_step_further()
    {
        var grandmaster = NewPort(1, new() { PathTrace = true }, new() { Identity = new(1), Priority1 = 1, Quality = new(6, ClockAccuracy.Within100Ns, 0x4E5D) });
        var boundary = new PtpInstance(new() { Identity = new(2) }, ComparisonRule.Ieee1588, _random.NextDouble);
        var (up, down) = (new SimulatedPort(_network), new SimulatedPort(_network));
        up.Port = boundary.AddPort(new() { PathTrace = true }, up, up);
        down.Port = boundary.AddPort(new() { PathTrace = true }, down, down);
        up.Port.Start(_network.Boot);
        down.Port.Start(_network.Boot);
        var slave = NewPort(3, new(), new() { Identity = new(3) });
        grandmaster.Join(up, 1e-6, 1e-6);
        down.Join(slave, 1e-6, 1e-6);
        _network.RunUntil(60, grandmaster, up, down, slave);

        Assert.Equal((PortState.Uncalibrated, PortState.Master), (up.Port.State, down.Port.State));
        Assert.Equal(1, boundary.StepsRemoved);
        Assert.Equal(down.Port.Identity, slave.Port.Followed);
        byte[] announce = down.Messages.Last(message => message[0] == (byte)MessageType.Announce);
        Assert.True(PtpHeader.TryParse(announce, out var header));
        var body = AnnounceBody.Parse(announce);
        Assert.Equal((1UL, (byte)6, (ushort)1), (body.Grandmaster.Bits, body.Quality.Class, body.StepsRemoved));
        Assert.True(PathTrace.TryFind(announce, header, out var trace));
        Assert.Equal((2, 1UL, 2UL), (trace.Count, trace[0].Bits, trace[1].Bits));
    }

    /// <summary>The other has the same class and priorities, and the higher identity.</summary>
    [Fact]
    public void A_boundary_clock_without_a_time_of_its_own_says_nothing_until_it_follows_and_does_not_take_over_when_it_has_one()
    {
        var grandmaster = NewPort(9, new(), new() { Identity = default });
        var boundary = new PtpInstance(new() { Identity = new(2) }, ComparisonRule.Ieee1588, _random.NextDouble) { KnowsTime = false };
        var (up, down) = (new SimulatedPort(_network), new SimulatedPort(_network));
        up.Port = boundary.AddPort(new(), up, up);
        down.Port = boundary.AddPort(new(), down, down);
        up.Port.Start(_network.Boot);
        down.Port.Start(_network.Boot);
        var slave = NewPort(3, new(), new() { Identity = default, SlaveOnly = true });
        grandmaster.Join(up, 1e-6, 1e-6);
        down.Join(slave, 1e-6, 1e-6);
        grandmaster.Passes = _ => false;
        _network.RunUntil(60, grandmaster, up, down, slave);
        Assert.DoesNotContain(up.Messages.Concat(down.Messages), message => (MessageType)(message[0] & 0xF) is MessageType.Announce or MessageType.Sync);

        grandmaster.Passes = _ => true;
        _network.RunUntil(120, grandmaster, up, down, slave);
        Assert.Equal((PortState.Master, PortState.Uncalibrated, PortState.Master), (grandmaster.Port.State, up.Port.State, down.Port.State));
        Assert.Equal(new ClockIdentity(9), slave.Port.Instance.Parent.Grandmaster);

        (boundary.KnowsTime, boundary.Default) = (true, boundary.Default with { Priority2 = 255 }); // as ptpd has it
        boundary.Decide(_network.Boot);
        _network.RunUntil(180, grandmaster, up, down, slave);
        Assert.Equal((PortState.Master, PortState.Uncalibrated, PortState.Master), (grandmaster.Port.State, up.Port.State, down.Port.State));

        grandmaster.Passes = _ => false; // then it is the only one that knows
        _network.RunUntil(240, grandmaster, up, down, slave);
        Assert.Equal(PortState.Master, up.Port.State);
        Assert.Equal(new ClockIdentity(2), slave.Port.Instance.Parent.Grandmaster);

        grandmaster.Passes = _ => true; // the same master again
        _network.RunUntil(300, grandmaster, up, down, slave);
        Assert.Equal((PortState.Master, PortState.Uncalibrated), (grandmaster.Port.State, up.Port.State));

        boundary.Default = boundary.Default with { Priority1 = 127 };
        boundary.Decide(_network.Boot);
        _network.RunUntil(360, grandmaster, up, down, slave);
        Assert.Equal((PortState.Uncalibrated, PortState.Master), (grandmaster.Port.State, up.Port.State));
    }

    [Fact]
    public void What_the_grandmaster_says_of_utc_comes_through_a_boundary_clock_and_so_does_each_change_of_it()
    {
        var grandmaster = NewPort(1, new(), new() { Identity = new(1), Priority1 = 1 });
        var boundary = new PtpInstance(new() { Identity = new(2) }, ComparisonRule.Ieee1588, _random.NextDouble);
        var (up, down) = (new SimulatedPort(_network), new SimulatedPort(_network));
        up.Port = boundary.AddPort(new(), up, up);
        down.Port = boundary.AddPort(new(), down, down);
        up.Port.Start(_network.Boot);
        down.Port.Start(_network.Boot);
        var slave = NewPort(3, new(), new() { Identity = new(3) });
        grandmaster.Join(up, 1e-6, 1e-6);
        down.Join(slave, 1e-6, 1e-6);
        var before = new TimeProperties(41, PtpFlags.PtpTimescale | PtpFlags.UtcOffsetValid | PtpFlags.Leap61, TimeSource.Gnss);
        var after = before with { UtcOffset = 42, Flags = PtpFlags.PtpTimescale | PtpFlags.UtcOffsetValid };

        grandmaster.Port.Instance.OwnTime = before;
        grandmaster.Port.Instance.Decide(_network.Boot);
        _network.RunUntil(60, grandmaster, up, down, slave);
        Assert.Equal(before, slave.Port.Instance.Time);
        Assert.Equal(41, slave.Port.Instance.Time.TaiMinusUtc!.Value.Seconds);

        grandmaster.Port.Instance.OwnTime = after;
        grandmaster.Port.Instance.Decide(_network.Boot);
        _network.RunUntil(70, grandmaster, up, down, slave);
        Assert.Equal(after, slave.Port.Instance.Time);

        grandmaster.Port.Instance.OwnTime = after with { Flags = PtpFlags.PtpTimescale };
        grandmaster.Port.Instance.Decide(_network.Boot);
        _network.RunUntil(80, grandmaster, up, down, slave);
        Assert.Null(slave.Port.Instance.Time.TaiMinusUtc); // what nobody vouches for is not known, and nothing takes its place
    }

    [Fact]
    public void Of_two_ways_to_one_grandmaster_one_is_followed_and_the_other_passive()
    {
        var grandmaster = NewPort(1, new(), new() { Identity = new(1), Priority1 = 1 });
        var boundary = new PtpInstance(new() { Identity = new(2) }, ComparisonRule.Ieee1588, _random.NextDouble);
        SimulatedPort[] ports = [new(_network), new(_network)];
        foreach (var port in ports)
        {
            port.Port = boundary.AddPort(new(), port, port);
            port.Port.Start(_network.Boot);
            grandmaster.Join(port, 1e-6, 1e-6);
        }

        _network.RunUntil(60, [grandmaster, .. ports]);
        Assert.Equal([PortState.Uncalibrated, PortState.Passive], ports.Select(port => port.Port.State));
    }

    [Fact]
    public void A_grandmaster_that_is_not_on_the_list_is_not_followed_whatever_it_claims()
    {
        var rogue = NewPort(66, new(), new() { Identity = new(66), Priority1 = 0, Quality = new(6, ClockAccuracy.Within25Ns, 0) });
        var slave = NewPort(3, new() { AcceptableGrandmasters = new HashSet<ClockIdentity> { new(1) } }, new() { Identity = new(3), SlaveOnly = true });
        rogue.Join(slave, 1e-6, 1e-6);
        _network.RunUntil(30, rogue, slave);

        Assert.Equal(PortState.Listening, slave.Port.State);
        Assert.True(slave.Port.Counters.Dropped(Drop.NotAcceptable) > 5);
    }

    [Fact]
    public void A_static_slave_follows_the_first_that_speaks_without_any_announce()
    {
        var master = NewPort(1, new() { Role = PortRole.Master, InhibitAnnounce = true }, new() { Identity = new(1) });
        var slave = NewPort(2, new() { Role = PortRole.Slave }, new() { Identity = new(2) });
        master.Join(slave, 1e-6, 1e-6);
        _network.RunUntil(10, master, slave);

        Assert.NotEmpty(slave.Syncs);
        Assert.DoesNotContain(master.Messages, message => message[0] == (byte)MessageType.Announce);
        Assert.Equal(master.Port.Identity, slave.Port.Followed);
    }

    [Fact]
    public void A_static_slave_follows_nobody_who_is_not_on_the_list()
    {
        var rogue = NewPort(66, new() { Role = PortRole.Master, InhibitAnnounce = true }, new() { Identity = default });
        var master = NewPort(1, new() { Role = PortRole.Master, InhibitAnnounce = true }, new() { Identity = default });
        var slave = NewPort(2, new() { Role = PortRole.Slave, AcceptableMasters = new HashSet<ClockIdentity> { new(1) } }, new() { Identity = default });
        rogue.Join(slave, 1e-6, 1e-6);
        _network.RunUntil(10, rogue, slave);
        Assert.Empty(slave.Syncs);
        Assert.True(slave.Port.Counters.Dropped(Drop.NotAcceptable) > 5);

        master.Join(slave, 1e-6, 1e-6);
        _network.RunUntil(20, rogue, master, slave);
        Assert.NotEmpty(slave.Syncs);
        Assert.Equal(master.Port.Identity, slave.Port.Followed);
    }

    /// <summary>Our stamps run 20 ppm fast, so the served time runs 20 ppm slower than they do.</summary>
    [Fact]
    public void A_gptp_master_tells_how_much_faster_what_it_serves_runs_than_its_stamps()
    {
        var settings = new PortSettings { FollowUpInformation = true };
        var (master, slave) = Pair(settings, settings);
        (master.Rate, master.KnowsRate) = (FrequencyOffset.FromPpm(20), true);
        _network.RunUntil(20, master, slave);

        byte[] followUp = master.Messages.Last(message => message[0] == (byte)MessageType.FollowUp);
        Assert.True(PtpHeader.TryParse(followUp, out var header));
        Assert.True(FollowUpInformation.TryFind(followUp, header, out var information));
        Assert.Equal(-20, information.CumulativeRate.Ppm, 2);
    }

    [Fact]
    public void Who_asks_for_the_links_delay_by_unicast_is_answered_by_unicast_in_both_messages()
    {
        var settings = new PortSettings { DelayMechanism = DelayMechanism.P2P };
        var asker = new PtpAddress(PtpAddressKind.IPv4, 7);
        var port = NewPort(1, settings, new() { Identity = default });
        byte[] request = new byte[54];
        new ResponseBody(default, default).Write(request, new() { Type = MessageType.PdelayReq, Length = 54, Source = new(new(9), 1), Flags = PtpFlags.Unicast }, -1);
        port.Port.Received(request, new(SimulatedNetwork.Epoch), asker, _network.Boot);
        _network.RunUntil(0.5, port);

        var answers = port.Messages.Zip(port.Destinations).Where(sent => (MessageType)(sent.First[0] & 0xF) is MessageType.PdelayResp or MessageType.PdelayRespFollowUp).ToList();
        Assert.Equal(2, answers.Count);
        Assert.All(answers, answer => Assert.Equal(asker, answer.Second.Unicast));
        Assert.All(answers, answer => Assert.True(PtpHeader.TryParse(answer.First, out var header) && header.Is(PtpFlags.Unicast)));
    }

    [Fact]
    public void A_sync_time_out_gives_the_master_up()
    {
        var settings = new PortSettings { SyncReceiptTimeout = 3 };
        var (master, slave) = Pair(settings, settings);
        _network.RunUntil(20, master, slave);
        master.Passes = message => message[0] == (byte)MessageType.Announce;
        _network.RunUntil(25, master, slave);

        Assert.True(slave.Port.Counters.SyncTimeouts > 0);
    }

    [Theory]
    [InlineData(4, 1, Drop.OtherDomain)]
    [InlineData(0, 0x1B, Drop.OtherSdo)]
    [InlineData(1, 1, Drop.Malformed)]
    public void A_message_of_another_domain_standard_or_version_is_dropped(int at, byte value, Drop reason)
    {
        var (master, slave) = Pair();
        _network.RunUntil(20, master, slave);
        byte[] announce = master.Messages.First(message => message[0] == (byte)MessageType.Announce);
        announce[at] = value;
        slave.Port.Received(announce, null, default, _network.Boot);

        Assert.Equal(1, slave.Port.Counters.Dropped(reason));
    }

    [Fact]
    public void Forged_messages_of_another_port_change_nothing()
    {
        var (master, slave) = Pair();
        _network.RunUntil(20, master, slave);
        int before = slave.Syncs.Count;
        byte[] sync = new byte[44];
        TimestampBody.Write(sync, new() { Type = MessageType.Sync, Length = 44, Source = new(new(99), 1), Sequence = 1 }, default);
        slave.Port.Received(sync, new(default), default, _network.Boot);
        byte[] response = new byte[54];
        new ResponseBody(default, slave.Port.Identity).Write(response, new() { Type = MessageType.DelayResp, Length = 54, Source = new(new(99), 1), Sequence = 1 }, -1);
        slave.Port.Received(response, null, default, _network.Boot);

        Assert.Equal(before, slave.Syncs.Count);
        Assert.Equal(2, slave.Port.Counters.Dropped(Drop.NotOurMaster));
    }

    [Fact]
    public void A_correction_too_large_to_be_told_gives_no_sample()
    {
        var (master, slave) = Pair();
        _network.RunUntil(20, master, slave);
        int before = slave.Syncs.Count;
        byte[] sync = new byte[44];
        TimestampBody.Write(sync, new() { Type = MessageType.Sync, Length = 44, Source = master.Port.Identity, Sequence = 30_000, Correction = new(long.MaxValue) }, default);
        slave.Port.Received(sync, new(default), default, _network.Boot);

        Assert.Equal(before, slave.Syncs.Count);
    }

    [Fact]
    public void Nothing_that_comes_makes_a_port_throw()
    {
        var settings = new PortSettings { DelayMechanism = DelayMechanism.P2P };
        var (master, slave) = Pair();
        var (left, right) = Pair(settings, settings);
        _network.RunUntil(20, master, slave, left, right);
        byte[][] real = [.. master.Messages, .. slave.Messages, .. left.Messages, .. right.Messages];
        for (int n = 0; n < 200_000; n++)
        {
            byte[] message = [.. real[_random.Next(real.Length)]];
            for (int flips = _random.Next(1, 5); flips > 0; flips--)
            {
                message[_random.Next(message.Length)] = (byte)_random.Next(256);
            }

            foreach (var port in new[] { master, slave, left, right })
            {
                port.Port.Received(message, new(default), default, _network.Boot);
            }
        }

        _network.RunUntil(40, master, slave, left, right);
    }

    /// <param name="settings">All else.</param>
    /// <param name="egress">ns.</param>
    /// <param name="ingress">ns.</param>
    private static PortSettings Latencies(PortSettings settings, long egress, long ingress) =>
        settings with { EgressLatency = Duration.FromNanoseconds(egress), IngressLatency = Duration.FromNanoseconds(ingress) };

    private (SimulatedPort Master, SimulatedPort Slave) Pair(PortSettings? masterSettings = null, PortSettings? slaveSettings = null, double there = 100e-6, double back = 100e-6)
    {
        var master = NewPort(0x1000, masterSettings ?? new(), new() { Identity = new(0x1000), Priority1 = 100 });
        var slave = NewPort(0x2000, slaveSettings ?? new(), new() { Identity = new(0x2000), SlaveOnly = true });
        master.Join(slave, there, back);
        return (master, slave);
    }

    private SimulatedPort NewPort(ulong clock, PortSettings settings, DefaultDataSet own) => _network.NewPort(clock, settings, own, _random.NextDouble);
}
