using TimeSuite.Simulation;

namespace TimeSuite.Scenarios.Tests;

/// <summary>What ways do to packets.</summary>
public sealed class WayTests
{
    private const int Many = 20_000;

    public static TheoryData<DelayShape> Shapes => [.. Enum.GetValues<DelayShape>()];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_shape_has_mean_1_and_is_never_negative(DelayShape shape)
    {
        var dice = new Dice(1, $"{shape}");
        double[] drawn = [.. Enumerable.Range(0, 200_000).Select(_ => shape.Draw(dice))];

        Assert.InRange(drawn.Average(), 0.98, 1.02);
        Assert.InRange(drawn.Min(), 0, 1);
    }

    [Theory]
    [InlineData(false, 1e-4 + 3e-5)]
    [InlineData(true, 1e-4 + 9.7e-4)]
    public void Asymmetry_divides_the_jitter_as_clknetsim_does(bool isDown, double mean)
    {
        double[] delays = Delays(new Setup { Base = 1e-4, Jitter = 5e-4, Asymmetry = 0.47 }, isDown); // 1 - 2a = 0.06, 1 + 2a = 1.94

        Assert.InRange(delays.Average(), 0.97 * mean, 1.03 * mean);
        Assert.InRange(delays.Min(), 1e-4, 1.02e-4);
    }

    [Fact]
    public void Congestion_is_on_the_way_back_and_in_its_time_only()
    {
        var setup = new Setup { Jitter = 0, Base = 1e-4, Congestion = 5e-3 };
        var down = new Way(setup, 1, "down", isDown: true);

        Assert.All(Delays(setup, isDown: false), delay => Assert.Equal(1e-4, delay, 12));
        Assert.Equal(1e-4, down.Enter(250)[0], 12);
        Assert.True(down.Enter(1150)[0] > 1e-4);
    }

    [Fact]
    public void Quantised_delays_are_whole_microseconds() =>
        Assert.All(Delays(new Setup { Delay = DelayShape.Quantised }, isDown: true), delay => Assert.Equal(delay * 1e6, Math.Round(delay * 1e6), 6));

    [Theory]
    [InlineData(0, 0, DelayShape.Exponential, 0)]
    [InlineData(1e-9, 0, DelayShape.Exponential, 1)]
    [InlineData(4e-7, 0, DelayShape.Quantised, 0)] // rounded to nothing
    [InlineData(0, -0.1, DelayShape.Exponential, 0)] // a detour that leads back in time
    public void A_delay_that_is_not_positive_is_a_loss_as_in_clknetsim(double delay, double detour, DelayShape shape, int arrived)
    {
        var way = new Way(new Setup { Base = delay, Jitter = 0, Delay = shape }, 1, "up", isDown: false) { Detour = _ => detour };

        Assert.Equal(arrived, way.Enter(1).Count);
        Assert.Equal(1, way.Packets);
    }

    [Fact]
    public void A_queue_keeps_the_order_of_its_packets()
    {
        var way = new Way(new Setup { Load = 0.8, Service = 0.01, Jitter = 0 }, 2, "up", isDown: false);
        double last = 0;
        for (int packet = 0; packet < Many; packet++)
        {
            double now = packet * 0.005;
            double arrival = now + way.Enter(now)[0];
            Assert.True(arrival >= last - 1e-9);
            last = arrival;
        }
    }

    [Fact]
    public void Routes_change_at_their_rate_and_hold_between()
    {
        var way = new Way(new Setup { RoutePeriod = 100, RouteShift = 1e-3, Jitter = 0 }, 4, "up", isDown: false);
        double[] delays = [.. Enumerable.Range(0, Many).Select(second => way.Enter(second)[0])];

        Assert.InRange(delays.Zip(delays.Skip(1)).Count(pair => pair.First != pair.Second), Many / 100 * 0.8, Many / 100 * 1.2);
    }

    [Fact]
    public void Packets_are_lost_and_repeated_in_their_shares()
    {
        var lossy = new Way(new Setup { LossDown = 0.3, Duplicates = 0.5, Copies = 3 }, 4, "down", isDown: true);
        int[] arrived = [.. Enumerable.Range(0, Many).Select(second => lossy.Enter(second).Count)];

        Assert.InRange(arrived.Count(count => count == 0) / (double)Many, 0.28, 0.32);
        Assert.InRange(arrived.Count(count => count == 4) / (double)Many, 0.33, 0.37);
    }

    private static double[] Delays(Setup setup, bool isDown)
    {
        var way = new Way(setup, 1, "way", isDown);
        return [.. Enumerable.Range(0, Many).Select(second => way.Enter(second)[0])];
    }
}
