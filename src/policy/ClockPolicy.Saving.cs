using TimeSuite.Time;

namespace TimeSuite.Policy;

/// <summary>What has to be on file before a deed, so that a kill hands out no new permit.</summary>
/// <remarks>
/// A state on file is read back with its reservation counted as worked off, as far as it is not pending. So a reservation that is larger
/// than what was granted stands for later grants too, and most adjustments need no new file. What of it was not used is lost by a kill.
/// </remarks>
public sealed partial class ClockPolicy
{
    private const int AdvancesPerDay = 2_000; // a kill costs at most two

    /// <summary>Reserved beyond what is granted.</summary>
    private Duration Advance => limits.MaxSlewedPhasePerDay.Times(1.0 / AdvancesPerDay);

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
