using TimeSuite.Discipline.Tests.Simulation;
using TimeSuite.Time;
using Yardstick = TimeSuite.Simulation.Yardstick;

namespace TimeSuite.Discipline.Tests;

/// <summary>Delays of other shapes than the one assumed: never worse than the <see cref="Yardstick"/>, and no less honest.</summary>
public class ShapeTests
{
    private const int Seeds = 8;

    public static TheoryData<string, double, double, double> Rows
    {
        get
        {
            var rows = new TheoryData<string, double, double, double>();
            foreach (string shape in (string[])["exponential", "lognormal", "Weibull", "bimodal", "quantised"])
            {
                rows.Add(shape, 1e-4, 1e-9, 278);
                rows.Add(shape, 1e-4, 1e-9, 16);
                rows.Add(shape, 1e-3, 1e-9, 263);
                rows.Add(shape, 1e-5, 1e-8, 65);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void On_any_shape_of_delays_it_is_no_worse_than_the_best_minimum_delay_regression(
        string shape, double jitter, double wander, double poll)
    {
        int[] lengths = [8, 12, 16, 24, 32, 48, 64];
        double[] theirs = new double[lengths.Length];
        double ours = 0;
        double claimed = 0;
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var clock = new VirtualClock(new Dice(seed), 0.1, 1e-4, wander, kernel: false);
            var link = new Link(new Dice((seed * 1009) + 77)) { Jitter = jitter, Shape = Excess(shape, jitter) };
            var estimator = new DelayEstimator(new());
            Yardstick[] yardsticks = [.. lengths.Select(length => new Yardstick(length))];
            double limit = 40 * poll;
            for (double next = 1; next < limit; next += poll)
            {
                clock.AdvanceTo(next);
                var sample = link.Exchange(clock, out double arrival);
                clock.AdvanceTo(arrival);
                estimator.Add(sample);
                Array.ForEach(yardsticks, line => line.Add(sample));
                for (double at = 0.1; at < 1 && next > limit / 5; at += 0.2)
                {
                    double now = next + (at * poll);
                    clock.AdvanceTo(now);
                    var raw = clock.RawAt(now);
                    var truth = VirtualClock.Epoch + Duration.FromSeconds(now);
                    estimator.TryEstimate(raw, out var estimate);
                    ours += Square(estimate.Utc - truth);
                    claimed += estimate.Covariance.Offset;
                    for (int i = 0; i < lengths.Length; i++)
                    {
                        theirs[i] += Square(yardsticks[i].At(raw) - truth);
                    }
                }
            }
        }

        Assert.InRange(Math.Sqrt(ours / theirs.Min()), 0, 1.02);
        Assert.InRange(Math.Sqrt(ours / claimed), 0.4, 2);
    }

    private static double Square(Duration length) => length.Seconds * length.Seconds;

    /// <summary>Of mean 1.</summary>
    private static Func<Dice, double>? Excess(string shape, double jitter) => shape switch
    {
        "lognormal" => d => Math.Exp(d.Normal() - 0.5),
        "Weibull" => d => Math.Pow(d.Exponential(), 1 / 0.6) / 1.5046, // mean of the raw one
        "bimodal" => d => d.Uniform() < 0.7 ? 0.3 * d.Exponential() : 2.2 + (0.433 * d.Exponential()),
        "quantised" => d => Math.Round(d.Exponential() * jitter * 1e6) / (jitter * 1e6),
        _ => null,
    };
}
