namespace TimeSuite.Ptp.Tests;

/// <summary>Rogue grandmasters, and good ones gone mad (threats.md rows 69, 70, 80, 81).</summary>
public sealed class TrustTests
{
    private static readonly PortSettings s_guarded = new() { MaxJump = Duration.FromSeconds(0.5), JumpConfirmation = Duration.FromSeconds(60L) };

    private readonly SimulatedNetwork _network = new();
    private readonly Random _random = new(1);

    [Theory]
    [InlineData(37)] // UTC told as TAI
    [InlineData(-37)]
    [InlineData(-1_800_000_000)] // a receiver that woke up in 1970
    [InlineData(0.6)]
    public void A_time_that_jumps_is_not_used_until_it_is_back(double jump)
    {
        var (master, slave) = Pair(s_guarded);
        _network.RunUntil(20, master, slave);
        int before = slave.Syncs.Count, delays = slave.Delays.Count;
        master.Error = Duration.FromSeconds(jump);
        _network.RunUntil(50, master, slave);

        Assert.Equal(before, slave.Syncs.Count);
        Assert.InRange(slave.Delays.Count - delays, 0, 3); // until the first Sync of it came
        Assert.Equal(jump, slave.Port.Jump!.Value.Seconds, 3);
        Assert.Equal([JumpNews.Jumped], slave.Jumps);
        Assert.InRange(slave.Port.Counters.Dropped(Drop.Jumped), 29, 31);

        master.Error = Duration.Zero;
        _network.RunUntil(60, master, slave);
        Assert.Null(slave.Port.Jump);
        Assert.InRange(slave.Syncs.Count - before, 9, 11);
        Assert.Equal([JumpNews.Jumped, JumpNews.Returned], slave.Jumps);
    }

    [Fact]
    public void A_jump_that_lasts_is_confirmed_and_one_that_goes_on_jumping_is_not()
    {
        var (master, slave) = Pair(s_guarded);
        _network.RunUntil(20, master, slave);
        int before = slave.Syncs.Count;
        for (int n = 1; n <= 5; n++)
        {
            master.Error = Duration.FromSeconds(n * 10L);
            _network.RunUntil(20 + n * 40, master, slave);
        }

        Assert.Equal(before, slave.Syncs.Count);
        _network.RunUntil(250, master, slave);
        Assert.Null(slave.Port.Jump);
        Assert.InRange(slave.Syncs.Count - before, 9, 11); // 60 s after the last one, at 180 s
        Assert.Equal([.. Enumerable.Repeat(JumpNews.Jumped, 5), JumpNews.Confirmed], slave.Jumps);
    }

    [Fact]
    public void Another_grandmaster_has_to_show_the_same_time()
    {
        var (master, slave) = Pair(s_guarded);
        var rogue = NewPort(0x0001, new(), new() { Identity = default, Priority1 = 0, Quality = new(6, ClockAccuracy.Within25Ns, 0) });
        rogue.Error = Duration.FromSeconds(3_600L);
        _network.RunUntil(20, master, slave);
        int before = slave.Syncs.Count;
        rogue.Join(slave, 100e-6, 100e-6);
        rogue.Join(master, 100e-6, 100e-6);
        rogue.Port.Start(_network.Boot);
        _network.RunUntil(60, master, slave, rogue);

        Assert.Equal(rogue.Port.Identity, slave.Port.Followed); // by the rules of the standard it is the best
        Assert.InRange(slave.Syncs.Count - before, 0, 15); // but what it says is not used
        Assert.All(slave.Syncs, pair => Assert.Equal(100e-6, (pair.Received.SinceEpoch - pair.Sent.SinceEpoch).Seconds, 6));
        Assert.Equal(3_600, slave.Port.Jump!.Value.Seconds, 3);
    }

    [Fact]
    public void Another_grandmaster_on_another_port_has_to_show_the_same_time()
    {
        var master = NewPort(0x1000, new(), new() { Identity = default, Priority1 = 100 });
        var rogue = NewPort(0x0001, new(), new() { Identity = default, Priority1 = 0 });
        var instance = new PtpInstance(new() { Identity = new(0x2000), SlaveOnly = true }, ComparisonRule.Ieee1588, _random.NextDouble);
        var (one, other) = (new SimulatedPort(_network), new SimulatedPort(_network));
        foreach (var port in new[] { one, other })
        {
            port.Port = instance.AddPort(s_guarded, port, port);
            port.Port.Start(_network.Boot);
        }

        master.Join(one, 100e-6, 100e-6);
        _network.RunUntil(20, master, one, other);
        int before = one.Syncs.Count;
        Assert.NotEqual(0, before);

        rogue.Error = Duration.FromSeconds(1L);
        rogue.Join(other, 100e-6, 100e-6);
        _network.RunUntil(60, master, rogue, one, other);
        Assert.Equal((null, rogue.Port.Identity), (one.Port.Followed, other.Port.Followed));
        Assert.Empty(other.Syncs);
        Assert.Equal([JumpNews.Jumped], other.Jumps);
        Assert.Equal((null, 1), (one.Port.Jump, Math.Round(other.Port.Jump!.Value.Seconds, 3)));

        rogue.Passes = _ => false;
        _network.RunUntil(100, master, rogue, one, other);
        Assert.Equal(master.Port.Identity, one.Port.Followed); // and that one is believed as before
        Assert.Equal([JumpNews.Returned], one.Jumps);
        Assert.True(one.Syncs.Count > before + 10);
    }

