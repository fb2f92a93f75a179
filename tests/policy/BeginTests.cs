using TimeSuite.Time;

namespace TimeSuite.Policy.Tests;

/// <summary>What a clockd begins with: whatever was lost, nothing is handed out for it.</summary>
public sealed class BeginTests
{
    private static readonly Guid s_boot = Guid.NewGuid();
    private static readonly Instant<Boot> s_now = new(Duration.FromSeconds(1000L));
    private static readonly PolicyState s_known = new() { Boot = s_boot, FirstSynchronized = true, Adjustments = 7 };
    private static readonly PolicyState s_earlier = new() { Boot = Guid.NewGuid(), LeapAt = A.At("2026-07-01T00:00:00Z"), SavedTime = A.Noon, FirstSynchronized = true, BootStepsUsed = 3 };
    private static readonly Found s_bad = new(null, IsBad: true);

    private readonly ClockPolicy _policy = new(new() { LaterStepsPerDay = 2, MaxLaterStep = Duration.FromSeconds(1L) }, leaps: null, A.BuildDate);

    [Fact]
    public void The_same_boot_goes_on() => Assert.Equal(s_known, Begin(new(s_known, false), new(s_earlier, false), ranBefore: true, isLost: false));

    [Fact]
    public void An_emptied_runtime_directory_is_made_up_from_the_disk() => Assert.Equal(s_known, Begin(default, new(s_known, false), ranBefore: true, isLost: false));

    [Fact]
    public void A_new_boot_has_new_permits_and_keeps_leap_and_saved_time()
    {
        var state = Begin(default, new(s_earlier, false), ranBefore: false, isLost: false);

        Assert.Equal(new PolicyState { Boot = s_boot, LeapAt = s_earlier.LeapAt, SavedTime = A.Noon }, state);
    }

    [Theory]
    [InlineData(true, false)] // a runtime file without sense
    [InlineData(false, true)] // none, though a clockd ran
    [InlineData(true, true)]
    public void A_lost_state_has_used_up_all(bool isBad, bool ranBefore)
    {
        var state = Begin(isBad ? s_bad : default, isBad ? new(s_known, false) : default, ranBefore, isLost: true);

        Assert.True(state.FirstSynchronized);
        Assert.Equal((0, Duration.Zero), (_policy.StepsLeft(state, null, s_now), _policy.SlewBudgetLeft(state, s_now)));
        var nextDay = s_now + Duration.FromSeconds(87_001L);
        Assert.Equal((2, Duration.FromSeconds(1L)), (_policy.StepsLeft(state, null, nextDay), _policy.SlewBudgetLeft(state, nextDay)));
    }

    [Fact]
    public void A_disk_without_sense_uses_up_the_leap_second_only()
    {
        var state = Begin(default, s_bad, ranBefore: false, isLost: false);

        Assert.Equal((A.Noon, false, 3), (state.LeapAt, state.FirstSynchronized, _policy.StepsLeft(state, null, s_now)));
    }

    private PolicyState Begin(Found runtime, Found disk, bool ranBefore, bool isLost)
    {
        var state = _policy.Begin(s_boot, runtime, disk, ranBefore, s_now, A.Noon, out bool lost);
        Assert.Equal(isLost, lost);
        return state;
    }
}
