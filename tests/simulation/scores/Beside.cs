using TimeSuite.Discipline;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>The daemons' figures of one seed, and those of others that were fed the very same exchanges and scored in the same seconds.</summary>
/// <remarks>Another's clock follows its line as fast as policy lets a clock be slewed; before ntpd first calls its own clock synchronised, by the policy of both, neither is set.</remarks>
/// <param name="Ours">Of the steered clock.</param>
/// <param name="Theirs">Of each of <see cref="Lengths"/>, or of the one oracle.</param>
public sealed record Beside(Figures Ours, IReadOnlyList<Figures> Theirs)
{
    /// <summary>Samples of each source that the yardsticks look back.</summary>
    public static IReadOnlyList<int> Lengths { get; } = [4, 6, 8, 12, 16, 24, 32, 48, 64];

    /// <summary>Plays a seed beside the yardsticks.</summary>
    public static Beside Play(Scenario scenario, ulong seed) => Play(scenario, seed, [.. Lengths.Select(length => new Yardstick(length))]);

    /// <summary>Plays a seed beside the <see cref="Oracle"/>, the only one of <see cref="Theirs"/>.</summary>
    public static Beside PlayOracle(Scenario scenario, ulong seed) => Play(scenario, seed, [new Oracle(scenario.Setup, seed)]);

    private static Beside Play(Scenario scenario, ulong seed, IReadOnlyList<IBystander> bystanders)
    {
        var lines = bystanders.Select(line => (Follower: new Follower(line), Score: new Score(scenario.Setup))).ToList();
        var run = scenario.Play(seed, watch: world =>
        {
            world.Measured = (machine, server, sample) =>
            {
                if (machine == world.Client && IsTruthful(scenario.Setup, server))
                {
                    lines.ForEach(one => one.Follower.Add(sample, server, world.Client.Host.Raw));
                }
            };
            bool isSet = false;
            world.Second += _ =>
            {
                isSet |= world.Client.Bound is not null;
                lines.ForEach(one => one.Score.See(world, isSet && one.Follower.TryShow(world.Client.Host.Raw, out var time) ? (time - world.UtcAt(world.Now)).Seconds : world.Client.Error));
            };
        });
        return new(run.Figures, [.. lines.Select(one => one.Score.Finish(seed, run.World))]);
    }

    /// <summary>The length that was best in hindsight, by the median of a figure over all seeds.</summary>
    public static (int Length, double Median) Best(IReadOnlyList<Beside> seeds, Func<Figures, double> figure) =>
        Lengths.Select((length, index) => (length, Statistic.Of(seeds.Select(seed => seed.Theirs[index]), figure).Median)).MinBy(one => one.Median);

    private static bool IsTruthful(Setup setup, int server) => server >= setup.Falsetickers && (setup.ServerStep == 0 || server >= setup.SteppingServers);
}
