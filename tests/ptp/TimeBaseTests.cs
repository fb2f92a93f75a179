namespace TimeSuite.Ptp.Tests;

/// <summary>gPTP: what becomes of the grandmaster's time base (IEEE 802.1AS-2020 clauses 10.2.10, 11.4.4.3).</summary>
public sealed class TimeBaseTests
{
    private static readonly PortSettings s_gptp = new() { FollowUpInformation = true };

    private readonly SimulatedNetwork _network = new();
    private readonly Random _random = new(1);

    [Theory]
    [InlineData(0, "000000000000000000000000")]
    [InlineData(1, "000000000000000000010000")] // 1 ns is 2^16 of its units
    [InlineData(-1, "ffffffffffffffffffff0000")]
    [InlineData(86_400_000_000_000_000, "00000132f4579c9800000000")]
    public void A_phase_change_is_written_as_scaled_nanoseconds_and_read_again(long nanoseconds, string scaled)
    {
        byte[] octets = new byte[TimeBase.Size];
        var written = new TimeBase(0xABCD, Duration.FromNanoseconds(nanoseconds), FrequencyOffset.FromPpm(1));
        written.Write(octets);

        Assert.Equal("abcd" + scaled + "00218def", Convert.ToHexStringLower(octets));
        var read = TimeBase.Read(octets);
        Assert.Equal((ushort)0xABCD, read.Indicator);
        Assert.InRange((read.Phase - written.Phase).Seconds, -1e-17, 1e-17);
        Assert.Equal(1, read.Frequency.Ppm, 6);
    }

    [Fact]
    public void A_phase_change_that_no_grandmaster_can_have_made_is_read_as_it_is()
    {
        byte[] octets = new byte[TimeBase.Size];
        octets.AsSpan(2, 12).Fill(0xFF);
        octets[2] = 0x7F; // 2^79 ns
        byte[] again = new byte[TimeBase.Size];
        TimeBase.Read(octets).Write(again);

        Assert.Equal(octets, again);
        Assert.Equal(604_462_909_807_314, TimeBase.Read(octets).Phase.WholeSeconds);
    }

    [Fact]
    public void What_is_longer_than_can_be_written_is_written_as_the_longest()
    {
        byte[] octets = new byte[TimeBase.Size];
        new TimeBase(0, Duration.FromSeconds(-1_000_000_000_000_000L), FrequencyOffset.Zero).Write(octets);

        Assert.Equal("0000" + "800000000000000000000000" + "00000000", Convert.ToHexStringLower(octets));
    }

    [Fact]
    public void A_grandmaster_whose_clock_is_stepped_counts_it_up_and_tells_by_how_much()
    {
        var master = NewPort(1, new() { Identity = default, Priority1 = 10 });
        var slave = NewPort(2, new() { Identity = default });
        master.Join(slave, 1e-6, 1e-6);
        master.Steps = (7, Duration.FromSeconds(3L)); // of before it served: nobody's business
        _network.RunUntil(20, master, slave);
        Assert.Equal(default, Last(master).Base);

        master.Steps = (8, Duration.FromSeconds(2.5));
        _network.RunUntil(25, master, slave);
        Assert.Equal(new(1, Duration.FromSeconds(-0.5), FrequencyOffset.Zero), Last(master).Base);
        Assert.Equal(Last(master).Base, slave.Instance.TimeBase);
        Assert.Equal(Last(master), slave.Instance.Told);
    }

    [Fact]
    public void A_bridge_hands_on_its_grandmasters_time_base_whatever_its_own_clock_does()
    {
        var master = NewPort(1, new() { Identity = default, Priority1 = 10 });
        var bridge = new PtpInstance(new() { Identity = new(2), Priority1 = 20 }, ComparisonRule.Ieee1588, _random.NextDouble);
        var (up, down) = (On(bridge), On(bridge));
        var slave = NewPort(3, new() { Identity = default });
        master.Join(up, 1e-6, 1e-6);
        down.Join(slave, 1e-6, 1e-6);
        _network.RunUntil(20, master, up, down, slave);
        (up.Steps, down.Steps) = ((1, Duration.FromSeconds(9L)), (1, Duration.FromSeconds(9L)));
        master.Steps = (1, Duration.FromSeconds(0.25));
        _network.RunUntil(30, master, up, down, slave);

        Assert.Equal(new(1, Duration.FromSeconds(0.25), FrequencyOffset.Zero), Last(down).Base);
        Assert.Equal(master.Port.Identity.Clock, slave.Instance.Parent.Grandmaster);

        // It takes the grandmaster's place: what it is off by then is the change.
        bridge.Current = new(TimeInterval.FromNanoseconds(1_500), TimeInterval.Zero);
        master.Passes = _ => false;
        _network.RunUntil(60, master, up, down, slave);
        Assert.True(bridge.IsGrandmaster);
        Assert.Equal(1.5e-6, Last(down).Base.Phase.Seconds, 12);
        Assert.Equal(0, Last(down).Base.Indicator); // its own
    }

    private static FollowUpInformation Last(SimulatedPort port)
    {
        byte[] followUp = port.Messages.Last(message => (message[0] & 0xF) == (byte)MessageType.FollowUp);
        Assert.True(PtpHeader.TryParse(followUp, out var header));
        Assert.True(FollowUpInformation.TryFind(followUp, header, out var information));
        return information;
    }

    private SimulatedPort NewPort(ulong identity, DefaultDataSet own) => On(new(own with { Identity = new(identity) }, ComparisonRule.Ieee1588, _random.NextDouble));

    private SimulatedPort On(PtpInstance instance)
    {
        var port = new SimulatedPort(_network) { Instance = instance };
        port.Port = instance.AddPort(s_gptp, port, port);
        port.Port.Start(_network.Boot);
        return port;
    }
}
