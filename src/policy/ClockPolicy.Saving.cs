using TimeSuite.Time;

namespace TimeSuite.Policy;

/// <summary>What a clockd left for the next one.</summary>
/// <param name="State">Null if there is none, or none that makes sense.</param>
/// <param name="IsBad">There was something, and it made no sense.</param>
public readonly record struct Found(PolicyState? State, bool IsBad);

/// <summary>What has to be on file before a deed, so that a kill hands out no new permit, and what a clockd begins with.</summary>
/// <remarks>
/// A state on file is read back with its reservation counted as worked off, as far as it is not pending. So a reservation that is larger
/// than what was granted stands for later grants too, and most adjustments need no new file. What of it was not used is lost by a kill.
/// </remarks>
public sealed partial class ClockPolicy
{
    private const int AdvancesPerDay = 2_000; // a kill costs at most two

    /// <summary>Reserved beyond what is granted.</summary>
    private Duration Advance => limits.MaxSlewedPhasePerDay.Times(1.0 / AdvancesPerDay);

    /// <summary>What a boot begins with, or a clockd that starts again in it.</summary>
    /// <param name="boot">This boot.</param>
    /// <param name="runtime">Of this boot.</param>
    /// <param name="disk">Of this boot or an earlier one.</param>
    /// <param name="ranBefore">Whether a clockd has steered this clock in this boot: then it has left something.</param>
    /// <param name="now">Now.</param>
    /// <param name="clock">What the clock shows.</param>
    /// <param name="isLost">Whether what this boot has used is not known: then nothing is left to grant until a day has passed.</param>
    public PolicyState Begin(Guid boot, Found runtime, Found disk, bool ranBefore, Instant<Boot> now, Instant<Utc> clock, out bool isLost)
    {
        isLost = false;
        if (runtime.State?.Boot == boot)
        {
            return runtime.State;
        }

        if (disk.State?.Boot == boot && !runtime.IsBad)
        {
            return disk.State; // somebody emptied the runtime directory
        }

        isLost = runtime.IsBad || ranBefore;
        var lastLeap = disk.State?.LeapAt ?? (isLost || disk.IsBad ? clock : default);
        var fresh = new PolicyState { Boot = boot, LeapAt = lastLeap, SavedTime = disk.State?.SavedTime ?? default };
        return !isLost ? fresh : fresh with
        {
            FirstSynchronized = true,
            BootStepsUsed = limits.BootSteps,
            LaterSteps = [.. Enumerable.Repeat(now, limits.LaterStepsPerDay)],
            Spent = [new(SlotOf(now), limits.MaxSlewedPhasePerDay)],
        };
    }

    /// <summary>Whether a clockd that goes on from the file grants no more than one that had lived on, and not much less. Statistics do not matter.</summary>
    /// <param name="saved">On file.</param>
    /// <param name="state">To be in force.</param>
    public bool Covers(PolicyState saved, PolicyState state)
    {
        var spare = Spare(saved, state);
        return WithNumbersOf(state, saved) == saved && (!state.FirstSynchronized || (spare.Sign >= 0 && spare <= Advance + Advance));
    }

    /// <summary>What to put on file when the old one does not cover <paramref name="state"/>.</summary>
    public PolicyState InAdvance(PolicyState state, Instant<Boot> now) =>
        state.FirstSynchronized ? state with { Reserved = state.Reserved + Duration.Min(Advance, SlewBudgetLeft(state, now)) } : state;

    /// <summary>What to put on file now and then, for the statistics: what was reserved stays reserved.</summary>
    public static PolicyState UpToDate(PolicyState saved, PolicyState state) =>
        state with { Reserved = state.Reserved + Duration.Max(Duration.Zero, Spare(saved, state)) };

    /// <summary>What could be granted, and worked off, before the file no longer covers it.</summary>
    private static Duration Spare(PolicyState saved, PolicyState state)
    {
        var last = saved.Spent is [.., var latest] ? latest : default;
        var worked = state.Spent.Where(spent => spent.Slot >= last.Slot).Aggregate(Duration.Zero, (sum, spent) => sum + spent.Phase - (spent.Slot == last.Slot ? last.Phase : Duration.Zero));
        return saved.Reserved - state.Reserved - worked;
    }

    private static PolicyState WithNumbersOf(PolicyState state, PolicyState saved) => state with
    {
        Reserved = saved.Reserved,
        Spent = saved.Spent,
        Adjustments = saved.Adjustments,
        Refusals = saved.Refusals,
        Leases = saved.Leases,
        LeasesExpired = saved.LeasesExpired,
        Interferences = saved.Interferences,
    };
}
