using TimeSuite.Ntp;
using TimeSuite.Simulation;
using TimeSuite.Time;

namespace TimeSuite.Scenarios.Tests;

/// <summary>What clients are told when all sources have fallen silent: never less than the truth.</summary>
public sealed class HoldoverTests
{
    private const double SilentFrom = 5_000, Length = 6 * 3600, Step = 60; // s

    [Theory]
    [InlineData(1, 1e-9)]
    [InlineData(2, 1e-9)]
    [InlineData(3, 1e-9)]
    [InlineData(1, 1e-8)]
    [InlineData(2, 1e-8)]
    [InlineData(3, 1e-8)]
    public void The_root_dispersion_grows_and_covers_the_error_of_the_clock(ulong seed, double wander)
    {
        var world = new World(new Setup { Servers = 3, Limit = SilentFrom + Length, Wander = wander }, seed);
        foreach (var server in world.Servers)
        {
            server.IsUp = time => time < SilentFrom;
        }

        var claims = new List<double>();
        ServerState? kept = null; // what a serving thread would go on saying if nothing new came
        world.Every(Step, SilentFrom + 1000, () =>
        {
            if (world.Client.Served is not { Leap: not LeapIndicator.Unsynchronized } served || world.Now > SilentFrom + Length)
            {
                return;
            }

            kept ??= served;
            claims.Add(Claim(served, world));
            double error = Math.Abs(world.Client.Error);
            Assert.True(error <= claims[^1], $"{world.Now} s: {error} s wrong, says {claims[^1]}");
            Assert.True(error <= Claim(kept.Value, world), $"{world.Now} s: {error} s wrong, an old snapshot says {Claim(kept.Value, world)}");
        });

        world.RunTo(SilentFrom + Length);

        Assert.True(claims.Count > 60, $"it served for {claims.Count} minutes only");
        Assert.All(claims.Zip(claims.Skip(1)), pair => Assert.True(pair.Second > pair.First * 0.9, $"{pair.First}, then {pair.Second}")); // less only by a phase that is worked off
        Assert.True(claims.Zip(claims.Skip(1)).Count(pair => pair.Second > pair.First) > claims.Count * 0.95);
        Assert.True(claims[^1] - claims[0] > (claims.Count - 1) * Step * 0.5e-6, $"{claims[0]} s has become {claims[^1]} s only"); // half a ppm is less than any crystal's doubt
    }

    /// <summary>Root delay and dispersion as a client adds them up (RFC 5905 section 11.1).</summary>
    private static double Claim(in ServerState state, World world) =>
        (state.RootDelay.Seconds / 2) + state.RootDispersionAt(NtpTimestamp.FromUtc(world.Client.Clock)).Seconds;
}
