using TimeSuite.Ntp;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>Leap seconds: announced by all, by few, by liars; carried out by the kernel, by a step or by a slew; smeared.</summary>
public static partial class Scenarios
{
    private const long LastDay = 1_830_290_400; // 2027-12-31 22:00
    private const double Midnight = 7200; // s from there

    private static readonly Setup s_leap = new() { Start = LastDay, Limit = 12_000, From = 1000, Servers = 3, Leap = LeapSecond.Insert, Actuator = Actuator.Kernel };

    private static Scenario[] Leaps =>
    [
        Leap("leap-insert", "chrony 113, threat 48: a second is inserted, by the kernel", s_leap, 3),
        Leap("leap-delete", "chrony 113: a second is deleted", s_leap with { Leap = LeapSecond.Delete }, 3),
        Leap("leap-by-table", "threat 48: only the leap table knows", s_leap with { LeapTable = true }, 3, silent: [0, 1, 2]),
        Leap("leap-in-shadow", "in shadow", s_leap with { Actuator = Actuator.Ideal }, 3),
        Leap("leap-by-step", "chrony 113: ntpd steps", s_leap with { Keys = Keys(("leap.mode", "\"step\""), ("clock.later-steps-per-day", "1"), ("clock.max-later-step", "\"2 s\"")) }, 3),
        Leap("leap-by-slew", "chrony 113: ntpd slews, at 8 %", s_leap with { Keys = Keys(("clock.policy", "\"chrony-like\""), ("leap.mode", "\"slew\"")) }, 600, inside: 0.99),
        Leap("leap-ignored", "chrony 113: nobody acts, the second is an error like any other and slewed at 8 %", s_leap with { Keys = Keys(("clock.policy", "\"chrony-like\""), ("leap.mode", "\"ignore\"")) }, 1500, inside: 0.9),
        Leap("leap-by-majority", "threat 48: two of three announce it", s_leap, 3, silent: [2]),
        new Scenario("leap-forged", "threat 48: one of three announces a leap second that does not come")
        {
            Setup = s_leap with { Leap = LeapSecond.None }, Script = world => Announce(world, 0),
        }.Keeps(rms: 1e-3, max: 5e-3).Honest(),
        new Scenario("leap-forged-against-table", "threat 48: all three do, and the leap table knows better")
        {
            Setup = s_leap with { Leap = LeapSecond.None, LeapTable = true }, Script = world => Announce(world, 0, 1, 2),
        }.Keeps(rms: 1e-3, max: 5e-3).Honest(),
        Leap("leap-smeared", "threat 49: one of three smears the second over the day around it", s_leap, 3, silent: [0])
            .Expect("uses the one that smears", run => !run.Client.Follows(0)) with
        {
            Script = world =>
            {
                world.Servers[0].TellsLeap = false;
                world.Servers[0].Error = time => (time >= Midnight ? 1 : 0) - Math.Clamp((time - Midnight + 43_200) / 86_400, 0, 1);
            },
        },
    ];

    /// <summary>Right again a few seconds after, and never wrong before.</summary>
    private static Scenario Leap(string name, string endures, Setup setup, double after, int[]? silent = null, double inside = 0.999) => new Scenario(name, endures)
    {
        Setup = setup,
        Script = world =>
        {
            foreach (int server in silent ?? [])
            {
                world.Servers[server].TellsLeap = false;
            }
        },
    }
        .Expect("largest error before, s", run => run.Score.MaxBetween(1000, Midnight - 3), 1e-3)
        .Expect("largest error after, s", run => run.Score.MaxBetween(Midnight + after, setup.Limit), 1e-3)
        .Honest(inside);

    private static void Announce(World world, params int[] servers)
    {
        foreach (int server in servers)
        {
            world.Servers[server].State = world.Servers[server].State with { Leap = LeapIndicator.Insert };
        }
    }
}
