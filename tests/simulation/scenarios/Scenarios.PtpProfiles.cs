using TimeSuite.Ptp;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>What of linuxptp's suite is about profiles, ways to learn the delay, unicast and keys.</summary>
public static partial class Scenarios
{
    private static Scenario[] PtpProfiles =>
    [
        new Scenario("ptp-mixed-delays", "linuxptp 03: a slave of peer delays, a master of none") { Setup = Built, Script = Pair(own => own, own => own with { DelayMechanism = DelayMechanism.P2P }) }
            .NeverSynchronized(),
        PtpChecked("ptp-system-clock", "linuxptp 12: the system's clock by a PHC that follows; no network from 100 to 170 s, then somebody steps the PHC by 5 ms",
            (s_ptpSoftware with { Limit = 500, Base = 1e-7, Jitter = 1e-7 }).With(p => p with { Slaves = 0, Stamps = PtpStamps.Hardware, Step = 1e-4 }), SystemClock, timeMax: 3e-6),
        PtpChecked("ptp-auto-delay", "linuxptp 18: a slave that measures as the other end does", Built, Pair(own => own with { DelayMechanism = DelayMechanism.P2P }, own => own with { DelayMechanism = DelayMechanism.Auto }))
            .Expect("it asks for peer delays", run => run.World.Nodes[1].Ports[0].Port.Mechanism == DelayMechanism.P2P),
        PtpChecked("ptp-unicast-failover", "linuxptp 29: two masters that are asked for their messages; the better one falls silent after 250 s", Built, Failover)
            .Expect("the other one is followed", run => run.World.Nodes[2].Following is not null && run.World.Nodes[2].Instance.Parent.Grandmaster == run.World.Nodes[1].Instance.Default.Identity),
        PtpChecked("ptp-class-threshold", "linuxptp 32: a master of a class that is not good enough, and far off; after 100 s there is one that is", Built, Threshold, sync: 140)
            .Expect("steps", run => run.Figures.Steps, 1),
        PtpChecked("ptp-power", "linuxptp 33: power grids: peer delays, and how inaccurate the time is behind each Announce", Built, Pair(Power, Power))
            .Expect("the inaccuracy is known", run => run.World.Nodes[1].Instance.Power is { GrandmasterId: 7 }),
        PtpChecked("ptp-sealed", "linuxptp 35: messages with seals", Built, Pair(Sealed(1), Sealed(1))),
        new Scenario("ptp-sealed-otherwise", "linuxptp 35: with another key") { Setup = Built, Script = Pair(Sealed(1), Sealed(2)) }.NeverSynchronized(),
        PtpChecked("ptp-automotive", "linuxptp 36: fixed roles, no Announce; a slave that has the time asks for fewer Syncs", Built, Pair(
            own => Automotive(own) with { Role = PortRole.Master }, own => Automotive(own) with { Role = PortRole.Slave, OperationalIntervals = Fewer, LogOperationalPdelayReqInterval = 1 }))
            .Expect("Announces", run => run.World.Nodes.Sum(node => node.Ports[0].Port.Counters.Sent(MessageType.Announce)), 0)
            .Expect("Syncs", run => run.World.Nodes[0].Ports[0].Port.Counters.Sent(MessageType.Sync), 500, 1500), // 8 a second would be 4,000
    ];

    private static MessageIntervalRequest Fewer => new(MessageIntervalRequest.Unchanged, 0, MessageIntervalRequest.Unchanged, MessageIntervalRequest.ComputeAll);

    private static PortSettings Power(PortSettings own) => own with
    {
        DelayMechanism = DelayMechanism.P2P, LogAnnounceInterval = 0, Power = new(PowerProfileVersion.Year2017, 7, Duration.Zero, Duration.FromNanoseconds(50)),
    };

    private static PortSettings Automotive(PortSettings own) => own with
    {
        DelayMechanism = DelayMechanism.P2P, LogSyncInterval = -3, SyncReceiptTimeout = 3, FollowUpInformation = true, InhibitAnnounce = true, HonorsIntervalRequests = true,
    };

    private static Func<PortSettings, PortSettings> Sealed(byte secret) => own =>
    {
        var key = new PtpKey(1, IcvAlgorithm.HmacSha256Half, Enumerable.Repeat(secret, 32).ToArray());
        return own with { Authentication = new(1, [key], key, IsRequired: true, CorrectionIsOpen: false) };
    };

    private static void SystemClock(World world)
    {
        var lan = Pair(world);
        var slave = world.Nodes[1];
        _ = new PhcReader(world, world.Client, slave.Phc, 1e-7, world.Seed, slave);
        world.Judged = world.Client;
        lan.Hold = (_, _, _, now) => now is > 100 and < 170 ? null : 0;
        world.At(170, () => slave.MeddleSeen(5e-3));
    }

    private static void Failover(World world)
    {
        var lan = world.AddLan();
        for (byte priority = 100; priority <= 101; priority++)
        {
            var master = world.AddNode(PtpRole.Grandmaster, Own(Best, priority));
            master.AddPort(lan, world.Setup.Ptp.Port with { Multicast = false, UnicastLimits = new() });
            master.Started();
        }

        Judge(world, lan, world.Setup.Ptp.Port with { UnicastMasters = [.. world.Nodes.Select(node => node.Ports[0].Address)] });
        lan.Hold = (_, from, _, now) => from.Node == world.Nodes[0] && now > 250 ? null : 0;
    }

    private static void Threshold(World world)
    {
        var lan = world.AddLan();
        var unknown = world.AddNode(PtpRole.Grandmaster, Own(ClockQuality.Unknown));
        unknown.Lie = _ => 1;
        unknown.AddPort(lan);
        unknown.Started();
        Judge(world, lan, world.Setup.Ptp.Port with { MaxClockClass = 7 });
        var good = world.AddNode(PtpRole.Grandmaster);
        good.AddPort(lan);
        good.Started(100);
    }
}
