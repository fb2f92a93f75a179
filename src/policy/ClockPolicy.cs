using TimeSuite.Time;

namespace TimeSuite.Policy;

/// <summary>What a steerer may do to a clock: CLOCK.md section 2. Pure: state and time in, verdict and new state out.</summary>
/// <param name="limits">The numbers.</param>
/// <param name="leaps">The leap table, if there is one.</param>
/// <param name="buildDate">No clock is right that says an earlier time.</param>
public sealed partial class ClockPolicy(PolicyLimits limits, LeapSeconds? leaps, Instant<Utc> buildDate)
{
    /// <summary>Slewed phase is remembered by stretches of this length, and counts until the end of the stretch is a day ago.</summary>
    public const long SlotLength = 600; // s

    internal const long End = 193_578L * 86_400; // s since 1970, 2499-12-31: of what all parts can express

    private static readonly Duration s_day = Duration.FromSeconds(86_400L);
    private static readonly Instant<Utc> s_end = new(Duration.FromSeconds(End));

    public PolicyLimits Limits => limits;

    /// <summary>No later step goes below it, and a clock that starts below it is raised to it.</summary>
    public Instant<Utc> Floor(PolicyState state) => state.SavedTime > buildDate ? state.SavedTime : buildDate;

    /// <summary>Rate and phase.</summary>
    /// <param name="state">Before.</param>
    /// <param name="frequency">Wanted rate.</param>
    /// <param name="baseFrequency">Rate to fall back to; pulses are not for this clock.</param>
    /// <param name="slew">Wanted phase and its duration, if any.</param>
    /// <param name="pending">What the clock still has to work off.</param>
    /// <param name="now">Now.</param>
    public Decision Adjust(PolicyState state, FrequencyOffset frequency, FrequencyOffset baseFrequency, (Duration Phase, Duration Duration)? slew, Duration pending, Instant<Boot> now)
    {
        if (!frequency.IsFinite || !baseFrequency.IsFinite)
        {
            return new(Ruling.Malformed, "the frequency is not a number", state);
        }

        if (frequency != baseFrequency)
        {
            return new(Ruling.Malformed, "base frequency and frequency must be equal: no pulses on this clock", state);
        }

        if (!frequency.IsWithin(limits.MaxFrequency.WithRounding()))
        {
            return new(Ruling.BeyondLimit, $"frequency {frequency} is beyond {limits.MaxFrequency}", state);
        }

        var after = Account(state, pending, now) with { Adjustments = state.Adjustments + 1 };
        if (slew is not { } wanted)
        {
            return Decision.Allow(after);
        }

        if (wanted.Duration.Sign < 0)
        {
            return new(Ruling.Malformed, "the duration is negative", state);
        }

        var left = Duration.Max(Duration.Zero, limits.MaxSlewedPhasePerDay - SpentLastDay(after, now)); // the limit may have been larger before
        if (after.FirstSynchronized && wanted.Phase.Magnitude > left)
        {
            return new(Ruling.NotPermitted, $"phase {wanted.Phase} is more than the {left} that may still be slewed today", state);
        }

        return wanted.Phase.Magnitude > s_day
            ? new(Ruling.BeyondLimit, $"phase {wanted.Phase} is beyond {s_day}: that is no slew but a step", state)
            : Decision.Allow(after with { Reserved = wanted.Phase.Magnitude });
    }

