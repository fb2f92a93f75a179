using TimeSuite.Discipline.Tests.Simulation;
using TimeSuite.Time;
using Xunit.Abstractions;

namespace TimeSuite.Discipline.Tests;

public sealed class PhcServoTests(ITestOutputHelper output)
{
    private const int Seeds = 15;

    /// <summary>ptp4l's PI servo has 101 and 42 ns in the same networks.</summary>
    [Theory]
    [InlineData(1, 300, 25e-9)]
    [InlineData(0.125, 100, 15e-9)]
    public void Follows_a_master_through_100_ns_of_jitter_and_its_bound_holds(double interval, double length, double limit)
    {
        List<double> errors = [];
        List<double> bounds = [];
        int outside = 0;
        int all = 0;
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var run = new PhcRun(seed) { Interval = interval, Frequency = 1e-4 };
            double sum = 0;
            int count = 0;
            run.RunTo(length, at =>
            {
                if (at.Now > length / 5)
                {
                    Assert.Equal(PhcState.Locked, at.Last.State);
                    sum += at.Error * at.Error;
                    count++;
                    all++;
                    outside += Math.Abs(at.Error) > at.Last.Bound!.Value.Seconds ? 1 : 0;
                    bounds.Add(at.Last.Bound!.Value.Seconds);
                }
            });
            errors.Add(Math.Sqrt(sum / count));
        }

