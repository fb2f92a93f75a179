namespace TimeSuite.Ptp.Tests;

/// <summary>Messages that anybody can send who is on the network: they make no port wait, and none ask less often.</summary>
public sealed class StrangersTests
{
    private readonly SimulatedNetwork _network = new();
    private readonly Random _random = new(1);

    [Fact]
    public void Announces_of_ever_other_names_keep_no_port_from_becoming_master()
    {
        var port = NewPort(1, new(), new() { Identity = default });
        Strangers(port, 10);

        Assert.Equal(PortState.Master, port.Port.State);
        Assert.InRange(port.States.Count, 2, 3); // it listened, and was master
    }

    /// <summary>A clock of class 6 follows nobody: beside a better one it is passive, until that one falls silent.</summary>
    [Fact]
    public void Announces_of_ever_other_names_keep_no_port_passive()
    {
        var better = NewPort(9, new(), new() { Identity = default, Priority1 = 1, Quality = new(6, ClockAccuracy.Within25Ns, 0) });
        var port = NewPort(1, new(), new() { Identity = default, Quality = new(6, ClockAccuracy.Within25Ns, 0) });
        better.Join(port, 1e-6, 1e-6);
        _network.RunUntil(20, better, port);
        Assert.Equal(PortState.Passive, port.Port.State);

        long before = port.Port.Counters.AnnounceTimeouts;
        Strangers(port, 12);
        Assert.Equal((PortState.Master, before + 1), (port.Port.State, port.Port.Counters.AnnounceTimeouts));
    }

    /// <summary>It is heard for the first time just before the others would have been waited for long enough.</summary>
    [Theory]
    [InlineData(3.5)]
    [InlineData(5.5)]
    public void A_port_that_has_just_heard_a_better_one_waits_for_its_second_announce(double start)
    {
        var port = NewPort(1, new(), new() { Identity = default });
        _network.RunUntil(start, port);
        var better = NewPort(9, new() { Role = PortRole.Master }, new() { Identity = default, Priority1 = 1 });
        better.Join(port, 1e-6, 1e-6);
        _network.RunUntil(30, port, better);

        Assert.DoesNotContain(PortState.Master, port.States);
        Assert.Equal(better.Port.Identity, port.Port.Followed);
    }

    /// <summary>It knows the names of both ports, but no number of a request that waits.</summary>
    [Fact]
    public void A_forged_response_to_nothing_makes_a_slave_ask_no_slower()
    {
        var (master, slave) = Pair();
        _network.RunUntil(20, master, slave);
        byte[] response = new byte[ResponseBody.Size];
        new ResponseBody(default, slave.Port.Identity).Write(response, new() { Type = MessageType.DelayResp, Length = ResponseBody.Size, Source = master.Port.Identity, Sequence = 30_000, LogInterval = 7 }, -1);
        slave.Port.Received(response, null, default, _network.Boot);

        Assert.Equal(0, slave.Port.LogDelayReqInterval);
        Assert.Equal(1, slave.Port.Counters.Dropped(Drop.Unmatched));
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(8, 0)] // 256 s: a slave would seem dead
    public void A_master_makes_a_slave_ask_no_slower_than_every_128_s(sbyte told, sbyte taken)
    {
        var (master, slave) = Pair();
        master.OnWire = message =>
        {
            if ((MessageType)(message[0] & 0xF) == MessageType.DelayResp)
            {
                message[33] = (byte)told;
            }
        };
        _network.RunUntil(30, master, slave);

        Assert.NotEmpty(slave.Delays);
        Assert.Equal(taken, slave.Port.LogDelayReqInterval);
    }

    /// <summary>Once a second, each of a clock that is heard but once, and would be the best.</summary>
    private void Strangers(SimulatedPort port, int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            var stranger = new PortIdentity(new(0x5000 + (ulong)i), 1);
            byte[] announce = new byte[AnnounceBody.Size];
            new AnnounceBody { Grandmaster = stranger.Clock, Quality = new(6, ClockAccuracy.Within25Ns, 0) }.Write(announce, new() { Type = MessageType.Announce, Length = AnnounceBody.Size, Source = stranger, LogInterval = 1 });
            port.Port.Received(announce, null, default, _network.Boot);
            _network.RunUntil(_network.Now.Seconds + 1, port);
        }
    }

    private (SimulatedPort Master, SimulatedPort Slave) Pair()
    {
        var master = NewPort(0x1000, new(), new() { Identity = default, Priority1 = 100 });
        var slave = NewPort(0x2000, new(), new() { Identity = default, SlaveOnly = true });
        master.Join(slave, 100e-6, 100e-6);
        return (master, slave);
    }

    private SimulatedPort NewPort(ulong clock, PortSettings settings, DefaultDataSet own) => _network.NewPort(clock, settings, own, _random.NextDouble);
}
