using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

/// <summary>Which round trip the bound goes by; delays in us.</summary>
public sealed class RoundTripsTests
{
    private static readonly double[] s_steady = [210, 300, 250, 220, 400, 260, 240, 330, 215, 280, 350, 230];

    [Fact]
    public void Ordinary_round_trips_leave_it_at_the_least() => Assert.Equal(210, Claimed(s_steady, excess: 70), 1e-6);

    [Fact]
    public void Two_long_ones_that_are_alike_are_another_route() => Assert.Equal(900, Claimed([.. s_steady, 900, 960], excess: 70), 1e-6);

    [Fact]
    public void Two_that_something_held_up_are_none() => Assert.Equal(210, Claimed([.. s_steady, 900_000, 2_100_000], excess: 70), 1e-6);

    [Fact]
    public void Routes_that_changed_before_do_not_make_it_blind_to_the_next() =>
        Assert.Equal(3000, Claimed([3740, 3680, 3830, 3750, 1830, 1840, 1230, 1070, 1100, 1080, 3110, 3000], excess: 900), 1e-6);

    [Fact]
    public void The_longest_that_two_in_a_row_reached_is_not_that_of_one() => Assert.Equal(960, RoundTrips.LongestPair(Ring([.. s_steady, 900, 960, 5000, 220])).Seconds * 1e6, 1e-6);

    [Fact]
    public void The_first_guess_of_the_excess_is_of_the_middle_one() => Assert.Equal(((260 + 250) / 2 - 210) / 1.7 * 12 / 11, Guess(s_steady), 1e-2);

    [Fact]
    public void Where_more_than_half_are_held_up_it_is_of_those_that_are_not() =>
        Assert.Equal((330 - 210) * 12.0 / 11, Guess([210, 900_000, 2_100_000, 240, 1_300_000, 300, 700_000, 2_600_000, 400, 1_900_000, 30_000, 330]), 1e-3);

    [Fact]
    public void Of_a_few_nobody_can_tell_which_were_held_up() => Assert.InRange(Guess([210, 220, 2_100_000, 900_000, 1_300_000]), 500_000, 700_000);

    [Fact]
    public void Two_or_three_that_are_alike_by_chance_do_not_make_a_steady_path()
    {
        Assert.InRange(Guess([3400, 3425]), 35, 60); // 29 by themselves
        Assert.InRange(Guess([3400, 3425, 3450]), 25, 40); // 22
        Assert.InRange(Guess([3400, 3425, 3450, 3460, 3480, 3500, 3510, 3520]), 40, 65);
    }

    private static double Guess(double[] delays) => RoundTrips.GuessScale(Ring(delays)) * 1e6;

    private static double Claimed(double[] delays, double excess)
    {
        var ring = Ring(delays);
        return RoundTrips.Claimed(ring, default, RoundTrips.Least(ring, default), excess * 1e-6).Seconds * 1e6;
    }

    private static SampleRing Ring(double[] delays)
    {
        var ring = new SampleRing();
        for (int i = 0; i < delays.Length; i++)
        {
            var sent = new Instant<Raw>(Duration.FromSeconds(1000.0 + (64 * i)));
            var arrived = new Instant<Utc>(sent.SinceEpoch + Duration.FromSeconds(delays[i] / 2e6));
            ring.Add(new() { Forward = new(sent, arrived), Backward = new(sent + Duration.FromSeconds(delays[i] / 1e6), arrived) });
        }

        return ring;
    }
}
