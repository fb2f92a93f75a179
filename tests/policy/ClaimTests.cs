using TimeSuite.Time;

namespace TimeSuite.Policy.Tests;

/// <summary>What is published of the error, whatever the steerer claims.</summary>
public sealed class ClaimTests
{
    private static readonly PolicyState s_state = new() { Boot = Guid.Empty, Leap = LeapSecond.Delete, TaiOffset = 37 };
    private static readonly Announcement s_perfect = new() { Synchronized = true, Interval = Duration.FromSeconds(64L), Leap = LeapSecond.Insert, TaiOffset = 60 };

    [Fact]
    public void A_claim_of_perfection_grows_at_policys_rate_and_covers_pending_phase_and_reading()
    {
        var limits = PolicyLimits.Default with { MinBoundGrowth = FrequencyOffset.FromPpm(1) };
        var claim = Claim.Of(s_perfect, s_state, limits, At(100), Duration.Zero);

        Assert.Equal(1e-9, claim.Bound(Duration.Zero, At(100)).Seconds, precision: 12);
        Assert.Equal(1e-9 + 0.3 + 50e-6, claim.Bound(Duration.FromSeconds(-0.3), At(150)).Seconds, precision: 9);
        Assert.Equal((LeapSecond.Delete, 37), (claim.Said.Leap, claim.Said.TaiOffset)); // policy's word, not the steerer's
    }

    [Fact]
    public void A_faster_growth_is_believed()
    {
        var claim = Claim.Of(s_perfect with { Growth = FrequencyOffset.FromPpm(100) }, s_state, PolicyLimits.Default, At(100), Duration.Zero);

        Assert.Equal(1e-9 + 0.001, claim.Bound(Duration.Zero, At(110)).Seconds, precision: 9);
    }

    [Fact]
    public void It_goes_stale_at_twice_its_interval()
    {
        var claim = Claim.Of(s_perfect, s_state, PolicyLimits.Default, At(100), Duration.Zero);

        Assert.True(claim.IsSynchronized(At(228)));
        Assert.False(claim.IsSynchronized(At(228.001)));
    }

    [Fact]
    public void A_step_may_have_been_wrong_by_all_of_its_size() => Assert.Equal(
        1000, Claim.Of(s_perfect, s_state, PolicyLimits.Default, At(100), Duration.Zero).Stepped(Duration.FromSeconds(-1000L)).Bound(Duration.Zero, At(100)).Seconds, precision: 5);

    [Fact]
    public void Nothing_known_is_sixteen_seconds_and_not_synchronised()
    {
        var nothing = Claim.Nothing(PolicyLimits.Default, At(100), Duration.Zero);

        Assert.Equal((false, true), (nothing.IsSynchronized(At(100)), nothing.Bound(Duration.Zero, At(100)).Seconds > 16));
    }

    private static Instant<Raw> At(double seconds) => new(Duration.FromSeconds(seconds));
}