    /// <summary>One jump.</summary>
    /// <param name="state">Before.</param>
    /// <param name="offset">Positive is forward.</param>
    /// <param name="permit">The administrator's, if any.</param>
    /// <param name="clock">What the clock shows.</param>
    /// <param name="pending">What it still has to work off.</param>
    /// <param name="now">Now.</param>
    public Decision Step(PolicyState state, Duration offset, StepPermit? permit, Instant<Utc> clock, Duration pending, Instant<Boot> now)
    {
        var target = clock + offset;
        bool atBoot = !state.FirstSynchronized && state.BootStepsUsed < limits.BootSteps;
        bool usesPermit = !atBoot && permit is not null && now <= permit.Until && offset.Magnitude <= permit.MaxSize;
        if (!atBoot && !usesPermit && LaterStepsLeft(state, now) == 0)
        {
            return permit is not null && now <= permit.Until
                ? new(Ruling.BeyondLimit, $"step {offset} is beyond the permitted {permit.MaxSize}", state)
                : new(Ruling.NotPermitted, "no step is permitted now; an administrator can permit one", state);
        }

        if (!atBoot && !usesPermit && offset.Magnitude > limits.MaxLaterStep)
        {
            return new(Ruling.BeyondLimit, $"step {offset} is beyond {limits.MaxLaterStep}", state);
        }

        // At boot only the build date counts, so that one boot with a wrong clock cannot ratchet the next ones.
        var lowest = atBoot || usesPermit ? buildDate : Floor(state);
        if (target < lowest || target > s_end)
        {
            return new(Ruling.BeyondLimit, $"the clock would show {target}, outside of {lowest} to {s_end}", state);
        }

        var after = Stepped(Account(state, pending, now), offset) with
        {
            Reserved = Duration.Zero,
            BootStepsUsed = state.BootStepsUsed + (atBoot ? 1 : 0),
            LaterSteps = atBoot || usesPermit ? state.LaterSteps : [.. RecentSteps(state, now), now],
        };
        return Decision.Allow(after) with { UsesPermit = usesPermit };
    }

    /// <summary>Charges the day's budget with what has been worked off since last time.</summary>
    public static PolicyState Account(PolicyState state, Duration pending, Instant<Boot> now)
    {
        var worked = state.Reserved - pending.Magnitude;
        if (!state.FirstSynchronized || worked.Sign <= 0)
        {
            return state with { Reserved = pending.Magnitude };
        }

        long slot = SlotOf(now);
        var recent = RecentSpent(state, now);
        worked += recent.Where(spent => spent.Slot == slot).Aggregate(Duration.Zero, (sum, spent) => sum + spent.Phase);
        return state with { Reserved = pending.Magnitude, Spent = [.. recent.Where(spent => spent.Slot != slot), new(slot, worked)] };
    }

    /// <summary>Slewed phase of the last 24 h, what is granted and pending left out.</summary>
    public static Duration SpentLastDay(PolicyState state, Instant<Boot> now) =>
        RecentSpent(state, now).Aggregate(Duration.Zero, (sum, spent) => sum + spent.Phase);

    /// <summary>What may still be granted.</summary>
    public Duration SlewBudgetLeft(PolicyState state, Instant<Boot> now) =>
        state.FirstSynchronized ? Duration.Max(Duration.Zero, limits.MaxSlewedPhasePerDay - SpentLastDay(state, now) - state.Reserved) : limits.MaxSlewedPhasePerDay;

    public int StepsLeft(PolicyState state, StepPermit? permit, Instant<Boot> now) =>
        (permit is not null && now <= permit.Until ? 1 : 0)
        + (state.FirstSynchronized ? LaterStepsLeft(state, now) : Math.Max(0, limits.BootSteps - state.BootStepsUsed));

    /// <summary>A step that policy itself makes or has to count.</summary>
    public static PolicyState Stepped(PolicyState state, Duration offset) =>
        state with { Steps = state.Steps + 1, TotalStepped = state.TotalStepped + offset.Magnitude };

    private int LaterStepsLeft(PolicyState state, Instant<Boot> now) =>
        state.FirstSynchronized || state.BootStepsUsed >= limits.BootSteps ? Math.Max(0, limits.LaterStepsPerDay - RecentSteps(state, now).Count()) : 0;

    private static IEnumerable<Instant<Boot>> RecentSteps(PolicyState state, Instant<Boot> now) => state.LaterSteps.Where(step => now - step <= s_day);

    private static IEnumerable<SpentPhase> RecentSpent(PolicyState state, Instant<Boot> now) =>
        state.Spent.Where(spent => now.SinceEpoch <= Duration.FromSeconds((spent.Slot + 1) * SlotLength) + s_day);

    private static long SlotOf(Instant<Boot> now) => now.SinceEpoch.WholeSeconds / SlotLength;
}
