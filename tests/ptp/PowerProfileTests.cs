namespace TimeSuite.Ptp.Tests;

public sealed class PowerProfileTests
{
    private readonly SimulatedNetwork _network = new();
    private readonly Random _random = new(1);

    /// <summary>Octets by hand from IEEE C37.238-2011 table 4 and 2017 table 7.</summary>
    [Fact]
    public void The_tlv_is_written_as_each_edition_says()
    {
        byte[] old = new byte[PowerProfile.Size], young = new byte[PowerProfile.Size];
        new PowerProfile(PowerProfileVersion.Year2011, 0x00FE, Duration.FromNanoseconds(50), Duration.FromNanoseconds(200)).Write(old);
        new PowerProfile(PowerProfileVersion.Year2017, 0x00FE, Duration.FromNanoseconds(50), Duration.FromNanoseconds(200)).Write(young);

        Assert.Equal([0, 3, 0, 18, 0x1C, 0x12, 0x9D, 0, 0, 1, 0, 0xFE, 0, 0, 0, 50, 0, 0, 0, 200, 0, 0], old);
        Assert.Equal([0, 3, 0, 18, 0x1C, 0x12, 0x9D, 0, 0, 2, 0, 0xFE, 0, 0, 0, 0, 0, 0, 0, 250, 0, 0], young);
    }

    [Theory]
    [InlineData(PowerProfileVersion.Year2011)]
    [InlineData(PowerProfileVersion.Year2017)]
    public void The_inaccuracy_grows_from_clock_to_clock(PowerProfileVersion version)
    {
        var settings = new PortSettings { DelayMechanism = DelayMechanism.P2P, LogAnnounceInterval = 0, Power = new(version, 7, Duration.Zero, Duration.FromNanoseconds(100)) };
        var master = NewPort(settings, new() { Identity = new(0x1000), Priority1 = 100 });
        master.Port.Instance.OwnInaccuracy = Duration.FromNanoseconds(40);
        var front = new SimulatedPort(_network);
        var boundary = new PtpInstance(new() { Identity = new(0x2000) }, ComparisonRule.Ieee1588, _random.NextDouble);
        front.Port = boundary.AddPort(settings with { Power = settings.Power!.Value with { GrandmasterId = 9 } }, front, front);
        var back = new SimulatedPort(_network);
        back.Port = boundary.AddPort(settings with { Power = settings.Power!.Value with { GrandmasterId = 9 } }, back, back);
        front.Port.Start(_network.Boot);
        back.Port.Start(_network.Boot);
        var slave = NewPort(settings, new() { Identity = new(0x3000), SlaveOnly = true });
        master.Join(front, 1e-6, 1e-6);
        back.Join(slave, 1e-6, 1e-6);
        _network.RunUntil(60, master, front, back, slave);

        Assert.Equal(front.Port.Identity.Clock, slave.Port.Followed?.Clock);
        Assert.Equal((7, 140), (boundary.Power!.Value.GrandmasterId, (int)Math.Round(boundary.Power.Value.Inaccuracy.Seconds * 1e9)));
        Assert.Equal((version, 7, 240), (slave.Port.Instance.Power!.Value.Version, slave.Port.Instance.Power.Value.GrandmasterId, (int)Math.Round(slave.Port.Instance.Power.Value.Inaccuracy.Seconds * 1e9)));
    }

    private SimulatedPort NewPort(PortSettings settings, DefaultDataSet own)
    {
        var port = new SimulatedPort(_network);
        port.Port = new PtpInstance(own, ComparisonRule.Ieee1588, _random.NextDouble).AddPort(settings, port, port);
        port.Port.Start(_network.Boot);
        return port;
    }
}
