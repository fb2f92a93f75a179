namespace TimeSuite.Discipline.Tests;

/// <summary>What is taken for another route.</summary>
public sealed class PathWatchTests
{
    private const double Scale = 2e-4; // mean excess of a round trip, s

    [Fact]
    public void Four_long_round_trips_that_differ_as_usual_are_another_route() => Assert.Equal(5e-3, Last(0.0102, 0.01, 0.0104, 0.0101), 1e-9);

    [Fact]
    public void Packets_that_something_holds_up_for_seconds_are_none_even_if_by_chance_four_are_nearly_as_long() => Assert.Equal(0, Last(1.83, 2.47, 1.93, 1.87));

    [Fact]
    public void Eight_that_are_nearly_as_long_are_a_route_with_more_noise() => Assert.Equal(0.9, Last(1.83, 2.47, 1.93, 1.87, 1.8, 2.1, 2.2, 2.0), 1e-9);

    [Fact]
    public void A_round_trip_that_was_impossible_is_a_shorter_route_at_once() => Assert.Equal(-5e-4, Last(-1e-3), 1e-9);

    private static double Last(params double[] excesses)
    {
        var watch = default(PathWatch);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(0, watch.See(Scale, Scale, Scale / 10));
        }

        return excesses.Select(excess => watch.See(excess, Scale, Scale / 10)).ToArray()[^1];
    }
}
