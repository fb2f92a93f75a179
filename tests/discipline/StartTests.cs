using TimeSuite.Discipline.Tests.Simulation;
using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

/// <summary>From a clock that is visibly wrong to one that is right.</summary>
public class StartTests
{
    [Theory]
    [InlineData(0.05, false)]
    [InlineData(0.05, true)]
    [InlineData(-0.05, true)]
    [InlineData(0.002, false)]
    [InlineData(0.002, true)]
    public void On_loopback_fifty_milliseconds_and_thirty_ppm_are_gone_within_thirty_seconds(double offset, bool kernel)
    {
        for (ulong seed = 1; seed <= 25; seed++)
        {
            var world = new World(seed, Loopback with { Offset = offset, Kernel = kernel });
            var after = new Score(from: 30);
            world.RunTo(60, after.See);
            Assert.InRange(after.Max, 0, 1e-4);
            Assert.Equal(1, after.Inside);
            Assert.True(world.Last!.Announcement.Synchronized);
        }
    }

    [Fact]
    public void Ten_seconds_are_stepped_within_five_seconds_and_below_a_millisecond_from_then_on()
    {
        for (ulong seed = 1; seed <= 25; seed++)
        {
            var world = new World(seed, new() { Offset = 10, Burst = 8 });
            var after = new Score(from: 5);
            world.RunTo(1000, after.See);
            Assert.InRange(after.Max, 0, 1e-3);
            Assert.Equal(1, world.Clock.Steps);
        }
    }

    [Fact]
    public void The_step_is_not_made_from_packets_that_were_held_up_where_a_good_one_follows()
    {
        for (ulong seed = 1; seed <= 25; seed++)
        {
            int legs = 0;
            var world = new World(seed, new()
            {
                Path = (_, dice) => new(dice) { Shape = d => ++legs <= 8 ? 5000 * d.Uniform() : d.Exponential() }, // four exchanges of up to 0.5 s each way
                Options = _ => new() { MinPoll = Duration.FromSeconds(1L), MaxPoll = Duration.FromSeconds(4L) },
            });
            var after = new Score(from: 60);
            bool isEarly = false;
            world.RunTo(100, now =>
            {
                isEarly |= now.Last is { Announcement.Synchronized: true } && now.Clock.Steps == 0;
                after.See(now);
            });
            Assert.False(isEarly); // clockd allows no step after that
            Assert.InRange(after.Max, 0, 2e-3);
            Assert.Equal(1, world.Clock.Steps);
        }
    }

    [Theory]
    [InlineData(480)]
    [InlineData(-480)]
    public void An_oscillator_at_the_edge_of_what_can_be_corrected_is_caught(double ppm)
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var world = new World(seed, new() { Frequency = ppm * 1e-6, Burst = 8 });
            var after = new Score(from: 1000);
            world.RunTo(3000, after.See);
            Assert.InRange(after.Max, 0, 1e-3);
            Assert.Equal(1, after.Inside);
        }
    }

    [Fact]
    public void A_known_rate_is_used_from_the_first_sample_on()
    {
        var drift = new DriftState(FrequencyOffset.FromPpm(-100), FrequencyOffset.FromPpm(0.1));
        double with = MeanMax(new() { Burst = 4, Drift = drift });
        double without = MeanMax(new() { Burst = 4 });
        Assert.InRange(with, 0, without / 4);
    }

    [Fact]
    public void Before_there_is_any_sample_the_clock_runs_by_the_known_rate_and_is_not_called_synchronised()
    {
        var drift = new DriftState(FrequencyOffset.FromPpm(-100), FrequencyOffset.FromPpm(0.1));
        var discipline = new ClockDiscipline(new());
        discipline.AddSource(new(0), new());
        var clock = new World(1, new()).Clock.Read();
        Assert.Null(discipline.Update(clock, clock.At).Correction);

        discipline.Expect(drift);
        var outcome = discipline.Update(clock, clock.At);
        Assert.Equal(new Correction { Frequency = drift.Rate }, outcome.Correction);
        Assert.False(outcome.Announcement.Synchronized);
        Assert.Null(discipline.Update(clock with { Frequency = FrequencyOffset.FromPpm(-90) }, clock.At).Correction); // set before, by us or by another
    }

    [Fact]
    public void What_is_exported_at_the_end_helps_the_next_run()
    {
        var first = new World(5, new());
        first.RunTo(5000);
        var drift = first.Discipline.Drift!;
        Assert.InRange(drift.Rate.Ppm, -100.2, -99.8);
        Assert.InRange(drift.Sigma.Ppm, 1e-4, 0.5);

        var history = first.Discipline.ExportHistory(new(0))!;
        var next = new ClockDiscipline(new());
        next.Expect(drift);
        next.AddSource(new(0), new());
        next.ImportHistory(history);
        var clock = first.Clock.Read();
        var outcome = next.Update(clock, clock.At);
        Assert.True(outcome.Announcement.Synchronized);
        Assert.InRange((outcome.Tracking.Offset - first.Last!.Tracking.Offset).Magnitude.Seconds, 0, 5e-5);
    }

    [Fact]
    public void A_broken_drift_value_is_survived()
    {
        var world = new World(2, new()
        {
            Drift = new(FrequencyOffset.FromPpm(400), FrequencyOffset.FromPpm(0.01)), // the truth is -100 ppm
            Options = Setup.FixedPoll(16),
        });
        var after = new Score(from: 2000);
        world.RunTo(4000, after.See);
        Assert.InRange(after.Max, 0, 5e-4);
    }

    private static Setup Loopback => new()
    {
        Frequency = 3e-5,
        Burst = 8,
        Path = (_, dice) => new(dice) { Base = 1e-5, Jitter = 4e-5 },
        Options = _ => new() { MinPoll = Duration.FromSeconds(1L), MaxPoll = Duration.FromSeconds(4L) },
    };

    private static double MeanMax(Setup setup) => Enumerable.Range(1, 15).Average(seed =>
    {
        var world = new World((ulong)seed, setup);
        var after = new Score(from: 10, to: 64);
        world.RunTo(64, after.See);
        return after.Max;
    });
}
