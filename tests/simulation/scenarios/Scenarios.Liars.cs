using TimeSuite.Discipline;

namespace TimeSuite.Simulation;

/// <summary>Servers that tell the wrong time: a minority is outvoted, a majority is not believed as far as policy goes.</summary>
public static partial class Scenarios
{
    private const double Year = 365 * 86_400.0;

    private static Scenario[] Liars =>
    [
        Checked("one-of-three", "threat 13: one of three is off by 1 s", new() { Servers = 3, Falsetickers = 1 }).Follows(1, 2),
        Checked("one-of-three-by-50-ms", "threat 13: by 50 ms", new() { Servers = 3, Falsetickers = 1, FalseOffset = 0.05 }).Follows(1, 2),
        Checked("two-of-five", "chrony 009, threat 13: two of five, by 1 and 2 s", new() { Servers = 5, Falsetickers = 2, Base = 1e-3 }).Expect("uses none of them", run => !run.Client.Follows(0) && !run.Client.Follows(1)),
        Checked("two-of-five-by-50-ms", "threat 13: by 50 and 100 ms", new() { Servers = 5, Falsetickers = 2, FalseOffset = 0.05 }).Expect("uses none of them", run => !run.Client.Follows(0) && !run.Client.Follows(1)),
        NoMajority("three-of-five", "chrony 009, threat 14: three of five lie, each another lie", 3),
        NoMajority("four-of-five", "threat 14: four of five", 4),
        new Scenario("majority-turns", "threat 14: three of five begin to lie at 5,000 s, each another lie")
        {
            Setup = new() { Servers = 5 },
            Script = world => LieFrom(world, 5000, 1, 2, 3),
        }.Keeps(rms: 1e-2, max: 3e-2).Honest(),
        new Scenario("all-jump", "threat 16: the only three servers jump by 1 s at 5,000 s")
        {
            Setup = new() { Servers = 3, ServerStep = 1, SteppingServers = 3 },
        }.Says("stepped").Expect("largest rate error", run => run.Figures.FreqMax, 1e-3).Expect("largest error, s", run => run.Figures.Max, 1.1),
        new Scenario("all-a-year-back", "threat 15: all servers say last year but one, from the beginning")
        {
            Setup = new() { Servers = 3 },
            Script = world => LieFrom(world, 0, -1.5 * Year, -1.5 * Year, -1.5 * Year),
        }.Expect("steps", run => run.Figures.Steps, 0).Expect("largest error, s", run => run.Figures.Max, 10),
        new Scenario("all-a-year-back-later", "threat 15: all servers fall back by a year at 5,000 s")
        {
            Setup = new() { Servers = 3 },
            Script = world => LieFrom(world, 5000, -Year, -Year, -Year),
        }.Expect("steps", run => run.Figures.Steps, 0, 1).Expect("largest error, s", run => run.Figures.Max, 10),
        Checked("one-steps", "threat 17: one of three steps by 1 s", new() { Servers = 3, ServerStep = 1 }).Follows(1, 2).Says("stepped"),
        Checked("one-drifts", "one of three drifts away by 10 ppm", new() { Servers = 3 }, timeMax: 5e-3, timeRms: 2e-3).Follows(1, 2) with
        {
            Script = world => world.Servers[0].Error = time => 1e-5 * time,
        },
        new Scenario("garbage", "a server whose replies are nonsense in each field")
        {
            Script = world =>
            {
                var dice = new Dice(3, "garbage");
                world.Servers[0].Forge = (header, _) => header with
                {
                    Receive = new(dice.Bits()), Transmit = new(dice.Bits()), ReferenceTime = new(dice.Bits()), Stratum = (byte)(dice.Bits() >> 56),
                    RootDelay = new((uint)(dice.Bits() >> 32)), RootDispersion = new((uint)(dice.Bits() >> 32)), Poll = 0,
                };
            },
        }.NeverSynchronized(),
    ];

    private static Scenario NoMajority(string name, string endures, int liars) =>
        new Scenario(name, endures) { Setup = new() { Servers = 5, Falsetickers = liars, Base = 1e-3 } }.NeverSynchronized()
            .Expect("sources that are called without majority", run => Enumerable.Range(0, 5).Count(server => run.Client.ReportOn(server)?.Verdict is Verdict.NoMajority), 1, 5);

    /// <summary>The first servers, one lie each, s.</summary>
    private static void LieFrom(World world, double from, params double[] lies)
    {
        for (int server = 0; server < lies.Length; server++)
        {
            double lie = lies[server];
            world.Servers[server].Error = time => time >= from ? lie : 0;
        }
    }
}
