using TimeSuite.Discipline.Tests.Simulation;
using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

/// <summary>Closed loops in clknetsim's networks: the medians of 25 seeds against what chrony scored, and the honesty of the claims.</summary>
public class ScenarioTests
{
    private const int Seeds = 25;

    private static readonly Dictionary<string, Row> Rows = new()
    {
        ["A"] = new(new(), Limit: 10000, ChronyUs: 74),
        ["A1, poll fixed at 16 s"] = new(new() { Options = Setup.FixedPoll(16) }, 10000, 9.9),
        ["B, jitter 1 ms, poll fixed at 256 s"] = new(
            new() { Path = (_, d) => new(d) { Jitter = 1e-3 }, Options = Setup.FixedPoll(256) }, 10000, 162),
        ["C, jitter 10 us, wander 1e-8, poll fixed at 64 s"] = new(
            new() { Wander = 1e-8, Path = (_, d) => new(d) { Jitter = 1e-5, Base = 1e-5 }, Options = Setup.FixedPoll(64) }, 10000, 13.4),
        ["wander 1e-7, as chrony's 007"] = new(new() { Wander = 1e-7 }, 10000, 1000),
        ["E, one falseticker of three"] = new(
            new() { Servers = 3, Path = (i, d) => new(d) { Base = 1e-3, ServerError = _ => i == 2 ? 1 : 0 } }, 10000, 83),
        ["E3, one falseticker of four"] = new(
            new() { Servers = 4, Path = (i, d) => new(d) { Base = 1e-3, ServerError = _ => i == 3 ? 1 : 0 } }, 10000, 71),
        ["F, asymmetric jitter"] = new(new() { Path = (_, d) => new(d) { Jitter = 5e-4, Asymmetry = 0.47 } }, 30000, 73),
        ["F2, spikes"] = new(new() { Path = (_, d) => new(d) { Spikes = 0.02 } }, 10000, 116),
        ["F3, congestion"] = new(new() { Path = (_, d) => new(d) { Congestion = 5e-3 } }, 10000, 144),
    };

    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (string name in Rows.Keys)
            {
                cases.Add(name, false);
                cases.Add(name, true);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Time_is_kept_better_than_chrony_does_and_no_worse_than_claimed(string name, bool kernel)
    {
        var row = Rows[name];
        List<double> rms = [];
        double squares = 0;
        double claimed = 0;
        double inside = 0;
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var score = Run(row, seed, kernel);
            rms.Add(score.Rms);
            squares += score.MeanSquare;
            claimed += score.ClaimedMeanSquare;
            inside += score.Inside;
        }

        rms.Sort();
        Assert.InRange(rms[Seeds / 2] * 1e6, 0, row.ChronyUs);
        Assert.InRange(inside / Seeds, 0.999, 1);
        Assert.InRange(Math.Sqrt(squares / claimed), 0.5, 2);
    }

    [Theory]
    [InlineData("lognormal")]
    [InlineData("Weibull")]
    [InlineData("bimodal")]
    public void Delays_of_other_shapes_do_no_harm(string shape)
    {
        Func<Dice, double> excess = shape switch
        {
            "lognormal" => d => Math.Exp(d.Normal() - 0.5),
            "Weibull" => d => Math.Pow(d.Exponential(), 1 / 0.6) / 1.5046, // mean of the raw one
            _ => d => d.Uniform() < 0.7 ? 0.3 * d.Exponential() : 2.2 + (0.433 * d.Exponential()),
        };
        var row = new Row(new() { Path = (_, d) => new(d) { Shape = excess }, Options = Setup.FixedPoll(16) }, 10000, 9.9);
        double squares = 0;
        double claimed = 0;
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var score = Run(row, seed, kernel: false);
            Assert.InRange(score.Rms * 1e6, 0, row.ChronyUs);
            Assert.InRange(score.Inside, 0.999, 1);
            squares += score.MeanSquare;
            claimed += score.ClaimedMeanSquare;
        }

