using TimeSuite.Discipline;
using TimeSuite.Ptp;

namespace TimeSuite.Simulation;

/// <summary>linuxptp's suite as far as it means something to us, and the threats to PTP of reference/threats.md. 31 to 37 that are about messages and keys are in tests/ptp.</summary>
public static partial class Scenarios
{
    private const double Forever = double.PositiveInfinity;

    private static Scenario[] Ptp =>
    [
        PtpChecked("ptp-defaults", "linuxptp 01: a grandmaster and two slaves, stamps of hardware", s_ptp),
        PtpChecked("ptp-software-stamps", "linuxptp 02: 50 us away, jitter of 10 us; ntpd steers", s_ptpSoftware with { Limit = 1000 }, timeMax: 2e-5, timeRms: 2e-6, freqRms: 1e-5),
        PtpChecked("ptp-software-stamps-kernel", "the same by the kernel's loop", s_ptpSoftware with { Limit = 1000, Actuator = Actuator.Kernel }, timeMax: 2e-5, timeRms: 2e-6, freqRms: 1e-5),
        PtpChecked("ptp-peer-delays", "linuxptp 03: peer to peer, a link to each slave", s_ptp.With(p => p with { Delay = DelayMechanism.P2P })),
        PtpChecked("ptp-ten-clocks", "linuxptp 04: nine slaves", s_ptp.With(p => p with { Slaves = 9 })),
        PtpChecked("ptp-class", "linuxptp 05: two grandmasters, the one of the better class is far off", Built, Two(new(7, ClockAccuracy.Within100Ns, 0xFFFF), 128)),
        PtpChecked("ptp-priority", "linuxptp 05: two grandmasters, the first one's priority is lower", Built, Two(new(6, ClockAccuracy.Within25Ns, 0xFFFF), 200)),
        PtpChecked("ptp-better-master-late", "linuxptp 07: a better grandmaster comes after 200 s", Built, Late).Expect("the better one is followed", run => run.World.Nodes[1].Instance.Parent.Grandmaster == run.World.Nodes[2].Instance.Default.Identity),
        PtpChecked("ptp-slave-only", "linuxptp 06: after the grandmaster is gone, nobody takes its place", s_ptp with { LinkDies = 250 }, timeMax: 2e-5, timeRms: 5e-6).Expect("nobody serves", run => run.World.Nodes.Skip(1).All(node => !node.Ports.Any(port => port.Port.State == PortState.Master))),
        PtpChecked("ptp-fast-oscillator", "linuxptp 08: 9 % fast", s_ptp with { Frequency = 0.09 }),
        PtpChecked("ptp-slow-oscillator", "linuxptp 08: 9 % slow", s_ptp with { Frequency = -0.09 }),
        PtpChecked("ptp-far-ahead", "linuxptp 09: 10^9 s ahead", s_ptp with { Offset = 1e9 }),
        PtpChecked("ptp-far-behind", "linuxptp 09: 10^9 s behind", s_ptp with { Offset = -1e9 }),
        PtpChecked("ptp-slewed", "linuxptp 10: 10 s off, no step, slewed at 3 %", s_ptp.With(p => p with { FirstStep = Forever, MaxSlew = 0.03 }) with { Offset = 10, Limit = 1000 }, sync: 400),
        .. ((sbyte[])[-4, -3, -2, -1, 1, 2, 3, 4]).Select(log => PtpChecked(
            $"ptp-sync-interval{(log > 0 ? "+" : "")}{log}", "linuxptp 11: so many seconds from Sync to Sync, log2",
            s_ptp.With(p => p with { LogSync = log, LogDelay = log }) with { Limit = 500 * Math.Max(Math.Pow(2, log), 0.5) }, sync: 40 * Math.Max(Math.Pow(2, log), 1))),
        PtpChecked(
            "ptp-sequence-rollover", "linuxptp 13, threat 72: the sequence number runs over 100 s after the slave has come, Follow_Ups come half a second late",
            s_ptp.With(p => p with { Slaves = 1, LogSync = -4, LogDelay = -1, StartAt = 4000 }) with { Limit = 4200 }, world => world.Lan!.Hold = (header, _, _, _) => header.Type == MessageType.FollowUp ? 0.5 : 0, sync: 4040)
            .Expect("Syncs sent", run => run.World.Nodes[0].Ports[0].Port.Counters.Sent(MessageType.Sync), ushort.MaxValue + 1000, ushort.MaxValue + 2000)
            .Expect("locked, and not held over", run => run.World.Nodes[1].Outcome is { State: PhcState.Locked }),
        PtpChecked("ptp-boundary-clocks", "linuxptp 14: seven boundary clocks in a row", Built with { Limit = 600 }, Chain, sync: 100, timeMax: 8e-6, timeRms: 8e-7),
        PtpChecked("ptp-jitter", "linuxptp 15: jitter of 0.1 s", s_ptp with { Jitter = 0.1, Limit = 2000 }, sync: 400, timeMax: 1e-2, timeRms: 3e-3, freqMax: 2e-3, freqRms: 1e-4),
        PtpChecked("ptp-wander", "linuxptp 16: wander of 1e-4, a hundred thousand times a crystal's", s_ptp with { Wander = 1e-4, Limit = 500 }, sync: 60, timeMax: 2e-3, timeRms: 3e-4, freqMax: 5e-3, freqRms: 3e-4),
        PtpChecked("ptp-external-step", "linuxptp 19: somebody steps the PHC by 100 s", s_ptp, world => world.At(250.3, () => world.Nodes[1].Phc.Meddle(100)), sync: 270),
        PtpChecked("ptp-external-step-told", "the same, and clockd says so", s_ptp, world => world.At(250.3, () => world.Nodes[1].MeddleSeen(100)), sync: 256),
        PtpChecked("ptp-passive-ports", "linuxptp 22: two boundary clocks on the same two networks", Built, Ring).Expect("ports that are passive", run => run.World.Nodes.Sum(node => node.Ports.Count(port => port.Port.State == PortState.Passive)), 1, 1),
        .. ((double[])[1e-6, 1e-4, 1e-2]).Select(length => PtpChecked(
            FormattableString.Invariant($"ptp-base-delay-{length:G}"), "linuxptp 23: so many seconds away", s_ptp with { Base = length })),
        PtpChecked("ptp-telecom", "linuxptp 25, 30: two grandmasters with a reference; G.8275 goes by local priority, then by distance", Built, Telecom),
        PtpChecked("ptp-transparent-clock", "linuxptp 26: a transparent clock in which messages lie for 100 us", Built, Transparent),
        PtpChecked("ptp-master-only", "linuxptp 27: a port that never follows hears a better master", Built, MasterOnly),
        PtpChecked("ptp-hybrid", "linuxptp 28: Delay_Req and its answer by unicast", Built, Pair(own => own, own => own with { UnicastDelay = true })),
        PtpChecked("ptp-leap-second", "linuxptp 31: a leap second; TAI knows none", s_ptp with { Start = 1_798_761_300, Leap = Time.LeapSecond.Insert }),
        PtpChecked("ptp-leap-second-software", "a leap second in the system's clock, by the grandmaster's word and the table", s_ptpSoftware with { Limit = 1000, Start = 1_798_761_300 - 200, Leap = Time.LeapSecond.Insert, LeapTable = true }, timeMax: 2e-5, timeRms: 2e-6, freqRms: 1e-5),
        PtpChecked("ptp-path-loss", "a tenth of all messages is lost", s_ptp with { LossUp = 0.1, LossDown = 0.1 }),
        PtpChecked("ptp-lost-stamps", "threat 77: a tenth of all stamps is missing, a tenth comes 10 ms late", s_ptp with { StampLoss = 0.1, StampLate = 0.1 }),
        PtpChecked("ptp-lost-follow-ups", "threat 72: a third of the Follow_Ups is lost", s_ptp, world => Lose(world, MessageType.FollowUp)),
        PtpChecked("ptp-lost-answers", "a third of the Delay_Resps is lost", s_ptp, world => Lose(world, MessageType.DelayResp)),
        PtpChecked("ptp-link-flaps", "the network is away for 10 of each 50 s", s_ptp, world => world.Lan!.Hold = (_, _, _, now) => now > 40 && now % 50 < 10 ? null : 0),
        PtpChecked("ptp-rogue-grandmaster", "threat 69: a grandmaster of priority 0, a second off; only ours is acceptable", Built.With(p => p with { Grandmasters = [0] }), Rogue),
        PtpChecked("ptp-rogue-jump", "threat 69: the same without a list, but a jump beyond 1 ms is held back for ten minutes", Built.With(p => p with { MaxJump = 1e-3 }), Rogue, timeMax: 2e-5, timeRms: 5e-6),
        PtpChecked("ptp-masters-alternate", "threat 70: the better of two grandmasters speaks for 10 s and is silent for 10 s", Built.With(p => p with { LogAnnounce = -1 }), Alternate)
            .Expect("steps", run => run.Figures.Steps, 1),
        PtpChecked("ptp-asymmetry", "the way back takes 80 ns longer than the way out: within the bound", s_ptp with { BaseAsymmetry = 0.2 }),
        PtpChecked("ptp-pauses", "ptpd is stopped for half a second each 20 s", s_ptp, world => world.Every(20, 50, () => world.Nodes[1].Pause(0.5))),
    ];