        errors.Sort();
        bounds.Sort();
        output.WriteLine($"RMS {errors[0] * 1e9:F1} {errors[Seeds / 2] * 1e9:F1} {errors[^1] * 1e9:F1} ns, bound {bounds[bounds.Count / 2] * 1e9:F0} ns, outside {outside} of {all}");
        Assert.InRange(errors[Seeds / 2], 0, limit);
        Assert.InRange(outside, 0, all / 1000);
    }

    [Fact]
    public void An_oscillator_that_changes_by_100_ppm_each_second_is_followed_within_the_bound()
    {
        int all = 0;
        int outside = 0;
        double squares = 0;
        for (ulong seed = 1; seed <= 5; seed++)
        {
            var run = new PhcRun(seed, new() { MaxFrequency = FrequencyOffset.FromFraction(0.1) }) { Wander = 1e-4 };
            run.RunTo(300, at =>
            {
                if (at.Now > 60)
                {
                    all++;
                    outside += Math.Abs(at.Error) > at.Last.Bound!.Value.Seconds ? 1 : 0;
                    squares += at.Error * at.Error;
                }
            });
        }

        Assert.InRange(outside, 0, all / 100);
        Assert.InRange(Math.Sqrt(squares / all), 0, 3e-4);
    }

    [Fact]
    public void What_the_master_says_and_nobody_believes_yet_is_in_the_bound()
    {
        var run = new PhcRun(1);
        run.RunTo(100.5);
        Assert.InRange(run.Last.Bound!.Value.Seconds, 0, 1e-6);

        run.Master = 0.01;
        run.RunTo(101.5);

        Assert.InRange(Math.Abs(run.Error), 0, 1e-6); // it is not followed
        Assert.InRange(run.Last.Bound!.Value.Seconds, 0.0099, 0.0101);
    }

    [Fact]
    public void Behind_boundary_clocks_the_bound_takes_in_what_they_may_be_off_by()
    {
        var near = new PhcRun(1);
        var far = new PhcRun(1) { Servo = { ClocksBetween = 3 } };

        near.RunTo(100);
        far.RunTo(100);

        Assert.InRange(far.Last.Bound!.Value.Seconds / near.Last.Bound!.Value.Seconds, 2.5, 4); // in squares and in full
        Assert.Equal(near.Error, far.Error);
    }

    [Fact]
    public void Steps_once_and_is_near_within_seconds()
    {
        var run = new PhcRun(1) { Frequency = 1e-4 };

        run.RunTo(8);

        Assert.InRange(Math.Abs(run.Error), 0, 3e-7);
        Assert.Equal(1, run.Steps);
        Assert.Equal(PhcState.Locked, run.Last.State);
    }

    [Fact]
    public void A_sync_before_the_first_answer_is_no_reason_to_believe_in_a_path_without_delay()
    {
        var servo = new PhcServo(new());
        for (int i = 0; i < 40; i++)
        {
            double now = 1000 + i + (i % 3 * 1e-7); // some jitter, without which there is nothing to learn
            servo.Sync(new(Duration.FromSeconds((double)1000 + i)), new(Duration.FromSeconds(now + 50e-6)), Duration.Zero);
            servo.Update(new(Duration.FromSeconds(now + 60e-6)));
            if (i > 4)
            {
                servo.Delay(new(Duration.FromSeconds(now + 0.5)), new(Duration.FromSeconds(now + 0.5 + 50e-6 + (i % 2 * 1e-7))), Duration.Zero);
            }
        }

        var outcome = servo.Update(new(Duration.FromSeconds(1040.0)));

        Assert.Equal(50e-6, outcome.PathDelay!.Value.Seconds, 6);
        Assert.InRange(Math.Abs(outcome.Offset!.Value.Seconds), 0, 1e-6);
    }

    [Theory]
    [InlineData(0.09)]
    [InlineData(-0.08)]
    [InlineData(1e-4)]
    [InlineData(-1e-4)]
    public void Is_as_near_with_an_oscillator_that_is_slow_as_with_a_fast_one(double frequency)
    {
        var run = new PhcRun(1, new() { MaxFrequency = FrequencyOffset.FromFraction(0.1) }) { Frequency = frequency };

        double squares = 0;
        run.RunTo(200, at => squares += at.Now > 100 ? at.Error * at.Error : 0);

        Assert.InRange(Math.Sqrt(squares / 100), 0, 30e-9);
    }

    [Fact]
    public void Without_a_step_the_phase_is_worked_off_at_the_rate_that_is_allowed()
    {
        var run = new PhcRun(1, new() { FirstStepThreshold = null, MaxSlewRate = FrequencyOffset.FromPpm(400) }) { Error = 0.01 };
        double fastest = 0;

        run.RunTo(60, at => fastest = Math.Max(fastest, at.Last.Steering is { } steering ? (steering.Turned - steering.Frequency).Magnitude.Fraction : 0));

        Assert.Equal(0, run.Steps);
        Assert.InRange(fastest, 399e-6, 401e-6);
        Assert.InRange(Math.Abs(run.Error), 0, 3e-7);
    }

    [Fact]
    public void Holds_over_by_the_rate_that_it_has_seen_and_says_how_far_it_may_be_off()
    {
        double worst = 0;
        List<double> errors = [];
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var run = new PhcRun(seed) { Frequency = 1e-4 };
            run.RunTo(1500);
            run.IsConnected = false;
            run.RunTo(2500, at => worst = Math.Max(worst, Math.Abs(at.Error) / at.Last.Bound!.Value.Seconds));
            Assert.Equal(PhcState.Holdover, run.Last.State);
            errors.Add(Math.Abs(run.Error));
        }

        errors.Sort();
        Assert.InRange(errors[5], 0, 25e-6);
        Assert.InRange(worst, 0, 1);
    }

    [Fact]
    public void Another_master_is_followed_by_what_is_known_until_it_has_spoken_thrice()
    {
        var run = new PhcRun(1);
        run.RunTo(100);

        run.Servo.Follow();
        run.RunTo(101.5);

        Assert.InRange(Math.Abs(run.Error), 0, 2e-7);
        Assert.Equal(1, run.Steps);
    }

    [Fact]
    public void A_step_of_the_master_is_followed_when_three_samples_say_the_same()
    {
        var run = new PhcRun(1, new() { StepThreshold = Duration.FromSeconds(1L) });
        run.RunTo(100.5);

        run.Master = 100;
        run.RunTo(102.5);
        Assert.InRange(Math.Abs(run.Error), 0, 1e-6);
        run.RunTo(106);

        Assert.Equal(100, run.Error, 6);
        Assert.Equal(2, run.Steps);
    }

    [Fact]
    public void With_peer_delays_the_mean_excess_of_the_link_is_no_offset()
    {
        List<double> means = [];
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var run = new PhcRun(seed) { Requests = 0 };
            double sum = 0;
            run.RunTo(500, at => sum += at.Now > 200 ? at.Error : 0);
            means.Add(sum / 300);
        }

        Assert.InRange(Math.Abs(means.Average()), 0, 30e-9);
    }
}
