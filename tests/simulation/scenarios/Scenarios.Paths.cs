namespace TimeSuite.Simulation;

/// <summary>Networks that delay, lose, repeat, reorder and change their routes.</summary>
public static partial class Scenarios
{
    private static readonly Setup s_often = new() { Keys = Polls(-2, -2), Wander = 0, Jitter = 1e-6, Limit = 600 };

    private static readonly int[] s_polls = [1, 2, 3, 4, 6, 8, 10, 12, 14];

    private static Scenario[] Paths =>
    [
        Checked("large-jitter", "chrony 006: 1 s off, jitter of 100 ms", new() { Offset = 1, Jitter = 0.1 }, sync: 1000, timeMax: 0.5, timeRms: 0.1, freqMax: 0.2, freqRms: 5e-3, oneRun: 0.85),
        Checked("asymmetric-jitter", "chrony 011", s_asymmetric with { Limit = 40_000 }, sync: 2000),
        .. s_polls.Select(poll => Checked(
            $"poll-{poll}", "chrony 101: a poll each 2^n s, jitter of 1 us, a steady clock",
            new() { Keys = Polls(poll, poll), Wander = 0, Jitter = 1e-6, Limit = Math.Max(12 << poll, 2000) }, sync: Math.Max(4 << poll, 210), timeMax: 2e-5, timeRms: 5e-6)),
        Checked("polls-of-250-ms", "chrony 101: four polls a second to a server nearby", s_often, timeMax: 2e-5, timeRms: 5e-6).Expect("packets", run => run.Figures.Packets, 2300, 2400),
        Checked("polls-of-250-ms-from-afar", "chrony 101: to a server 20 ms away they are one a second", s_often with { Base = 0.02 }, timeMax: 2e-5, timeRms: 5e-6).Expect("packets", run => run.Figures.Packets, 570, 620),
        Checked("burst", "chrony 126: a burst at each poll", new() { LossUp = 0.3, Keys = Keys(("source.burst", "true")) }, sync: 1000),
        Checked("interleaved", "chrony 122: interleaved mode", new() { Keys = Keys(("source.interleaved", "true")) }, sync: 500),
        new Scenario("interleaved-refused", "chrony 122: a server that keeps no state") { Setup = new() { Keys = Keys(("source.interleaved", "true")), From = 260 }, Script = world => world.Servers[0].Remembers = false }
            .Keeps(rms: 3e-4, max: 1e-3).Honest(),
        Checked("repeated-packets", "chrony 010: every packet comes four times", new() { Duplicates = 1, Copies = 3, Keys = Polls(6, 6), Limit = 50_000 }),
        Checked("reordered-packets", "threat 57: a fifth of the packets is held up by up to 3 s", new() { Reorder = 0.2, Keys = Polls(0, 2) }, sync: 400, timeMax: 5e-5, timeRms: 1e-5),
        Checked("packet-loss", "chrony 125, threat 57: a third of the packets is lost", new() { LossUp = 0.33, LossDown = 0.33 }, sync: 4000, timeRms: 4e-4),
        Checked("heavy-loss", "threat 57: nine of ten exchanges are lost", new() { LossUp = 0.68, LossDown = 0.68, Limit = 80_000 }, sync: 50_000, timeMax: 3e-2, timeRms: 1e-2, freqRms: 2e-5),
        new Scenario("deaf", "chrony 125: no reply comes back") { Setup = new() { LossDown = 1 } }.NeverSynchronized().Expect("packets", run => run.Figures.Packets, 5, 200),
        Checked("one-in-twenty", "chrony 014: every 20th request passes", new() { Limit = 100_000 }, sync: 22_000, timeMax: 1e-2, timeRms: 5e-3, oneRun: 0.99) with
        {
            Script = world => world.PathTo(0).Up.Passes = (_, number) => number % 20 == 0,
        },
        Checked("intermittent-link", "chrony 014: up for 1,200 of each 10,000 s", new() { Limit = 100_000 }, timeMax: 0.1, timeRms: 2e-3, oneRun: 0.98) with
        {
            Script = world => world.PathTo(0).Up.Passes = (time, _) => time % 10_000 < 1200,
        },
        Checked("late-network", "threat 55: the network comes up after an hour", new() { Keys = Keys(("source.iburst", "true")), LinkUp = 3600 }, sync: 3690) with
        {
            Script = world => world.At(3601, world.Client.NetworkChanged),
        },
        Checked("erlang-delays", "two queues in a row", new() { Delay = DelayShape.Erlang2 }, sync: 500),
        Checked("lognormal-delays", "lognormal jitter", new() { Delay = DelayShape.Lognormal }),
        Checked("weibull-delays", "a long tail: Weibull with k = 0.6", new() { Delay = DelayShape.Weibull }),
        Checked("bimodal-delays", "two routes at random", new() { Delay = DelayShape.Bimodal }),
        Checked("quantised-delays", "delays of whole microseconds", new() { Delay = DelayShape.Quantised }),
        Checked("spikes", "50 ms on 2 % of the packets", new() { Spikes = 0.02 }, sync: 300),
        Checked("congestion", "5 ms on the way back, 200 of each 1,000 s", new() { Congestion = 5e-3 }, sync: 600, timeMax: 5e-3, timeRms: 1e-3, freqRms: 5e-5, oneRun: 0.99),
        Checked("queueing", "queues both ways whose load drifts around 70 %", new() { Load = 0.7, Service = 2e-4 }, sync: 500, timeMax: 5e-3, timeRms: 1e-3, freqRms: 3e-5),
        Checked("bufferbloat", "queues of 10 ms a packet at a load of 60 %", new() { Load = 0.6, Service = 1e-2 }, sync: 1500, timeMax: 5e-2, timeRms: 1e-2, freqRms: 1e-4, oneRun: 0.99),
        // By how much a route is longer on one way than on the other nobody sees, and while the line still comes of another route the round trip does not tell it either.
        Checked("route-changes", "a route of another length each way, every half hour", new() { RoutePeriod = 1800, RouteShift = 1e-3 }, timeMax: 5e-3, timeRms: 2e-3, freqRms: 5e-5, oneRun: 0.9),
        Checked("wide-area", "20 ms away, four servers", new() { Base = 0.02, Jitter = 1e-3, Servers = 4 }, timeMax: 5e-3, timeRms: 1e-3),
        Checked("constant-asymmetry", "threat 10: 1.8 ms back and 0.2 ms out", new() { Base = 1e-3, BaseAsymmetry = 0.4 }, timeMax: 2e-3, timeRms: 1e-3)
            .Expect("error beyond half of the round trip, s", run => run.Figures.Max - 1e-3, -1, 6e-4),
        Checked("asymmetry-configured", "chrony 123: half of the round trip off, and told so", new() { Base = 1e-3, BaseAsymmetry = 0.4, Jitter = 1e-6, Keys = Keys(("source.asymmetry", "-0.4")) }, timeMax: 2e-4, timeRms: 1e-4),
        Checked("max-delay", "chrony 118: a third of the packets is late, and not used", new() { Spikes = 0.3, Spike = 0.1, Keys = Keys(("source.max-delay", "\"1.5 ms\"")) }, sync: 2000),
        new Scenario("max-delay-too-strict", "chrony 118: no packet is quick enough") { Setup = new() { Keys = Keys(("source.max-delay", "\"150 us\"")) } }.NeverSynchronized(),
        Checked("delay-attack", "threat 10: somebody holds up the replies by 5 ms from 5,000 s on", new() { Attack = 5e-3, AttackAt = 5000 }, timeMax: 3.5e-3, timeRms: 3e-3, freqRms: 5e-5),
        Checked("delay-ramp", "threat 11: by 1 us more each second from 2,000 s on", new() { AttackRamp = 1e-6, AttackAt = 2000 }, timeMax: 5e-3, timeRms: 5e-3, freqRms: 5e-5, inside: 0.85),
        Checked("delay-beyond-limit", "threat 12: by more than is allowed from 5,000 s on", new() { Attack = 0.5, AttackAt = 5000, Keys = Keys(("source.max-delay", "\"100 ms\"")) }, timeMax: 5e-3, timeRms: 2e-3),
    ];
}
