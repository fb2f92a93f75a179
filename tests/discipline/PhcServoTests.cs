using TimeSuite.Discipline.Tests.Simulation;
using TimeSuite.Time;
using Xunit.Abstractions;

namespace TimeSuite.Discipline.Tests;

public sealed class PhcServoTests(ITestOutputHelper output)
{
    private const int Seeds = 25;

    /// <summary>ptp4l's PI servo has 101 and 42 ns in the same networks.</summary>
    [Theory]
    [InlineData(1, 500, 25e-9)]
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
}
