namespace TimeSuite.Simulation;

/// <summary>Servers that step, all that there are or too many, and what looks like it and is not.</summary>
public static partial class Scenarios
{
    private const double StepAt = 5000, JumpWait = 900;

    /// <summary>Longest poll interval until then, and three samples after a step: by then it is known for one.</summary>
    private const double Noticed = 1024 + (3 * 64);

    private static Scenario[] Jumps =>
    [
        Stood("step-of-100-ms", "threat 17: the only server steps by 100 ms", new() { ServerStep = 0.1 }),
        Stood("step-back-of-100-ms", "by -100 ms, the kernel's loop", new() { ServerStep = -0.1, Actuator = Actuator.Kernel }),
        Stood("step-of-10-s", "by 10 s, the kernel's loop", new() { ServerStep = 10, Actuator = Actuator.Kernel }),
        Stood("step-under-chrony-like-policy", "by 1 s, where clockd would let all of it be slewed at once", new() { ServerStep = 1, Keys = Keys(("clock.policy", "\"chrony-like\"")) }),
        Stood("step-and-restarts", "by 1 s, and ntpd is started anew each 1,000 s: its history remembers", new() { ServerStep = 1 }, max: 2e-3) with
        {
            Script = world => world.Every(1000, StepAt + 1500, () => world.Client.RestartNtpd(remembers: true)),
        },
        new Scenario("step-and-return", "the only server steps by 1 s and comes back after 20 min") { Setup = new() { From = 1000 }, Script = world => StepsFor(world, 1, 1200) }
            .Keeps(rms: 2e-4, max: 1e-3).Honest().Says("jumped by", most: 1).Says("agree again", most: 1).Says("refused", 0, 0).NeverFollows()
            .Expect("synchronised at the end", run => run.Client.Bound < 1e-3),
        Followed("step-of-20-ms", "the only server steps by 20 ms: little enough to be followed when it has lasted", 0.02, new()),
        Followed("step-of-20-ms-by-kernel", "the same with the kernel's loop, backwards", -0.02, new() { Actuator = Actuator.Kernel }),
        Followed("step-permitted", "by 1 s, where the configuration permits it", 1, new() { Keys = Keys(("clock.policy", "\"chrony-like\""), ("selection.jump-limit", "\"2 s\"")) }),
        Followed("step-at-once", "by 1 s, where the configuration permits it without waiting", 1, new() { Keys = Keys(("clock.policy", "\"chrony-like\""), ("selection.jump-limit", "\"2 s\""), ("selection.jump-wait", "0")) }, wait: 0),
        Followed("all-step-by-half-a-second", "three servers jump together, or raw time stood still: they agree, and policy lets it be slewed", 0.5, new() { Servers = 3, SteppingServers = 3 }),
        Stood("step-permitted-beyond-budget", "by 2 s, which the configuration permits and clockd's policy does not", new() { ServerStep = 2, Keys = Keys(("selection.jump-limit", "\"1 h\"")) }),
        new Scenario("two-of-three-step", "two of three servers step by 0.5 s together: as many as the third and the clock itself")
        {
            Setup = new() { Servers = 3, SteppingServers = 2, ServerStep = 0.5, From = 1000 },
        }.Keeps(rms: 5e-4, max: 2e-3).Says("jumped by").NeverFollows().Honest(),
        new Scenario("one-of-two-steps", "threat 17: one of two servers steps by 1 s: the clock itself tells which")
        {
            Setup = new() { Servers = 2, ServerStep = 1, From = 1000 },
        }.Keeps(rms: 3e-4, max: 1e-3).Says("has stepped").NeverAlarms().Honest().Follows(1),
        new Scenario("back-after-three-days", "no network for three days, in which the oscillator became 0.5 ppm slower")
        {
            Setup = new() { Limit = 290_000, From = 1000, Ramp = 2e-12, RampFrom = 10_000, RampTo = 260_000 },
            Script = world => world.PathTo(0).Up.Passes = (time, _) => time is < 10_000 or > 270_000,
        }.NeverAlarms().Honest().Expect("largest error an hour after, s", run => run.Score.MaxBetween(273_600, 290_000), 1e-3),
        Uneven("way-back-longer", "the way back becomes 40 ms longer", time => time >= StepAt),
        Uneven("way-back-shorter", "the way back was 40 ms longer", time => time < StepAt),
        Uneven("way-back-longer-for-a-while", "it is for 50 minutes", time => time is >= StepAt and < StepAt + 3000),
    ];

    /// <summary>An error of the clock as if nothing had happened, and all is said in time, once, without asking clockd for what it will refuse.</summary>
    private static Scenario Stands(this Scenario scenario, double max = 1e-3) => scenario
        .Expect("largest error after the step, s", run => run.Score.MaxBetween(StepAt, run.World.Setup.Limit), max)
        .Expect("largest rate error", run => run.Figures.FreqMax, 2e-4)
        .Expect("steps of the clock, that at the start too", run => run.Figures.Steps, 1)
        .Expect("first alarm, s", run => Said(run, "suddenly"), StepAt, StepAt + Noticed - (2 * 64))
        .Expect("alarm with the size, s", run => Said(run, "jumped by"), StepAt, StepAt + Noticed)
        .Says("which does not follow", most: 6)
        .Says("refused", 0, 0).NeverFollows();

    private static Scenario Stood(string name, string endures, Setup setup, double max = 1e-3) =>
        new Scenario(name, endures) { Setup = setup with { From = 1000 } }.Honest().Stands(max);

    /// <summary>Not before it has lasted, and soon after that.</summary>
    private static Scenario Followed(string name, string endures, double step, Setup setup, double wait = JumpWait) => new Scenario(name, endures)
    {
        Setup = setup with { ServerStep = step, From = 1000 },
    }
        .Expect("largest error before, s", run => run.Score.MaxBetween(1000, StepAt + wait), 1e-3)
        .Expect("followed, s", run => Said(run, "from where this clock was"), StepAt + wait, StepAt + wait + (2 * Noticed))
        .Expect("error against the servers at the end, s", run => Math.Abs(run.Figures.FinalError - step), 1e-3)
        .Expect("steps of the clock, that at the start too", run => run.Figures.Steps, 1)
        .Says("jumped by").Says("from where this clock was", most: 1).Says("refused", 0, 0);

    /// <summary>What a path adds is in the round trip and so in the bound: followed, and no alarm.</summary>
    private static Scenario Uneven(string name, string endures, Func<double, bool> isLonger) => new Scenario(name, endures)
    {
        Setup = new() { From = 1000, Base = 5e-3 },
        Script = world => world.PathTo(0).Down.Detour = time => isLonger(time) ? 0.04 : 0,
    }.NeverAlarms().Expect("largest error, s", run => run.Figures.Max, 0.03).Honest(0.98);

    private static Scenario NeverAlarms(this Scenario scenario) => scenario.Says("jumped by", 0, 0);

    private static Scenario NeverFollows(this Scenario scenario) => scenario.Says("from where this clock was", 0, 0);

    /// <summary>When it was said first; infinite: never.</summary>
    private static double Said(Run run, string text) =>
        run.Log.Lines.Where(line => line.Text.Contains(text, StringComparison.Ordinal)).Select(line => line.Time).FirstOrDefault(double.PositiveInfinity);

    private static void StepsFor(World world, double step, double length) =>
        world.Servers[0].Error = time => time >= StepAt && time < StepAt + length ? step : 0;
}
