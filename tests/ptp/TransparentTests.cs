namespace TimeSuite.Ptp.Tests;

/// <summary>A transparent clock between a master and a slave: what it holds messages up by does not reach the slave's offset.</summary>
public sealed class TransparentTests
{
    private readonly SimulatedNetwork _network = new();
    private readonly Random _random = new(2);

    [Theory]
    [InlineData(DelayMechanism.E2E)]
    [InlineData(DelayMechanism.P2P)]
    public void However_long_messages_lie_there_offset_and_delay_stay_right(DelayMechanism mechanism)
    {
        var (master, slave, ports) = Chain(mechanism);
        slave.Offset = Duration.FromSeconds(0.25);
        _network.RunUntil(40, [master, slave, .. ports]);

        Assert.NotEmpty(slave.Syncs);
        foreach (var pair in slave.Syncs)
        {
            // 10 us of link to the transparent clock and 20 us behind it, whatever the residence of up to 5 ms.
            double down = (pair.Received.SinceEpoch - pair.Sent.SinceEpoch).Seconds - 0.25;
            Assert.Equal(mechanism == DelayMechanism.E2E ? 30e-6 : 20e-6, down, 9); // peer to peer, the first link is in the correction
            Assert.True(pair.Correction.Seconds > 0, "no correction");
        }

        if (mechanism == DelayMechanism.E2E)
        {
            var (offset, delay) = slave.Measured();
            Assert.Equal(0.25, offset.Seconds, 9);
            Assert.Equal(30e-6, delay.Seconds, 9);
        }
        else
        {
            Assert.Empty(slave.Delays);
            Assert.Equal(20e-6, slave.PeerDelays[^1].MeanLinkDelay.Seconds, 9);
        }
    }

    [Fact]
    public void A_sync_in_one_step_goes_on_in_two()
    {
        var (master, slave, ports) = Chain(DelayMechanism.E2E, new() { OneStepSync = true });
        master.OneStep = message => PtpTimestamp.Write(message.AsSpan(PtpHeader.Size), new(SimulatedNetwork.Epoch + _network.Now));
        _network.RunUntil(20, [master, slave, .. ports]);

        Assert.DoesNotContain(master.Messages, message => (message[0] & 0xF) == (byte)MessageType.FollowUp);
        Assert.NotEmpty(slave.Syncs);
        Assert.All(slave.Syncs, pair => Assert.InRange((pair.Received.SinceEpoch - pair.Sent.SinceEpoch).Seconds, 30e-6 - 1e-12, 30e-6 + 1.1e-9)); // the hardware writes whole ns
    }

    [Fact]
    public void A_follow_up_that_comes_before_its_sync_is_not_lost()
    {
        var (master, slave, ports) = Chain(DelayMechanism.E2E);
        master.Late = message => (message[0] & 0xF) == (byte)MessageType.Sync ? Duration.FromSeconds(1e-3) : Duration.Zero;
        _network.RunUntil(20, [master, slave, .. ports]);

        Assert.NotEmpty(slave.Syncs);
        Assert.All(slave.Syncs, pair => Assert.Equal(1.03e-3, (pair.Received.SinceEpoch - pair.Sent.SinceEpoch).Seconds, 9));
    }

    [Fact]
    public void Peer_delays_never_pass_and_end_to_end_they_are_not_answered()
    {
        var (master, slave, ports) = Chain(DelayMechanism.E2E);
        byte[] request = new byte[ResponseBody.Size];
        new PtpHeader { Type = MessageType.PdelayReq, MinorVersion = 1, Length = ResponseBody.Size, Source = new(new(9), 1) }.Write(request);
        ports[0].Port.Received(request, ports[0].Stamp(_network.Now), default, _network.Boot);
        _network.RunUntil(1, [master, slave, .. ports]);

        Assert.DoesNotContain(ports.SelectMany(port => port.Messages), message => (message[0] & 0xF) is 2 or 3 or 0xA);
    }

    [Fact]
    public void With_peer_delays_end_to_end_requests_do_not_pass_and_no_sync_does_before_the_link_is_known()
    {
        var (master, slave, ports) = Chain(DelayMechanism.P2P);
        master.Passes = message => (message[0] & 0xF) is not (2 or 3 or 0xA);
        _network.RunUntil(20, [master, slave, .. ports]);

        Assert.Empty(slave.Syncs);
        Assert.DoesNotContain(ports[1].Messages, message => (message[0] & 0xF) == (byte)MessageType.Sync);
    }

    [Fact]
    public void Each_of_three_ports_passes_on_to_both_others_and_an_answer_to_the_asker_alone()
    {
        var (master, slave, ports) = Chain(DelayMechanism.E2E, third: true);
        var third = New(new(), new() { Identity = new(3), SlaveOnly = true });
        ports[2].Join(third, 40e-6, 40e-6);
        _network.RunUntil(30, [master, slave, third, .. ports]);

        Assert.Equal(30e-6, slave.Measured().Delay.Seconds, 9);
        Assert.Equal(50e-6, third.Measured().Delay.Seconds, 9);
        Assert.All(ports[2].Messages.Where(message => (message[0] & 0xF) == (byte)MessageType.DelayResp), message => Assert.Equal(new ClockIdentity(3), PortIdentity.Read(message.AsSpan(44)).Clock));
    }

    [Fact]
    public void What_goes_in_a_circle_passes_once()
    {
        var (master, slave, ports) = Chain(DelayMechanism.E2E, third: true);
        ports[1].Join(ports[2], 1e-6, 1e-6); // its own ports, joined
        _network.RunUntil(30, [master, slave, .. ports]);

        Assert.True(ports.Sum(port => port.Messages.Count) < 20 * (master.Messages.Count + slave.Messages.Count), $"{ports.Sum(port => port.Messages.Count)}");
        Assert.True(ports.Sum(port => port.Port.Counters.Dropped(Drop.Loop)) > 0);
        Assert.Equal(30e-6, slave.Measured().Delay.Seconds, 9);
    }

