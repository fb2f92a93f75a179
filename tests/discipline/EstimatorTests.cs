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

    /// <summary>A latency that the other end claims and has not makes every round trip negative: that is an error of half as much, and nothing that is seen changes.</summary>
    [Theory]
    [InlineData(-3e-6, 0.25)]
    [InlineData(-0.5e-6, 1)]
    [InlineData(-1e-3, 1)]
    [InlineData(-3e-8, 0.25)] // within the noise
    public void Round_trips_that_are_negative_all_the_time_cost_half_of_themselves_and_no_more(double roundTrip, double interval)
    {
        const double jitter = 0.2e-6, rate = 27e-6;
        double worst = 0, latest = 0;
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var estimator = new DelayEstimator(new());
            var dice = new Dice(seed);
            for (int i = 0; i < 300; i++)
            {
                double there = (roundTrip / 2) + (jitter * dice.Exponential()), back = (roundTrip / 2) + (jitter * dice.Exponential());
                var use = estimator.Add(Pair(i * interval, there, back, rate));
                Assert.True(use is SampleUse.Used or SampleUse.RateChanged, $"seed {seed}: sample {i} is {use}");
            }

            double at = 300 * interval;
            estimator.TryEstimate(Raw(at), out var estimate);
            double error = (estimate.Utc - Utc(at * (1 + rate))).Seconds;
            (worst, latest) = (Math.Max(worst, Math.Abs(error)), Math.Max(latest, Math.Abs(estimate.Rate.Ppm - (rate * 1e6))));
            Assert.InRange(Math.Abs(error), 0, estimate.MaxError.Seconds);
            Assert.True(estimate.MaxError.Seconds >= -roundTrip / 2, $"{estimate.MaxError} is claimed");
        }

        Assert.InRange(worst, 0, 0.2e-6); // the way there and back is alike: nothing is lost by it
        Assert.InRange(latest, 0, 0.05);
    }

    [Fact]
    public void A_path_whose_round_trips_become_negative_is_followed_on()
    {
        var dice = new Dice(2);
        for (int i = 0; i < 200; i++)
        {
            double shift = i < 60 ? 1e-6 : -1.5e-6; // a latency is configured at the other end
            double there = shift + (1e-7 * dice.Exponential()), back = shift + (1e-7 * dice.Exponential());
            _estimator.Add(Pair(i * 0.5, there, back));
        }

        _estimator.TryEstimate(Raw(100), out var estimate);
        Assert.InRange((estimate.Utc - Utc(100)).Magnitude.Seconds, 0, 0.3e-6);
        Assert.InRange(Math.Abs(estimate.Rate.Ppm), 0, 0.1);
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

    /// <summary>A Sync, and the Delay_Req a tenth of a second before it.</summary>
    private static Sample Pair(double at, double there, double back, double rate = 0)
    {
        double before = at - 0.1;
        return new()
        {
            Forward = new(Raw(before), Utc((before * (1 + rate)) + there)), Backward = new(Raw(at), Utc((at * (1 + rate)) - back)), StampError = Duration.FromNanoseconds(40), Rate = FrequencyOffset.FromFraction(rate),
        };
    }

    private static Sample Exchange(double at, double there, double back, double offset = 0, double rate = 0)
    {
        var remote = Utc(at + there + offset + (rate * at));
        return new() { Forward = new(Raw(at), remote), Backward = new(Raw(at + there + back), remote) };
    }
}
