using TimeSuite.Time;

namespace TimeSuite.Policy;

/// <summary>Phase that was worked off in one stretch of <see cref="ClockPolicy.SlotLength"/>.</summary>
/// <param name="Slot">Number of the stretch since boot.</param>
/// <param name="Phase">Sum of magnitudes.</param>
public readonly record struct SpentPhase(long Slot, Duration Phase);

/// <summary>What policy has to remember of this boot, so that killing clockd hands out no new permit. Immutable.</summary>
public sealed record PolicyState
{
    public required Guid Boot { get; init; }

    public bool FirstSynchronized { get; init; }

    public int BootStepsUsed { get; init; }

    /// <summary>Steps and leaps after the first synchronisation, of the last 24 h.</summary>
    public IReadOnlyList<Instant<Boot>> LaterSteps { get; init; } = [];

    public IReadOnlyList<SpentPhase> Spent { get; init; } = [];

    /// <summary>Magnitude of the pending phase when last looked at: granted, not yet worked off.</summary>
    public Duration Reserved { get; init; }

    /// <summary>The leap that is announced to the kernel now.</summary>
    public LeapSecond Leap { get; init; }

    /// <summary>Midnight after the last leap that was accepted, in this boot or before.</summary>
    public Instant<Utc> LeapAt { get; init; }

    /// <summary>TAI-UTC, s; null: unknown.</summary>
    public int? TaiOffset { get; init; }

    /// <summary>A time that 24 h of synchronisation confirmed, in this boot or before.</summary>
    public Instant<Utc> SavedTime { get; init; }

    public Duration TotalStepped { get; init; }

    public ulong Steps { get; init; }

    public ulong Adjustments { get; init; }

    public ulong Refusals { get; init; }

    public ulong Leases { get; init; }

    public ulong LeasesExpired { get; init; }

    public ulong Interferences { get; init; }
}
