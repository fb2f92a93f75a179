using System.Diagnostics;
using TimeSuite.Discipline.Tests.Simulation;
using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

public class EstimatorTests
{
    private readonly DelayEstimator _estimator = new(new());

    [Fact]
    public void Nothing_is_estimated_before_the_first_sample() =>
        Assert.False(_estimator.TryEstimate(default, out _));

    [Fact]
    public void One_sample_gives_its_middle_with_an_honest_doubt()
    {
        _estimator.Add(Exchange(0, there: 0.001, back: 0.003));
        Assert.True(_estimator.TryEstimate(Raw(0.004), out var estimate));
        Assert.Equal(0.003, (estimate.Utc - Utc(0)).Seconds, 1e-4);
        Assert.InRange(estimate.Covariance.OffsetSigma.Seconds, 2e-4, 2e-3);
        Assert.InRange(estimate.MaxError.Seconds, 0.002, 0.01);
        Assert.Equal(0.004, estimate.MinDelay.Seconds, 1e-9);
        Assert.Equal(1, estimate.SampleCount);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(2e17)] // the year 6e9: dates never pass through a double
    public void Dates_do_not_cost_precision(double since)
    {
        var dice = new Dice(1);
        var epoch = new Instant<Utc>(Duration.FromSeconds((long)since));
        for (int i = 0; i < 200; i++)
        {
            var sent = Raw(i);
            var there = Duration.FromSeconds(1e-6 + (1e-9 * dice.Exponential()));
            var back = Duration.FromSeconds(1e-6 + (1e-9 * dice.Exponential()));
            var remote = epoch + sent.SinceEpoch + there;
            _estimator.Add(new() { Forward = new(sent, remote), Backward = new(sent + there + back, remote) });
        }

        _estimator.TryEstimate(Raw(199), out var estimate);
        Assert.InRange((estimate.Utc - epoch - Raw(199).SinceEpoch).Magnitude.Seconds, 0, 5e-9);
    }

    [Fact]
    public void Late_and_empty_samples_are_refused()
    {
        Assert.Equal(SampleUse.Used, _estimator.Add(Exchange(10, 1e-4, 1e-4)));
        Assert.Equal(SampleUse.Refused, _estimator.Add(Exchange(5, 1e-4, 1e-4)));
        Assert.Equal(SampleUse.Refused, _estimator.Add(Exchange(10, 1e-4, 1e-4)));
        Assert.Equal(SampleUse.Refused, _estimator.Add(default));
        Assert.Single(_estimator.History);
    }

    [Fact]
    public void Memory_is_sixty_four_samples_and_they_restore_the_estimate()
    {
        var dice = new Dice(3);
        for (int i = 0; i < 500; i++)
        {
            _estimator.Add(Exchange(i * 16, 1e-4 * (1 + dice.Exponential()), 1e-4 * (1 + dice.Exponential())));
        }

        Assert.Equal(64, _estimator.History.Count);
        var second = new DelayEstimator(new());
        foreach (var sample in _estimator.History)
        {
            second.Add(sample);
        }

        _estimator.TryEstimate(Raw(8000), out var before);
        second.TryEstimate(Raw(8000), out var after);
        Assert.InRange((before.Utc - after.Utc).Magnitude.Seconds, 0, 4 * after.Covariance.OffsetSigma.Seconds);
    }

    [Fact]
    public void A_one_way_source_is_followed_too()
    {
        var dice = new Dice(4);
        for (int i = 1; i <= 100; i++)
        {
            _estimator.Add(new() { Backward = new(Raw(i + (1e-6 * dice.Exponential())), Utc(i)), StampError = Duration.FromSeconds(1e-7) });
        }

        Assert.True(_estimator.TryEstimate(Raw(101), out var estimate));
        Assert.InRange((estimate.Utc - Utc(101)).Magnitude.Seconds, 0, 1e-6);
    }

    [Fact]
    public void A_restart_keeps_the_rate_with_a_little_doubt()
    {
        for (int i = 0; i < 50; i++)
        {
            _estimator.Add(Exchange(i * 16, 1e-4, 1e-4, rate: 2e-5));
        }

        _estimator.Restart();
        Assert.False(_estimator.TryEstimate(Raw(1000), out _));
        _estimator.Add(Exchange(2000, 1e-4, 1e-4, rate: 2e-5));
        _estimator.TryEstimate(Raw(2001), out var estimate);
        Assert.Equal(20, estimate.Rate.Ppm, 0.5);
        Assert.InRange(estimate.Covariance.RateSigma.Ppm, 0.9, 3);
    }

    [Theory]
    [InlineData(9)] // of the first sixteen: they are known by what they exceed
    [InlineData(14)] // known only when later ones tell that they were not ordinary
    public void What_was_held_up_at_the_start_is_not_long_believed(int heldUp)
    {
        var dice = new Dice(6);
        for (int i = 0; i < 48; i++)
        {
            double hold = i < heldUp ? 3 * dice.Uniform() : 0;
            double there = 1e-4 * (1 + dice.Exponential()), back = 1e-4 * (1 + dice.Exponential());
            _estimator.Add(i % 2 == 0 ? Exchange(4 * i, there + hold, back) : Exchange(4 * i, there, back + hold));
        }

        _estimator.TryEstimate(Raw(192), out var estimate);
        Assert.InRange(estimate.Jitter.Seconds, 5e-5, 2e-4);
        Assert.InRange(estimate.Covariance.OffsetSigma.Seconds, 1e-6, 5e-5);
        Assert.InRange((estimate.Utc - Utc(192)).Magnitude.Seconds, 0, 5e-5);
    }

