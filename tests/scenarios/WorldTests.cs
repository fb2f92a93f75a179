using TimeSuite.Simulation;

namespace TimeSuite.Scenarios.Tests;

/// <summary>The world itself: the same for the same seed, and its chances do not depend on what the client does.</summary>
public sealed class WorldTests
{
    private static readonly Setup s_busy = new()
    {
        Servers = 3, Limit = 3000, LossUp = 0.1, Duplicates = 0.1, Reorder = 0.05, Spikes = 0.05, Load = 0.5, RoutePeriod = 500, Flicker = 1e-9, PausePeriod = 300, Actuator = Actuator.Kernel,
    };

    [Fact]
    public void The_same_seed_gives_the_same_run_to_the_last_bit() => Assert.Equal(Play(s_busy, 7), Play(s_busy, 7));

    [Fact]
    public void Another_seed_gives_another_run() => Assert.NotEqual(Play(s_busy, 7).Rms, Play(s_busy, 8).Rms);

    [Theory]
    [InlineData(4, Actuator.Ideal)]
    [InlineData(8, Actuator.Kernel)]
    public void The_oscillator_wanders_as_it_does_whatever_the_client_does(int poll, Actuator actuator)
    {
        Assert.Equal(Wander(new() { Limit = 2000, Flicker = 1e-9 }), Wander(new() { Limit = 2000, Flicker = 1e-9, Keys = ConfigKeys.Chrony.WithPolls(poll, poll), Actuator = actuator, Servers = 2 }));
    }

    [Fact]
    public void The_nth_packet_of_a_way_takes_as_long_whatever_became_of_the_others()
    {
        var clean = new Way(new Setup { Spikes = 0.1, Spike = 1 }, 3, "up", isDown: false);
        var lossy = new Way(new Setup { Spikes = 0.1, Spike = 1, LossUp = 0.5 }, 3, "up", isDown: false);
        int arrived = 0;
        for (int packet = 0; packet < 200; packet++)
        {
            double expected = Assert.Single(clean.Enter(packet));
            foreach (double delay in lossy.Enter(packet * 7))
            {
                Assert.Equal(expected, delay);
                arrived++;
            }
        }

        Assert.InRange(arrived, 60, 140);
    }

    [Fact]
    public void A_second_after_another_is_a_second_whatever_the_leap()
    {
        var world = new World(new Setup { Start = (365 * 86_400L) - 10, Leap = Time.LeapSecond.Insert }, 1);

        Assert.Equal(1, (world.UtcAt(9.5) - world.UtcAt(8.5)).Seconds);
        Assert.Equal(0, (world.UtcAt(10.5) - world.UtcAt(9.5)).Seconds); // 23:59:59 comes twice
        Assert.True(world.IsInLeap(10.5));
    }

    private static Figures Play(Setup setup, ulong seed) => new Scenario("test", "a test") { Setup = setup }.Play(seed).Figures;

    private static double Wander(Setup setup) => new Scenario("test", "a test") { Setup = setup }.Play(5).Client.Host.Oscillator.Error;
}
