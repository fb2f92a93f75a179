using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

/// <summary>How restless the oscillator may be, by few samples and by many.</summary>
public sealed class ModelBankTests
{
    [Fact]
    public void Few_samples_do_not_rule_out_a_restless_oscillator_whatever_is_common()
    {
        double few = Ahead(5), many = Ahead(20);

        Assert.InRange(few, 12, 100); // five samples 200 s apart: 1e-7 makes 0.2 ms of it, the usual 1e-9 2 us
        Assert.InRange(many, 3, 7);
    }

    /// <summary>What the bound takes in for 300 s after so many samples, 200 s apart, in standard deviations by all that is likely.</summary>
    private static double Ahead(int samples)
    {
        var random = new Random(7);
        var estimator = new DelayEstimator(new());
        estimator.Expect(default, FrequencyOffset.FromPpm(0.01));
        for (int i = 0; i < samples; i++)
        {
            var sent = new Instant<Raw>(Duration.FromSeconds(1000.0 + (200 * i)));
            double there = 1e-4 * (1 - Math.Log(1 - random.NextDouble())), back = 1e-4 * (1 - Math.Log(1 - random.NextDouble()));
            var arrived = new Instant<Utc>(sent.SinceEpoch + Duration.FromSeconds(there));
            estimator.Add(new() { Forward = new(sent, arrived), Backward = new(sent + Duration.FromSeconds(there + back), arrived) });
        }

        Assert.True(estimator.TryEstimate(new(Duration.FromSeconds(1300.0 + (200 * (samples - 1)))), out var later));
        return later.Tail.Reach.Seconds / later.Covariance.OffsetSigma.Seconds;
    }
}