    [Fact]
    public void Suspect_samples_must_agree_with_each_other_before_they_are_believed()
    {
        for (int i = 0; i < 20; i++)
        {
            _estimator.Add(Exchange(i * 16, 1e-4, 1e-4));
        }

        Assert.Equal(SampleUse.Suspect, _estimator.Add(Exchange(400, 1e-4, 1e-4, offset: 1)));
        Assert.Equal(1, _estimator.SuspectOffset.Seconds, 1e-3);
        Assert.Equal(SampleUse.Suspect, _estimator.Add(Exchange(416, 1e-4, 1e-4, offset: 7)));
        Assert.Equal(SampleUse.Suspect, _estimator.Add(Exchange(432, 1e-4, 1e-4, offset: -3)));
        Assert.Equal(SampleUse.Suspect, _estimator.Add(Exchange(448, 1e-4, 1e-4, offset: -3)));
        Assert.Equal(SampleUse.FollowedStep, _estimator.Add(Exchange(464, 1e-4, 1e-4, offset: -3)));
        _estimator.TryEstimate(Raw(464), out var estimate);
        Assert.Equal(-3, (estimate.Utc - Utc(464)).Seconds, 1e-3);
    }

    [Fact]
    public void A_delay_below_zero_by_the_stamps_errors_does_no_harm()
    {
        var dice = new Dice(5);
        for (int i = 0; i < 100; i++)
        {
            _estimator.Add(Exchange(i, 1e-7 * dice.Normal(), 1e-7 * dice.Normal()) with { StampError = Duration.FromSeconds(2e-7) });
        }

        _estimator.TryEstimate(Raw(100), out var estimate);
        Assert.InRange((estimate.Utc - Utc(100)).Magnitude.Seconds, 0, 3e-7);
    }

    [Fact]
    public void The_source_s_own_errors_are_in_the_bound()
    {
        var sample = Exchange(0, 1e-4, 1e-4) with { RootDelay = Duration.FromSeconds(0.02), RootDispersion = Duration.FromSeconds(0.003) };
        _estimator.Add(sample);
        _estimator.TryEstimate(Raw(0), out var estimate);
        Assert.InRange(estimate.MaxError.Seconds, 0.0131, 0.014);
    }

    [Fact]
    public void Garbage_within_a_hundred_years_never_throws_and_leaves_numbers()
    {
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var dice = new Dice(seed);
            var world = new ClockDiscipline(new() { StepConfirmation = (int)(seed % 4) });
            world.AddSource(new(1), new() { MaxDelay = Duration.FromSeconds(1e9) });
            double at = 0;
            for (int i = 0; i < 100; i++)
            {
                at += Math.Exp(12 * dice.Normal() / 3);
                double size = Math.Exp((10 * dice.Normal()) - 5);
                var sample = Exchange(Math.Min(at, 3e9), Math.Min(size, 1e9) * dice.Normal(), Math.Min(size, 1e9) * dice.Uniform(), offset: 1e3 * dice.Normal() * (i % 7 == 0 ? 1 : 0));
                world.OnSample(new(1), sample with { StampError = Duration.FromSeconds(i % 5 == 0 ? 0 : 1e-6) });
                var outcome = world.Update(new() { At = sample.At, Reading = Utc(at) }, sample.At);
                Assert.True(outcome.Announcement.Bound.Sign >= 0);
                Assert.True(outcome.Correction is null || outcome.Correction.Frequency.IsWithin(FrequencyOffset.FromPpm(500)));
            }
        }
    }

    [Fact]
    public void A_sample_costs_little()
    {
        const int round = 20;
        var dice = new Dice(6);
        var estimator = new DelayEstimator(new());
        var least = TimeSpan.MaxValue; // of many short rounds: one of them is not disturbed, however busy the machine is
        for (int i = 0; i < 5000; i += round)
        {
            var watch = Stopwatch.StartNew();
            for (int k = i; k < i + round; k++)
            {
                estimator.Add(Exchange(k * 16, 1e-4 * (1 + dice.Exponential()), 1e-4 * (1 + dice.Exponential())));
            }

            least = watch.Elapsed < least ? watch.Elapsed : least;
        }

        Assert.True(least.TotalMicroseconds / round < 1000, "50 times the aim: only a blunder is caught here");
    }

    private static Instant<Raw> Raw(double seconds) => new(Duration.FromSeconds(100 + seconds));

    private static Instant<Utc> Utc(double seconds) => new(Duration.FromSeconds(1_800_000_000L) + Duration.FromSeconds(seconds));

    private static Sample Exchange(double at, double there, double back, double offset = 0, double rate = 0)
    {
        var remote = Utc(at + there + offset + (rate * at));
        return new() { Forward = new(Raw(at), remote), Backward = new(Raw(at + there + back), remote) };
    }
}
