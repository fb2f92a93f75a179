namespace TimeSuite.Ptp.Tests;

/// <summary>Sync in one step: the hardware writes its time into it as it leaves.</summary>
public sealed class OneStepTests
{
    private readonly SimulatedNetwork _network = new();

    [Fact]
    public void A_slave_measures_a_master_in_one_step_without_any_follow_up()
    {
        var (master, slave) = Pair();
        master.OneStep = message => PtpTimestamp.Write(message.AsSpan(PtpHeader.Size), new(SimulatedNetwork.Epoch + _network.Now));
        slave.Offset = Duration.FromSeconds(0.25);
        _network.RunUntil(30, master, slave);

        Assert.DoesNotContain(master.Messages, message => message[0] == (byte)MessageType.FollowUp);
        var (offset, delay) = slave.Measured();
        Assert.InRange(offset.Seconds, 0.25 - 1e-9, 0.25 + 1e-9); // the hardware writes whole ns
        Assert.InRange(delay.Seconds, 100e-6 - 1e-9, 100e-6 + 1e-9);
        Assert.Equal(0, master.Port.Counters.StampsLost);
    }

    [Fact]
    public void A_mix_of_steps_from_one_master_is_joined_rightly()
    {
        var (master, slave) = Pair();
        master.OneStep = message =>
        {
            if (message[31] % 2 == 0)
            {
                PtpTimestamp.Write(message.AsSpan(PtpHeader.Size), new(SimulatedNetwork.Epoch + _network.Now));
                return;
            }

            message[6] |= 2; // this hardware missed it: two steps, and the Follow_Up comes from elsewhere
            byte[] follow = [.. message];
            follow[0] = (byte)MessageType.FollowUp;
            follow[6] &= 0xFD;
            PtpTimestamp.Write(follow.AsSpan(PtpHeader.Size), new(SimulatedNetwork.Epoch + _network.Now));
            slave.Port.Received(follow, null, default, _network.Boot);
        };
        _network.RunUntil(30, master, slave);

        Assert.Contains(slave.Syncs, pair => pair.Sequence % 2 == 0);
        Assert.Contains(slave.Syncs, pair => pair.Sequence % 2 == 1);
        Assert.All(slave.Syncs, pair => Assert.InRange((pair.Received.SinceEpoch - pair.Sent.SinceEpoch).Seconds, 100e-6 - 1e-9, 100e-6 + 1e-9));
    }

    [Fact]
    public void In_one_step_what_lies_between_stamp_and_plug_is_in_the_correction()
    {
        var (master, slave) = (New(1, new() { OneStepSync = true, EgressLatency = Duration.FromNanoseconds(3_000) }, false), New(2, new(), true));
        master.Join(slave, 103e-6, 100e-6);
        master.OneStep = message => PtpTimestamp.Write(message.AsSpan(PtpHeader.Size), new(SimulatedNetwork.Epoch + _network.Now));
        _network.RunUntil(30, master, slave);

        Assert.NotEmpty(slave.Syncs);
        Assert.All(slave.Syncs, pair => Assert.InRange((pair.Received.SinceEpoch - pair.Sent.SinceEpoch).Seconds, 100e-6 - 1e-9, 100e-6 + 1e-9));
    }

    private (SimulatedPort Master, SimulatedPort Slave) Pair()
    {
        var (master, slave) = (New(1, new() { OneStepSync = true }, false), New(2, new(), true));
        master.Join(slave, 100e-6, 100e-6);
        return (master, slave);
    }

    private SimulatedPort New(ulong clock, PortSettings settings, bool slaveOnly)
    {
        var port = new SimulatedPort(_network) { Instance = new(new() { Identity = new(clock), SlaveOnly = slaveOnly }, ComparisonRule.Ieee1588, () => 0.5) };
        port.Port = port.Instance.AddPort(settings, port, port);
        port.Port.Start(_network.Boot);
        return port;
    }
}
