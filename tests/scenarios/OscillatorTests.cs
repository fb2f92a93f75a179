using TimeSuite.Simulation;

namespace TimeSuite.Scenarios.Tests;

/// <summary>The oscillator's noises against their definitions.</summary>
public sealed class OscillatorTests
{
    [Fact]
    public void The_rate_walks_at_random_by_wander_times_the_root_of_time()
    {
        const int seeds = 400, seconds = 900;
        double squares = Enumerable.Range(1, seeds).Sum(seed => Math.Pow(After(new Setup { Wander = 1e-9, Frequency = 0 }, (ulong)seed, seconds), 2));

        Assert.InRange(Math.Sqrt(squares / seeds), 0.9 * 1e-9 * 30, 1.1 * 1e-9 * 30); // sqrt(900) = 30
    }

    [Theory]
    [InlineData(16)]
    [InlineData(256)]
    public void Flicker_has_the_same_allan_deviation_at_all_lengths(int length)
    {
        double squares = 0;
        int count = 0;
        for (ulong seed = 1; seed <= 40; seed++)
        {
            var oscillator = new Oscillator(new Setup { Wander = 0, Frequency = 0, Flicker = 1e-8 }, seed, "0");
            double before = double.NaN;
            for (int stretch = 0; stretch < 20; stretch++)
            {
                double sum = 0;
                for (int second = 0; second < length; second++)
                {
                    oscillator.Second(0);
                    sum += oscillator.Error;
                }

                double mean = sum / length;
                if (stretch > 0)
                {
                    squares += (mean - before) * (mean - before) / 2;
                    count++;
                }

                before = mean;
            }
        }

        Assert.InRange(Math.Sqrt(squares / count), 0.75e-8, 1.25e-8);
    }

    [Fact]
    public void Temperature_comes_as_a_sine_a_ramp_and_a_jump()
    {
        var steady = new Setup { Wander = 0, Frequency = 0 };

        Assert.Equal(1e-6, After(steady with { Sine = 1e-6, SinePeriod = 400 }, 1, 100), 12); // a quarter of the period
        Assert.Equal(5e-7, After(steady with { Ramp = 1e-9, RampFrom = 1000, RampTo = 1500 }, 1, 4000), 12);
        Assert.Equal(2e-6, After(steady with { Jump = 2e-6, JumpAt = 50 }, 1, 60), 12);
        Assert.Equal(0, After(steady with { Jump = 2e-6, JumpAt = 50 }, 1, 40), 12);
    }

    private static double After(Setup setup, ulong seed, int seconds)
    {
        var oscillator = new Oscillator(setup, seed, "0");
        for (int second = 1; second <= seconds; second++)
        {
            oscillator.Second(second);
        }

        return oscillator.Error;
    }
}