    /// <summary>Thirty at a time, and so often that some of them lie next to each other whatever they are sorted by.</summary>
    [Fact]
    public void Messages_that_go_round_together_do_not_make_each_other_forgotten()
    {
        var recent = new RecentMessages();
        for (ushort round = 0; round < 500; round++)
        {
            var now = new Instant<Boot>(Duration.FromNanoseconds(round * 10_000_000L));
            var together = Enumerable.Range(0, 30).Select(i => new PtpHeader { Type = MessageType.Sync, Source = new(new((ulong)i), 1), Sequence = round }).ToList();
            Assert.All(together, message => Assert.True(recent.IsNew(message, default, now)));
            Assert.All(together, message => Assert.False(recent.IsNew(message, default, now)));
        }
    }

    [Fact]
    public void What_is_for_the_transparent_clock_itself_does_not_pass_and_what_is_for_others_does_as_it_is()
    {
        var (master, slave, ports) = Chain(DelayMechanism.E2E);
        byte[] ours = Management(ports[0].Port.Identity, 1), others = Management(new(new(77), 1), 2), signaling = new byte[SignalingBody.Size];
        SignalingBody.Write(signaling, new() { Type = MessageType.Signaling, MinorVersion = 1, Length = SignalingBody.Size, Domain = 55, Source = new(new(9), 1) }, PortIdentity.All);
        foreach (byte[] message in (byte[][])[ours, others, signaling])
        {
            ports[0].Port.Received(message, null, default, _network.Boot);
        }

        Assert.Equal([others, signaling], ports[1].Messages);
        Assert.Empty(slave.Messages);
        Assert.NotNull(master);
    }

    [Theory]
    [InlineData("0b12 0020")] // shorter than its type
    [InlineData("0b12 00ff")] // said to be longer than it is
    [InlineData("0d12 002c")] // management without its body
    [InlineData("0812 002a")]
    public void What_is_malformed_does_not_pass(string begin)
    {
        var (_, _, ports) = Chain(DelayMechanism.E2E);
        byte[] message = new byte[64];
        Convert.FromHexString(begin.Replace(" ", "", StringComparison.Ordinal)).CopyTo(message, 0);
        ports[0].Port.Received(message, ports[0].Stamp(_network.Now), default, _network.Boot);

        Assert.Empty(ports[1].Messages);
        Assert.Equal(1, ports[0].Port.Counters.Dropped(Drop.Malformed));
    }

    [Fact]
    public void A_correction_too_large_stays_too_large_and_gives_no_sample()
    {
        var (master, slave, ports) = Chain(DelayMechanism.E2E);
        master.OnWire = message =>
        {
            if ((message[0] & 0xF) == (byte)MessageType.FollowUp)
            {
                PtpHeader.WriteCorrection(message, new(long.MaxValue));
            }
        };
        _network.RunUntil(10, [master, slave, .. ports]);

        Assert.Empty(slave.Syncs);
        Assert.NotEmpty(ports[1].Messages);
    }

    private static byte[] Management(PortIdentity target, ushort sequence)
    {
        byte[] message = new byte[ManagementBody.Size + Tlvs.Head + 2];
        new ManagementBody(target, 1, 1, ManagementAction.Get).Write(message, new() { Type = MessageType.Management, MinorVersion = 1, Length = (ushort)message.Length, Source = new(new(9), 1), Sequence = sequence });
        Tlvs.Begin(message.AsSpan(ManagementBody.Size), TlvType.Management, 2).Clear();
        return message;
    }

    /// <summary>A master, a transparent clock whose ports take up to 5 ms to send, and a slave.</summary>
    private (SimulatedPort Master, SimulatedPort Slave, SimulatedPort[] Ports) Chain(DelayMechanism mechanism, PortSettings? masters = null, bool third = false)
    {
        var master = New((masters ?? new()) with { DelayMechanism = mechanism, LogMinPdelayReqInterval = -1 }, new() { Identity = new(1), Priority1 = 1 });
        var slave = New(new() { DelayMechanism = mechanism, LogMinPdelayReqInterval = -1 }, new() { Identity = new(2), SlaveOnly = true });
        var instance = new PtpInstance(new() { Identity = new(0x1000), SlaveOnly = true }, ComparisonRule.Ieee1588, _random.NextDouble);
        var ports = Enumerable.Range(0, third ? 3 : 2).Select(_ =>
        {
            var port = new SimulatedPort(_network) { Instance = instance, Offset = Duration.FromSeconds(7L), Lies = () => Duration.FromSeconds(_random.NextDouble() * 5e-3) };
            port.Port = instance.AddPort(new() { Mode = PortMode.Transparent, DelayMechanism = mechanism, LogMinPdelayReqInterval = -1 }, port, port);
            return port;
        }).ToArray();
        ports[0].Join(master, 10e-6, 10e-6);
        ports[1].Join(slave, 20e-6, 20e-6);
        Array.ForEach(ports, port => port.Port.Start(_network.Boot));
        return (master, slave, ports);
    }

    private SimulatedPort New(PortSettings settings, DefaultDataSet own)
    {
        var port = new SimulatedPort(_network) { Instance = new(own, ComparisonRule.Ieee1588, _random.NextDouble) };
        port.Port = port.Instance.AddPort(settings, port, port);
        port.Port.Start(_network.Boot);
        return port;
    }
}
