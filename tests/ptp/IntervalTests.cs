namespace TimeSuite.Ptp.Tests;

/// <summary>Ports that do as the other end of their link wishes: its intervals (gPTP), its way to measure the delay (automatic).</summary>
public sealed class IntervalTests
{
    private static readonly PortSettings s_gptp = new()
    {
        DelayMechanism = DelayMechanism.P2P, LogSyncInterval = -3, SyncReceiptTimeout = 3, ForeignMasterThreshold = 1, HonorsIntervalRequests = true,
    };

    private readonly SimulatedNetwork _network = new();
    private readonly Random _random = new(1);

    [Fact]
    public void A_slave_that_has_the_time_asks_for_less_and_when_it_loses_it_for_as_much_as_in_the_beginning()
    {
        var (master, slave) = Pair(s_gptp, s_gptp with { OperationalIntervals = new(MessageIntervalRequest.Unchanged, 0, MessageIntervalRequest.Unchanged, MessageIntervalRequest.ComputeAll), LogOperationalPdelayReqInterval = 2 });
        _network.RunUntil(20, master, slave);
        Assert.InRange(Rate(slave, 10), 79, 81);

        slave.Port.Calibrated(true, _network.Boot);
        _network.RunUntil(32, master, slave);
        Assert.InRange(Rate(slave, 20), 19, 21);
        Assert.Equal((0, 2), (master.Port.LogSyncInterval, slave.Port.LogPdelayReqInterval));
        Assert.Equal(PortState.Slave, slave.Port.State); // Sync once a second is no silence: the time-out goes by what the master says

        slave.Port.Calibrated(false, _network.Boot);
        _network.RunUntil(_network.Now.Seconds + 1, master, slave);
        Assert.InRange(Rate(slave, 10), 79, 81);
    }

    [Theory]
    [InlineData(127, 0)] // none at all
    [InlineData(-128, 160)] // as it was
    [InlineData(126, 160)] // as configured
    [InlineData(1, 10)]
    [InlineData(-5, 640)] // the fastest that is allowed
    [InlineData(-6, 160)] // faster: not heeded
    [InlineData(100, 160)] // as good as dead: not heeded
    public void A_master_sends_as_it_is_asked_within_limits(int wish, int expected)
    {
        var (master, slave) = Pair(s_gptp with { SyncReceiptTimeout = 0 }, s_gptp with { SyncReceiptTimeout = 0 });
        _network.RunUntil(20, master, slave);
        Ask(master, slave, new(MessageIntervalRequest.Unchanged, (sbyte)wish, MessageIntervalRequest.Unchanged, 0));

        Assert.InRange(Rate(slave, 20), expected - 2, expected + 2);
    }

    [Fact]
    public void Who_was_stopped_goes_on_when_it_is_asked_to()
    {
        var (master, slave) = Pair(s_gptp with { SyncReceiptTimeout = 0 }, s_gptp with { SyncReceiptTimeout = 0 });
        _network.RunUntil(20, master, slave);
        Ask(master, slave, new(127, 127, 127, 0));
        _network.RunUntil(21, master, slave);
        int before = master.Messages.Count;
        Assert.InRange(Rate(slave, 10), 0, 0);
        Assert.DoesNotContain(master.Messages.Skip(before), message => (message[0] & 0xF) is (int)MessageType.Announce or (int)MessageType.PdelayReq);

        Ask(master, slave, new(126, 126, 126, 0));
        Assert.InRange(Rate(slave, 10), 79, 81);
    }

    [Fact]
    public void Outside_gptp_nobody_is_told_how_often_to_send()
    {
        var (master, slave) = Pair(s_gptp with { HonorsIntervalRequests = false }, s_gptp);
        _network.RunUntil(20, master, slave);
        Ask(master, slave, new(127, 127, 127, 0));

        Assert.InRange(Rate(slave, 10), 79, 81);
    }

    [Fact]
    public void An_automatic_port_measures_as_the_other_end_does()
    {
        var automatic = new PortSettings { DelayMechanism = DelayMechanism.Auto };
        var (master, slave) = Pair(new() { DelayMechanism = DelayMechanism.P2P }, automatic);
        _network.RunUntil(30, master, slave);

        Assert.Equal(DelayMechanism.P2P, slave.Port.Mechanism);
        Assert.Equal(100e-6, slave.PeerDelays[^1].MeanLinkDelay.Seconds, 9);
        Assert.NotNull(master.Port.MeanLinkDelay);
        int before = slave.Messages.Count;
        _network.RunUntil(60, master, slave);
        Assert.DoesNotContain(slave.Messages.Skip(before), message => (message[0] & 0xF) == (int)MessageType.DelayReq);

        slave.Port.Start(_network.Boot); // perhaps at another link now
        Assert.Equal(DelayMechanism.E2E, slave.Port.Mechanism);
    }

    [Fact]
    public void Two_automatic_ports_measure_end_to_end()
    {
        var automatic = new PortSettings { DelayMechanism = DelayMechanism.Auto };
        var (master, slave) = Pair(automatic, automatic);
        _network.RunUntil(30, master, slave);

        Assert.Equal((DelayMechanism.E2E, DelayMechanism.E2E), (master.Port.Mechanism, slave.Port.Mechanism));
        Assert.Equal(100e-6, slave.Measured().Delay.Seconds, 9);
    }

    private void Ask(SimulatedPort master, SimulatedPort slave, MessageIntervalRequest request)
    {
        byte[] message = new byte[SignalingBody.Size + MessageIntervalRequest.Size];
        SignalingBody.Write(message, new() { Type = MessageType.Signaling, Length = (ushort)message.Length, Source = slave.Port.Identity }, PortIdentity.All);
        request.Write(message.AsSpan(SignalingBody.Size));
        master.Port.Received(message, null, default, _network.Boot);
        _ports = [master, slave];
    }

    private SimulatedPort[] _ports = [];

    /// <summary>Syncs that come within so many seconds from now.</summary>
    private int Rate(SimulatedPort slave, double seconds)
    {
        int before = slave.Syncs.Count;
        _network.RunUntil(_network.Now.Seconds + seconds, _ports);
        return slave.Syncs.Count - before;
    }

    private (SimulatedPort Master, SimulatedPort Slave) Pair(PortSettings masterSettings, PortSettings slaveSettings)
    {
        var (master, slave) = (NewPort(0x1000, masterSettings, slaveOnly: false), NewPort(0x2000, slaveSettings, slaveOnly: true));
        master.Join(slave, 100e-6, 100e-6);
        _ports = [master, slave];
        return (master, slave);
    }

    private SimulatedPort NewPort(ulong clock, PortSettings settings, bool slaveOnly)
    {
        var port = new SimulatedPort(_network);
        port.Port = new PtpInstance(new() { Identity = new(clock), Priority1 = 100, SlaveOnly = slaveOnly }, ComparisonRule.Ieee1588, _random.NextDouble).AddPort(settings, port, port);
        port.Port.Start(_network.Boot);
        return port;
    }
}
