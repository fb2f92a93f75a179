using TimeSuite.Discipline;
using TimeSuite.Ntp;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>Servers that are not to be used, are to be preferred, are replaced, or send us away.</summary>
public static partial class Scenarios
{
    private static Scenario[] Servers =>
    [
        new Scenario("min-sources", "chrony 116: one server where three are asked for") { Setup = new() { Keys = Keys(("selection.min-sources", "3")) } }.NeverSynchronized(),
        Checked("min-sources-met", "chrony 116: three servers", new() { Servers = 3, Keys = Keys(("selection.min-sources", "3")) }),
        Refused("stratum-16", "threat 18: the server says stratum 16", state => state with { Stratum = 16 }),
        Refused("stratum-0", "threat 18: stratum 0", state => state with { Stratum = 0 }),
        Refused("unsynchronised-server", "threat 18: leap indicator 3", state => state with { Leap = LeapIndicator.Unsynchronized }),
        Refused("root-distance", "chrony 009, threat 18: it is 4 s from its reference", state => state with { RootDispersion = Duration.FromSeconds(4L) }),
        Refused("sync-loop", "chrony 138, threat 19: it follows us", state => state with { Stratum = 2, ReferenceId = ReferenceId.FromIPv4([192, 168, 123, 100]) }),
        new Scenario("stratum-limit", "chrony 151: stratum 5 where 3 is the limit")
        {
            Setup = new() { Keys = Keys(("selection.max-stratum", "3")) },
            Script = world => world.Servers[0].State = world.Servers[0].State with { Stratum = 5 },
        }.NeverSynchronized(),
        Checked("distant-server-ignored", "chrony 009: one of three is 4 s from its reference", new() { Servers = 3 }).Follows(1, 2) with
        {
            Script = world => world.Servers[0].State = world.Servers[0].State with { RootDispersion = Duration.FromSeconds(4L) },
        },
        Checked("asymmetric-server", "chrony 009: one of three is behind a very uneven path", new() { Servers = 3, Base = 1e-3 }, timeMax: 1e-3, timeRms: 2e-4) with
        {
            Script = world => world.PathTo(0).Down.Detour = _ => 0.05,
        },
        Checked("jittery-server", "chrony 009: one of three comes with seconds of jitter", new() { Servers = 3 }, sync: 400) with
        {
            Script = world => Shake(world.PathTo(0).Down, new(7, "shaken")),
        },
        Checked("no-select", "chrony 120: the only good one may not be used, the others agree with it", Options(3, "noselect", 0)).Expect("uses it", run => !run.Client.Follows(0)),
        Checked("prefer", "chrony 120, 202: one of three is preferred", Options(3, "prefer", 2)).Follows(2),
        new Scenario("require", "chrony 120: the required one does not answer")
        {
            Setup = Options(3, "require", 0), Script = world => world.Servers[0].IsUp = _ => false,
        }.NeverSynchronized(),
        Checked("trust", "chrony 120: one trusted against two that agree on a lie", Options(3, "trust", 0)).Follows(0) with
        {
            Script = world => world.Servers[1].Error = world.Servers[2].Error = _ => 0.5,
        },
        new Scenario("kiss-rate", "threat 5: the server says RATE to each request")
        {
            Setup = new() { Keys = Polls(2, 10) }, Script = world => world.Servers[0].Kiss = time => time < 5000 ? KissCode.Rate : null,
        }.Expect("packets", run => run.Figures.Packets, 5, 400).Expect("synchronised at the end", run => run.Client.Bound is not null),
        new Scenario("kiss-deny", "threat 6: the server says DENY after 3,000 s") { Script = world => world.Servers[0].Kiss = time => time > 3000 ? KissCode.Deny : null }
            .Says("will not serve us", most: 1).Expect("packets", run => run.Figures.Packets, 40).Honest(),
        Checked("pool-replacement", "chrony 148: two of a pool's four members lie and are replaced", new() { Servers = 8, Falsetickers = 2, Base = 1e-3, Sources = "[[source]]\npool = \"pool.test\"\nmax-sources = 5\n" }) with
        {
            Script = world => world.Names["pool.test"] = _ => [.. Enumerable.Range(1, 8).Select(World.AddressOf)],
        },
        Checked("name-unknown", "threat 55, 56: the name resolves only after an hour", new() { Sources = "[[source]]\nserver = \"ntp.test\"\n" }, sync: 4400) with
        {
            Script = world => world.Names["ntp.test"] = time => time < 3600 ? [] : [World.AddressOf(1)],
        },
        Checked("server-moves", "threat 56: the server dies, its name gets another address", new() { Servers = 2, Limit = 40_000, Sources = "[[source]]\nserver = \"ntp.test\"\n" }, timeMax: 2e-2, timeRms: 5e-3)
            .Expect("uses the new one", run => run.Client.Follows(1)) with
        {
            Script = world =>
            {
                world.Names["ntp.test"] = time => [World.AddressOf(time < 5000 ? 1 : 2)];
                world.Servers[0].IsUp = time => time < 5000;
            },
        },
        Checked("server-pause", "chrony 150: no reply for an hour", new() { Limit = 20_000 }, timeMax: 5e-3, timeRms: 1e-3) with { Script = world => world.Servers[0].IsUp = time => time is < 5000 or > 8600 },
        LargeNetwork(),
    ];

    private static Scenario Refused(string name, string endures, Func<ServerState, ServerState> says) =>
        new Scenario(name, endures) { Script = world => world.Servers[0].State = says(world.Servers[0].State) }.NeverSynchronized();

    private static void Shake(Way way, Dice dice) => way.Detour = _ => 1.4 * dice.Exponential();

    private static Setup Options(int servers, string option, int server) => new()
    {
        Servers = servers,
        Sources = string.Concat(Enumerable.Range(0, servers).Select(index =>
            $"[[source]]\nserver = \"{World.AddressOf(index + 1)}\"\niburst = false\n{(index == server ? $"{option} = true\n" : "")}")),
    };

    /// <summary>chrony 002: three strata of four servers, each following all of the stratum above.</summary>
    private static Scenario LargeNetwork() => Checked(
        "large-network", "chrony 002: three strata of four servers; we begin after 2,000 s", new() { Servers = 4, StartAt = 2000, Sources = Of(105, 4), Limit = 10_000 }, sync: 2400, timeRms: 5e-4)
        .Expect("our stratum", run => run.Client.Served?.Stratum ?? 0, 4, 4) with
    {
        Script = world =>
        {
            for (int stratum = 2; stratum <= 3; stratum++)
            {
                for (int server = 0; server < 4; server++)
                {
                    var setup = world.Setup with { StartAt = 0, Sources = Of(stratum == 2 ? 1 : 101, 4) };
                    world.AddMachine(setup.ToConfig(), setup);
                }
            }
        },
    };

    private static string Of(int first, int count) =>
        string.Concat(Enumerable.Range(first, count).Select(node => $"[[source]]\nserver = \"{World.AddressOf(node)}\"\niburst = false\n"));
}