    /// <summary>A PTP network that a script makes.</summary>
    private static Setup Built => s_ptp.With(p => p with { Slaves = 0 });

    private static Setup With(this Setup setup, Func<PtpSetup, PtpSetup> change) => setup with { Ptp = change(setup.Ptp) };

    /// <summary>linuxptp's check with its limits, for the clock that is judged and, at the end, for all that follow; and that nothing wrong is claimed.</summary>
    private static Scenario PtpChecked(
        string name, string endures, Setup setup, Action<World>? script = null, double sync = 40, double timeMax = 2e-6, double timeRms = 1e-6, double freqMax = 2e-6, double freqRms = 1e-6, double inside = 0.999, double? oneRun = null) =>
        new Scenario(name, endures) { Setup = setup with { From = sync }, Script = script ?? (_ => { }) }
            .Expect("time until synchronised, s", run => run.Score.GoodFrom(timeMax, Math.Max(freqMax, freqRms * 10)), sync)
            .Expect("largest error, s", run => run.Figures.Max, timeMax)
            .Expect("RMS error, s", run => run.Figures.Rms, timeRms)
            .Expect("RMS rate error", run => run.Figures.FreqRms, freqRms)
            .Expect("largest error of all that follow at the end, s", run => run.World.Nodes.Where(node => node.Outcome is { State: not PhcState.Unlocked }).Select(node => Math.Abs(node.Error)).DefaultIfEmpty(0).Max(), timeMax)
            .Honest(inside, oneRun ?? Math.Max(inside - 0.009, 0));

