using TimeSuite.Discipline.Tests.Simulation;
using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

/// <summary>What servers, links, other programs and the machine do to us.</summary>
public class FaultTests
{
    [Fact]
    public void With_two_others_a_stepping_source_is_outvoted()
    {
        var world = new World(1, new()
        {
            Servers = 3,
            Path = (i, d) => new(d) { ServerError = t => i == 0 && t >= 5000 ? 1 : 0 },
        });
        var after = new Score(from: 3000);
        world.RunTo(10000, after.See);
        Assert.InRange(after.Max, 0, 3e-4);
        Assert.Equal(Verdict.Falseticker, world.Last!.Sources[0].Verdict);
        Assert.Equal(Verdict.Selected, world.Last.Sources[1].Verdict);
    }

    /// <summary>A quiet way of which 2 ms are hidden is first by merit until it is weighed against a short noisy one.</summary>
    [Fact]
    public void The_source_that_is_said_to_be_followed_most_is_the_one_that_is()
    {
        var world = new World(1, new()
        {
            Servers = 2,
            Path = (i, d) => i == 0 ? new(d) { Base = 4e-3, Jitter = 1e-6, ServerError = _ => 2e-3 } : new(d) { Base = 1e-4, Jitter = 1e-3 },
            Options = i => Setup.FixedPoll(16)(i) with { Name = i == 0 ? "quiet" : "short" },
        });
        world.RunTo(150);
        Assert.Equal(new SourceId(1), world.Last!.Selected);
        Assert.Contains("following 2 sources, short most; 2 of 2 agree", world.Last.Tracking.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void One_impossible_sample_moves_nothing()
    {
        var world = new World(4, new() { Path = (_, d) => new(d) { ServerError = t => t is > 5000 and < 5064 ? 1 : 0 }, Options = Setup.FixedPoll(64) });
        var after = new Score(from: 4900);
        bool said = false;
        world.RunTo(6000, w =>
        {
            after.See(w);
            said |= w.Last!.Sources[0].Alarm is not null;
        });
        Assert.True(said);
        Assert.InRange(after.Max, 0, 2e-4);
        Assert.Null(world.Last!.Sources[0].Alarm);
    }

    [Theory]
    [InlineData(1e-3)]
    [InlineData(-100)]
    [InlineData(1e8)]
    public void Somebody_else_steps_the_clock_and_the_estimates_do_not_move(double step)
    {
        var settings = new DisciplineSettings { StepLimit = -1 };
        var world = new World(6, new() { Settings = settings, Options = Setup.FixedPoll(64) });
        world.RunTo(5000);
        var before = world.Last!.Sources[0].Estimate!.Value.MovedTo(world.Clock.Read().At);
        world.Clock.Meddle(step);
        world.Update();
        var after = world.Last!.Sources[0].Estimate!.Value;
        Assert.InRange((after.Utc - before.Utc).Magnitude.Seconds, 0, 1e-9);
        Assert.Equal(before.Rate, after.Rate);
        Assert.Contains("somebody else moved the clock", world.Last.Tracking.Explanation, StringComparison.Ordinal);
        world.RunTo(5100);
        Assert.InRange(Math.Abs(world.Clock.Error), 0, 2e-4);
        Assert.InRange(Math.Abs(world.Discipline.ClockBias.Ppb), 0, 1);
    }

    [Fact]
    public void When_the_link_dies_the_clock_goes_on_and_the_bound_grows_honestly()
    {
        List<double> drift = [];
        for (ulong seed = 1; seed <= 25; seed++)
        {
            var world = new World(seed, new()) { LinkDies = 10000 };
            world.RunTo(10000);
            double at = world.Clock.Error;
            var after = new Score(from: 10000);
            world.RunTo(11000, after.See);
            drift.Add(Math.Abs(world.Clock.Error - at));
            world.RunTo(30000, after.See);
            Assert.InRange(after.Inside, 0.999, 1);
            Assert.Equal(Verdict.Unreachable, world.Last!.Sources[0].Verdict);
            Assert.True(world.Last.Tracking.Holdover);
            Assert.True(world.Last.Announcement.Synchronized);
            Assert.InRange(world.Last.Announcement.Bound.Seconds, 0.018, 0.1);
            Assert.Contains("holdover for", world.Last.Tracking.Explanation, StringComparison.Ordinal);
        }

        drift.Sort();
        Assert.InRange(drift[12], 0, 6e-5); // chrony: 46 us
    }

    [Fact]
    public void A_long_holdover_ends_in_not_synchronised()
    {
        var world = new World(1, new() { Settings = new() { MaxHoldoverBound = Duration.FromSeconds(0.01) } }) { LinkDies = 5000 };
        world.RunTo(6000);
        Assert.True(world.Last!.Announcement.Synchronized);
        world.RunTo(20000);
        Assert.False(world.Last!.Announcement.Synchronized);
    }

    [Fact]
    public void Without_sources_there_is_an_announcement_and_no_correction()
    {
        var discipline = new ClockDiscipline(new());
        var clock = new VirtualClock(new Dice(1), 1, 0, 0, kernel: false).Read();
        var outcome = discipline.Update(clock, clock.At);
        Assert.False(outcome.Announcement.Synchronized);
        Assert.Equal(16, outcome.Announcement.Bound.Seconds);
        Assert.Null(outcome.Correction);
        Assert.Null(outcome.Selected);
        Assert.Equal("no sources", outcome.Tracking.Explanation);
    }

    [Fact]
    public void A_gap_in_raw_time_voids_offsets_keeps_the_rate_and_allows_a_step_again()
    {
        var world = new World(8, new() { Options = Setup.FixedPoll(16) });
        world.RunTo(5000);
        world.Discipline.OnGap();
        world.Clock.Meddle(-3600); // the clock lost an hour
        Assert.InRange(world.Discipline.Drift!.Rate.Ppm, -100.1, -99.9);
        world.Update();
        Assert.False(world.Last!.Announcement.Synchronized);
        Assert.Null(world.Last.Correction);
        var after = new Score(from: 5060);
        world.RunTo(6000, after.See);
        Assert.Equal(2, world.Clock.Steps);
        Assert.InRange(after.Max, 0, 5e-4);
        Assert.True(world.Last!.Announcement.Synchronized);
    }

    [Fact]
    public void A_sudden_change_of_rate_is_caught_and_polls_become_frequent()
    {
        var world = new World(9, new());
        world.RunTo(10000);
        var before = world.Last!.Sources[0].PollInterval;
        world.Clock.Heat(2e-6);
        var shortest = before;
        world.RunTo(12000, w => shortest = Duration.Min(shortest, w.Last!.Sources[0].PollInterval));
        Assert.InRange(before.Seconds, 250, 1024);
        Assert.InRange(shortest.Seconds, 64, 130);
        Assert.InRange(Math.Abs(world.Clock.Error), 0, 5e-4);
    }

    [Fact]
    public void In_holdover_a_rate_that_goes_up_and_down_comes_back_to_its_mean()
    {
        var world = new World(4, new() { Options = Setup.FixedPoll(16) }) { LinkDies = 8500 }; // at the crest
        double before = 0;
        for (int at = 20; at <= 30000; at += 20)
        {
            world.RunTo(at);
            double now = 5e-6 * Math.Sin(2 * Math.PI * at / 2000);
            world.Clock.Heat(now - before);
            before = now;
        }

        Assert.InRange(Math.Abs(world.Clock.Error), 0, 0.03); // by the rate at the crest 0.1
        Assert.True(world.Last!.Tracking.Holdover);
    }

    [Fact]
    public void A_symmetric_change_of_route_is_survived()
    {
        double add = 0;
        var world = new World(10, new() { Options = Setup.FixedPoll(64), Path = (_, d) => new(d) { Detour = t => t > 5000 ? add : 0 } });
        add = 5e-3;
        var after = new Score(from: 5000);
        world.RunTo(12000, after.See);
        Assert.InRange(after.Max, 0, 1e-3);
        Assert.InRange(after.Inside, 0.999, 1);
    }

    [Fact]
    public void A_leap_second_needs_more_than_half_of_the_selected_sources()
    {
        var world = new World(11, new() { Servers = 3 });
        world.RunTo(1000);
        Assert.Equal(LeapSecond.None, Announced(world, LeapSecond.Insert));
        Assert.Equal(LeapSecond.None, Announced(world, LeapSecond.Insert, LeapSecond.Delete, LeapSecond.None));
        Assert.Equal(LeapSecond.Insert, Announced(world, LeapSecond.Insert, LeapSecond.Insert));
        Assert.Equal(LeapSecond.Delete, Announced(world, LeapSecond.Delete, LeapSecond.Delete, LeapSecond.Insert));

        static LeapSecond Announced(World world, params LeapSecond[] leaps)
        {
            for (int i = 0; i < 3; i++)
            {
                world.Discipline.OnSourceState(new(i), new() { Leap = i < leaps.Length ? leaps[i] : LeapSecond.None });
            }

            world.Update();
            return world.Last!.Announcement.Leap;
        }
    }

    [Fact]
    public void A_clock_whose_own_rate_is_beyond_the_limit_of_correction_runs_off_within_its_bound()
    {
        var world = new World(7, new Setup { Bias = 600e-6, Frequency = 0, Offset = 0.01, Kernel = true });
        var score = new Score(1000);

        world.RunTo(4000, score.See);

        Assert.True(score.Max > 1e-3, "it runs off");
        Assert.InRange(score.Inside, 0.999, 1);
    }
}