        Assert.InRange(Math.Sqrt(squares / claimed), 0.5, 2);
    }

    [Fact]
    public void More_good_servers_help()
    {
        double one = Median(new Row(new() { Servers = 1, Options = Setup.FixedPoll(256) }, 10000, 0));
        double four = Median(new Row(
            new() { Servers = 4, Options = Setup.FixedPoll(256), Settings = new() { CombineLimit = 4 } }, 10000, 0));
        Assert.InRange(four, 0, 0.8 * one);
    }

    [Fact]
    public void A_default_client_sends_no_more_packets_than_chrony()
    {
        double[] packets = [.. Enumerable.Range(1, 9).Select(seed =>
        {
            var world = new World((ulong)seed, new());
            world.RunTo(10000);
            return (double)world.Packets;
        }).Order()];
        Assert.InRange(packets[4], 30, 36);
        Assert.InRange(packets[8], 30, 40);
    }

    [Theory]
    [InlineData(20, 1)]
    [InlineData(50, 0.5)]
    [InlineData(500, 0.4)]
    public void With_an_accuracy_target_the_error_stays_within_it_and_a_wider_one_costs_fewer_packets(double us, double share)
    {
        var world = new World(2, new() { Settings = new() { AccuracyTarget = Duration.FromSeconds(us * 1e-6) } });
        var score = new Score(from: 2000);
        world.RunTo(10000, score.See);
        Assert.InRange(score.Rms * 1e6, 0, us);
        Assert.InRange(world.Packets, 15, 90 * share);
        Assert.True(world.Last!.Accuracy!.IsMet, world.Last.Accuracy.Reason);
    }

    [Fact]
    public void With_several_sources_an_accuracy_target_is_kept_too()
    {
        var settings = new DisciplineSettings { AccuracyTarget = Duration.FromSeconds(1e-4) };
        Func<int, SourceOptions> options = _ => new() { MaxPoll = Duration.FromSeconds(16_384L) };
        for (ulong seed = 1; seed <= 3; seed++)
        {
            var world = new World(seed, new() { Servers = 4, Settings = settings, Options = options, Path = (_, dice) => new(dice) { Base = 0.02, Jitter = 1e-3 } });
            var score = new Score(from: 20_000);
            world.RunTo(100_000, score.See);
            Assert.InRange(score.Rms * 1e6, 0, 95);
            Assert.InRange(world.Packets, 100, 1500);
        }
    }

    [Fact]
    public void A_rate_that_no_crystal_has_is_learnt_and_the_bound_holds()
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            var world = new World(seed, new() { Wander = 3e-6 });
            var score = new Score(from: 1000);
            world.RunTo(10_000, score.See);
            Assert.InRange(score.Inside, 0.995, 1);
            Assert.InRange(score.Rms, 0, 5e-3);
        }
    }

    [Fact]
    public void While_what_all_say_is_not_believed_yet_the_bound_takes_it_in()
    {
        const double step = 0.02; // s
        var world = new World(3, new() { Path = (_, dice) => new(dice) { ServerError = now => now > 5000 ? step : 0 } });
        world.RunTo(5000);
        int suspected = 0;
        world.RunTo(8000, w =>
        {
            if (w.Last!.Sources[0].Alarm?.Contains("not followed", StringComparison.Ordinal) == true && w.Last.Jump is null)
            {
                suspected++;
                Assert.InRange(w.Last.Announcement.Bound.Seconds, step * 0.98, step * 1.5);
            }
        });
        Assert.NotEqual(0, suspected);
    }

    [Fact]
    public void An_accuracy_target_that_cannot_be_met_is_said_to_be_so_with_the_reason()
    {
        var world = new World(2, new() { Settings = new() { AccuracyTarget = Duration.FromSeconds(1e-7) } });
        world.RunTo(5000);
        Assert.False(world.Last!.Accuracy!.IsMet);
        Assert.Contains("shortest allowed", world.Last.Accuracy.Reason, StringComparison.Ordinal);
        Assert.InRange(world.Last.Accuracy.Expected.Seconds, 1e-6, 5e-5);
        Assert.Null(new World(2, new()).Discipline.Update(world.Clock.Read(), world.Clock.Read().At).Accuracy);
    }

    [Theory]
    [InlineData(1e-6, 1e-8, 7e-9, 0.6)]
    [InlineData(1e-4, 1e-5, 5e-7, 0.1)]
    public void At_one_poll_a_second_the_clock_is_touched_when_it_is_worth_it_and_keeps_time(double delay, double jitter, double rms, double touched)
    {
        var world = new World(1, new() { Path = (_, d) => new(d) { Base = delay, Jitter = jitter }, Options = Setup.FixedPoll(1) });
        var score = new Score(from: 500);
        int corrections = 0;
        world.RunTo(3000, w =>
        {
            score.See(w);
            corrections += w.Clock.Now > 500 && w.Last?.Correction is not null ? 1 : 0;
        });
        Assert.InRange(corrections / 2500.0, 0, touched);
        Assert.InRange(score.Rms, 0, rms);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        var first = new World(7, new() { Servers = 3 });
        var second = new World(7, new() { Servers = 3 });
        first.RunTo(3000);
        second.RunTo(3000);
        Assert.Equal(first.Clock.Error, second.Clock.Error);
        Assert.Equal(first.Last!.Tracking, second.Last!.Tracking);
    }

    [Fact]
    public void The_difference_between_commanded_and_real_rate_of_the_clock_is_measured()
    {
        var world = new World(3, new() { Bias = 8e-8, Options = Setup.FixedPoll(64) });
        world.RunTo(10000);
        Assert.InRange(world.Discipline.ClockBias.Ppb, 70, 90);
    }

    private static Score Run(Row row, ulong seed, bool kernel)
    {
        var world = new World(seed, row.Setup with { Kernel = kernel });
        var score = new Score(from: row.Limit / 5);
        world.RunTo(row.Limit, score.See);
        return score;
    }

    private static double Median(Row row)
    {
        var all = Enumerable.Range(1, Seeds).Select(seed => Run(row, (ulong)seed, kernel: false).Rms).Order().ToArray();
        return all[Seeds / 2];
    }

    private sealed record Row(Setup Setup, double Limit, double ChronyUs);
}
