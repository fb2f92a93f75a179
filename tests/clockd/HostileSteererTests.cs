using Grpc.Core;
using TimeSuite.Time;

namespace TimeSuite.Clockd.Tests;

/// <summary>The steerer has been taken over. It may do all that policy allows and no more, however often clockd is killed.</summary>
public sealed class HostileSteererTests
{
    private const int Day = 86_400;

    /// <summary>Twenty-four hours of the worst legal sequence after the first synchronisation, a kill of clockd each ten minutes.</summary>
    [Theory]
    [InlineData(true, +1)]
    [InlineData(false, +1)]
    [InlineData(false, -1)]
    public void A_day_of_the_worst_legal_sequence_moves_the_clock_by_what_policy_promises(bool isShadow, int direction)
    {
        using var host = new Host(isShadow);
        var lease = host.Steer();
        Assert.Equal(StatusCode.OK, host.Announce(lease).Code);
        var start = host.Now();
        var startTime = host.Time;
        double Displacement() => isShadow
            ? (host.Time - startTime - (host.Now().Raw - start.Raw)).Seconds
            : host.Kernel.Displaced / 1e9;

        for (int second = 0; second < Day; second += 10)
        {
            if (second % 600 == 590)
            {
                host.Restart();
                lease = host.Steer();
            }

            host.Adjust(lease, ppm: direction * 500);
            foreach (double phase in (double[])[1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0001])
            {
                if (host.Adjust(lease, ppm: direction * 500, phase: direction * phase).Code == StatusCode.OK)
                {
                    break;
                }
            }

            host.StepBy(lease, direction * 0.1);
            host.Announce(lease, leap: LeapSecond.Delete, tai: 60 - (second % 2));
            host.Pass(10);
        }

        const double promised = (500e-6 * Day) + 1.0; // rate all day, and the day's budget of slewed phase; no steps
        Assert.InRange(direction * Displacement(), promised - 0.1, promised + 0.001); // and it was tried: nearly all of it was used
        Assert.Equal(0UL, host.Session.Describe("").Counters.Steps);
    }

    [Fact]
    public void Two_days_have_two_budgets()
    {
        using var host = new Host();
        var lease = host.Steer();
        host.Announce(lease);
        var (startTime, start) = (host.Time, host.Now().Raw);
        for (int second = 0; second < 2 * Day; second += 60)
        {
            var state = host.Renew(lease);
            if (state.Pending == Duration.Zero && state.BudgetLeft.Seconds > 1e-6)
            {
                Assert.Equal(StatusCode.OK, host.Adjust(lease, ppm: 0, phase: state.BudgetLeft.Seconds * 0.999999).Code);
            }

            for (int part = 0; part < 12; part++)
            {
                host.Pass(5);
                host.Renew(lease);
            }
        }

        Assert.InRange((host.Time - startTime - (host.Now().Raw - start)).Seconds, 1.9, 2.0 + 0.001);
    }

    [Fact]
    public void Before_the_first_synchronisation_there_are_three_steps_and_killing_does_not_help()
    {
        using var host = new Host(isShadow: false);
        int made = 0;
        for (int attempt = 0; attempt < 20; attempt++)
        {
            made += host.StepBy(host.Steer(), 1e6).Code == StatusCode.OK ? 1 : 0;
            host.Restart();
        }

        Assert.Equal(3, made);
        Assert.Equal(3e6 * 1e9, host.Kernel.Displaced);
    }

    /// <summary>Any numbers at all, in any order: an answer each time, and the clock within what policy promises.</summary>
    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(false, 3)]
    [InlineData(false, 4)]
    public void Any_numbers_in_any_order(bool isShadow, int seed)
    {
        double[] odd = [0, -0.0, double.NaN, double.PositiveInfinity, 1e300, -1e300, double.Epsilon, 1e9, -1e9, 500, -500, 500.0000001, 1e-30];
        using var host = new Host(isShadow, new() { LaterStepsPerDay = 1, MaxLaterStep = Duration.FromSeconds(2L) });
        var random = new Random(seed);
        var lease = host.Steer();
        host.Announce(lease);
        var (startTime, start, seconds) = (host.Time, host.Now().Raw, 0);
        for (int attempt = 0; attempt < 3000; attempt++)
        {
            var notAfter = host.Now().Boot + Duration.FromSeconds(random.Next(-1, 3));
            switch (random.Next(6))
            {
                case 0:
                    host.Carry(lease, new() { Frequency = FrequencyOffset.FromPpm(Number()), BaseFrequency = FrequencyOffset.FromPpm(Number()), Slew = (Length(), Length()) }, notAfter);
                    break;
                case 1:
                    host.Carry(lease, new()
                    {
                        Frequency = FrequencyOffset.FromPpm(Number()), Slew = random.Next(2) == 0 ? null : (Length(), Length()), Announcement = random.Next(2) == 0 ? null : Said(),
                    }, notAfter);
                    break;
                case 2:
                    host.Carry(lease, new() { Step = Length(), Announcement = random.Next(2) == 0 ? null : Said() }, notAfter);
                    break;
                case 3:
                    host.Carry(lease, new() { Announcement = Said() }, notAfter);
                    break;
                case 4:
                    int pass = random.Next(20);
                    host.Pass(pass);
                    seconds += pass;
                    host.Session.Housekeep();
                    break;
                default:
                    host.Restart();
                    lease = host.Steer();
                    break;
            }

            if (lease.IsOver)
            {
                lease = host.Steer();
            }
        }

        double moved = isShadow ? (host.Time - startTime - (host.Now().Raw - start)).Seconds : host.Kernel.Displaced / 1e9;
        Assert.InRange(Math.Abs(moved), 0, (500e-6 * seconds) + 1.001 + 2); // rate, slewed phase, one later step
        Assert.Equal(1UL, host.Session.Describe("").Counters.Steps);

        Announcement Said() => new()
        {
            Synchronized = random.Next(2) == 0, Bound = Length(), Sigma = Length(), Interval = Length(),
            Growth = FrequencyOffset.FromPpm(Number()), Leap = (LeapSecond)random.Next(3), TaiOffset = random.Next(2) == 0 ? null : random.Next(-5, 100_000),
        };
        double Number() => random.Next(3) == 0 ? odd[random.Next(odd.Length)] : (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 7));
        Duration Length() => random.Next(8) == 0
            ? Duration.FromFixedPoint(random.NextInt64(-(1L << 33), 1L << 33), (ulong)random.NextInt64())
            : Duration.FromSeconds((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-9, 6)));
    }
}