    private static PtpNode Started(this PtpNode node, double time = 0)
    {
        node.StartAt(time);
        return node;
    }

    private static DefaultDataSet Own(ClockQuality quality, byte priority = 128, byte local = 128) => new() { Identity = default, Quality = quality, Priority1 = priority, LocalPriority = local };

    private static ClockQuality Best => new(6, ClockAccuracy.Within25Ns, 0xFFFF);

    /// <summary>A network with a grandmaster.</summary>
    private static PtpLan Served(World world, PortSettings? port = null)
    {
        var lan = world.AddLan();
        var master = world.AddNode(PtpRole.Grandmaster);
        master.AddPort(lan, port);
        master.Started();
        return lan;
    }

    /// <summary>The slave that is judged, on a network.</summary>
    private static void Judge(World world, PtpLan lan, PortSettings? port = null)
    {
        var slave = world.AddNode(PtpRole.Follower);
        slave.AddPort(lan, port);
        world.Judged = slave.Started(9);
    }

    /// <summary>A grandmaster and a judged slave on one network.</summary>
    private static PtpLan Pair(World world)
    {
        var lan = Served(world);
        Judge(world, lan);
        return lan;
    }

    /// <summary>The same with ports of other settings.</summary>
    private static Action<World> Pair(Func<PortSettings, PortSettings> master, Func<PortSettings, PortSettings> slave) => world =>
    {
        var own = world.Setup.Ptp.Port;
        Judge(world, Served(world, master(own)), slave(own));
    };

