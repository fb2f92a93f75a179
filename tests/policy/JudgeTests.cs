using TimeSuite.Time;

namespace TimeSuite.Policy.Tests;

/// <summary>A message is judged as a whole.</summary>
public sealed class JudgeTests
{
    private static readonly PolicyState s_fresh = new() { Boot = Guid.Empty };
    private static readonly Instant<Boot> s_now = new(Duration.FromSeconds(1000L));
    private static readonly Announcement s_good = new() { Synchronized = true, Interval = Duration.FromSeconds(64L) };

    private readonly ClockPolicy _policy = new(PolicyLimits.Default, leaps: null, A.BuildDate);

    [Fact]
    public void To_wish_for_nothing_changes_nothing() => Assert.Same(s_fresh, Judge(s_fresh, default).State);

    [Fact]
    public void A_refusal_of_either_part_leaves_the_state_alone()
    {
        Wish adjust = new() { Frequency = FrequencyOffset.FromPpm(1), Slew = (Duration.FromSeconds(1L), Duration.Zero) };
        Wish step = new() { Step = Duration.FromSeconds(1L) };
        var bad = s_good with { TaiOffset = 100_000 };
        foreach (var wish in (Wish[])[adjust with { Announcement = bad }, step with { Announcement = bad }, adjust with { Frequency = FrequencyOffset.FromPpm(501), Announcement = s_good }])
        {
            var verdict = Judge(s_fresh, wish);
            Assert.Equal(Ruling.BeyondLimit, verdict.Ruling);
            Assert.Same(s_fresh, verdict.State);
        }
    }

    [Theory]
    [InlineData(0.9, Ruling.Allowed)]
    [InlineData(-1.1, Ruling.NotPermitted)]
    public void The_first_synchronisation_looks_at_the_phase_of_the_same_message(double phase, Ruling ruling)
    {
        Wish wish = new() { Frequency = FrequencyOffset.Zero, Slew = (Duration.FromSeconds(phase), Duration.Zero), Announcement = s_good };

        Assert.Equal(ruling, Judge(s_fresh, wish, pending: ruling == Ruling.Allowed ? 3600 : 0).Ruling);
    }

    [Fact]
    public void A_permit_that_a_refused_message_would_have_used_is_not_used()
    {
        var permit = new StepPermit(Duration.FromSeconds(10L), s_now + Duration.FromSeconds(10L));
        var state = s_fresh with { FirstSynchronized = true };
        Wish step = new() { Step = Duration.FromSeconds(5L) };

        Assert.True(Judge(state, step with { Announcement = s_good }, permit).UsesPermit);
        Assert.False(Judge(state, step with { Announcement = s_good with { Bound = Duration.FromSeconds(-1L) } }, permit).UsesPermit);
    }

    [Fact]
    public void A_leap_second_that_does_not_exist_is_malformed() =>
        Assert.Equal(Ruling.Malformed, Judge(s_fresh, new() { Announcement = s_good with { Leap = (LeapSecond)(-1) } }).Ruling);

    private Decision Judge(PolicyState state, Wish wish, StepPermit? permit = null, double pending = 0) =>
        _policy.Judge(state, wish, permit, A.Noon, Duration.FromSeconds(pending), s_now);
}