    /// <summary>Without an election each port has a master of its own.</summary>
    [Fact]
    public void Two_static_slaves_of_one_instance_do_not_judge_each_others_masters()
    {
        var settings = s_guarded with { Role = PortRole.Slave };
        var instance = new PtpInstance(new() { Identity = new(0x2000) }, ComparisonRule.Ieee1588, _random.NextDouble);
        SimulatedPort[] slaves = [new(_network), new(_network)];
        var masters = slaves.Select((slave, i) =>
        {
            slave.Port = instance.AddPort(settings, slave, slave);
            slave.Port.Start(_network.Boot);
            var master = NewPort(0x1000 + (ulong)i, new() { Role = PortRole.Master, InhibitAnnounce = true }, new() { Identity = default });
            master.Error = Duration.FromSeconds(10L * i);
            master.Join(slave, 100e-6, 100e-6);
            return master;
        }).ToList();
        _network.RunUntil(20, [.. masters, .. slaves]);

        Assert.All(slaves, slave => Assert.InRange(slave.Syncs.Count, 19, 21));
        Assert.All(slaves, slave => Assert.Empty(slave.Jumps));
    }

    [Fact]
    public void A_better_rogue_that_is_not_on_the_list_is_not_heard_at_all()
    {
        var (master, slave) = Pair(new() { AcceptableGrandmasters = new HashSet<ClockIdentity> { new(0x1000) } });
        var rogue = NewPort(0x0001, new(), new() { Identity = default, Priority1 = 0, Quality = new(6, ClockAccuracy.Within25Ns, 0) });
        rogue.Join(slave, 100e-6, 100e-6);
        _network.RunUntil(60, master, slave, rogue);

        Assert.Equal(master.Port.Identity, slave.Port.Followed);
        Assert.True(slave.Port.Counters.Dropped(Drop.NotAcceptable) > 20);
    }

    [Fact]
    public void A_master_of_a_worse_class_than_is_asked_for_is_not_followed()
    {
        var (master, slave) = Pair(new() { MaxClockClass = 7 }); // the master has 248
        _network.RunUntil(30, master, slave);
        Assert.Equal(PortState.Listening, slave.Port.State);

        var instance = master.Port.Instance;
        instance.Default = instance.Default with { Quality = new(6, ClockAccuracy.Within100Ns, 0x4E5D) };
        instance.Decide(_network.Boot);
        _network.RunUntil(60, master, slave);
        Assert.Equal(master.Port.Identity, slave.Port.Followed);

        instance.Default = instance.Default with { Quality = new(52, ClockAccuracy.Within100Ns, 0x4E5D) };
        instance.Decide(_network.Boot);
        _network.RunUntil(90, master, slave);
        Assert.Null(slave.Port.Followed); // it has lost its reference, and says so
    }

    [Fact]
    public void A_host_that_slept_and_a_host_that_is_busy_see_no_jump()
    {
        var guard = new JumpGuard(Duration.FromSeconds(0.5), Duration.FromSeconds(60L));
        bool Passes(double master, double stamp, double boot, ushort line = JumpGuard.SoftwareLine) =>
            guard.Passes(new(1, new(Duration.FromSeconds(master)), new(Duration.FromSeconds(stamp)), Duration.Zero, 0), line, new(Duration.FromSeconds(boot)), out _);

        Assert.True(Passes(0, 0, 0));
        Assert.True(Passes(100, 1, 100)); // CLOCK_MONOTONIC_RAW stood still
        Assert.True(Passes(101, 50, 101)); // the PHC was stepped
        Assert.True(Passes(102, 51, 110)); // the message lay about for 8 s
        Assert.True(Passes(86_502, 86_451, 86_510 + 10)); // a day of silence, 115 ppm of drift
        Assert.False(Passes(86_504, 86_452, 86_521));
        Assert.False(Passes(86_604, 86_452 + 102, 86_522, line: 1)); // by chance the other port's clock would agree with it
        Assert.True(Passes(86_505, -5, 86_523, line: 1)); // it was never set, but by the boot clock nothing has jumped
        Assert.True(Passes(86_506, -4, 86_540, line: 1));
    }

    [Fact]
    public void Two_grandmasters_that_are_the_better_one_by_turns_give_no_wrong_sample()
    {
        var (first, slave) = Pair(s_guarded);
        var second = NewPort(0x1001, new(), new() { Identity = default, Priority1 = 110 });
        second.Join(slave, 50e-6, 50e-6);
        second.Join(first, 80e-6, 80e-6);
        for (int second1 = 0; second1 < 300; second1++)
        {
            _network.RunUntil(second1, first, second, slave);
            var instance = first.Port.Instance;
            instance.Default = instance.Default with { Priority1 = (byte)(second1 % 2 == 0 ? 100 : 120) };
            instance.Decide(_network.Boot);
        }

        // Whoever is followed, each pair is of one master: by its own path and no other's.
        Assert.All(slave.Syncs, pair => Assert.Contains(Math.Round((pair.Received.SinceEpoch - pair.Sent.SinceEpoch).Seconds * 1e6, 3), (double[])[50, 100]));
        Assert.Empty(slave.Jumps);
        Assert.True(slave.Syncs.Count > 100);
    }

    private (SimulatedPort Master, SimulatedPort Slave) Pair(PortSettings slaveSettings)
    {
        var master = NewPort(0x1000, new(), new() { Identity = default, Priority1 = 100 });
        var slave = NewPort(0x2000, slaveSettings, new() { Identity = default, SlaveOnly = true });
        master.Join(slave, 100e-6, 100e-6);
        return (master, slave);
    }

    private SimulatedPort NewPort(ulong clock, PortSettings settings, DefaultDataSet own) => _network.NewPort(clock, settings, own, _random.NextDouble);
}