    private static Action<World> Two(ClockQuality second, byte priority) => world =>
    {
        var lan = Pair(world);
        var other = world.AddNode(PtpRole.Grandmaster, Own(second, priority));
        other.Lie = _ => 1;
        other.AddPort(lan);
        other.Started();
    };

    private static void Late(World world)
    {
        var lan = Pair(world);
        var better = world.AddNode(PtpRole.Grandmaster, Own(Best, 100));
        better.AddPort(lan);
        better.Started(200);
    }

    private static void Chain(World world)
    {
        var lan = Served(world);
        for (int i = 0; i < 7; i++)
        {
            var clock = world.AddNode(PtpRole.Boundary);
            clock.AddPort(lan);
            clock.AddPort(lan = world.AddLan());
            clock.Started(1);
        }

        Judge(world, lan);
    }

    private static void Ring(World world)
    {
        var (near, far) = (Pair(world), world.AddLan());
        for (int i = 0; i < 2; i++)
        {
            var clock = world.AddNode(PtpRole.Boundary);
            clock.AddPort(near);
            clock.AddPort(far);
            clock.Started(1);
        }

        Judge(world, far);
    }

    private static void Telecom(World world)
    {
        var lan = world.AddLan();
        for (byte local = 100; local <= 101; local++)
        {
            var master = world.AddNode(PtpRole.Grandmaster, Own(Best), ComparisonRule.G8275);
            double lie = local - 100;
            master.Lie = _ => lie;
            master.AddPort(local == 100 ? lan : world.AddLan());
            master.Started();
        }

        var slave = world.AddNode(PtpRole.Follower, null, ComparisonRule.G8275);
        slave.AddPort(lan, world.Setup.Ptp.Port with { LocalPriority = 100 });
        world.Judged = slave.Started(9);
    }

    private static void Transparent(World world)
    {
        var (near, far) = (Served(world), world.AddLan());
        var transparent = world.AddNode(PtpRole.Transparent);
        transparent.Residence = 1e-4;
        transparent.AddPort(near);
        transparent.AddPort(far);
        transparent.Started();
        Judge(world, far);
    }

    private static void MasterOnly(World world)
    {
        var lan = world.AddLan();
        var master = world.AddNode(PtpRole.Grandmaster);
        master.AddPort(lan, world.Setup.Ptp.Port with { Role = PortRole.Master });
        master.Started();
        Judge(world, lan, world.Setup.Ptp.Port with { AcceptableMasters = new HashSet<ClockIdentity> { master.Instance.Default.Identity } });
        var other = world.AddNode(PtpRole.Grandmaster, Own(Best, 1));
        other.Lie = _ => 1;
        other.AddPort(lan);
        other.Started(100);
    }

    private static void Rogue(World world)
    {
        var lan = Pair(world);
        var rogue = world.AddNode(PtpRole.Grandmaster, Own(Best, 0));
        rogue.Lie = _ => 1;
        rogue.AddPort(lan);
        rogue.Started(200);
    }

    private static void Alternate(World world)
    {
        var lan = Pair(world);
        var other = world.AddNode(PtpRole.Grandmaster, Own(Best, 1));
        other.AddPort(lan);
        other.Started(100);
        lan.Hold = (_, from, _, now) => from.Node == other && now % 20 < 10 ? null : 0;
    }

    private static void Lose(World world, MessageType type)
    {
        var dice = new Dice(1, $"lost {type}");
        world.Lan!.Hold = (header, _, _, _) => header.Type == type && dice.Happens(1.0 / 3) ? null : 0;
    }
}
