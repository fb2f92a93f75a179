using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>A reading of the clock that is steered: the kernel's or the shadow's.</summary>
public readonly record struct LocalClock
{
    /// <summary>When it was read.</summary>
    public required Instant<Raw> At { get; init; }

    /// <summary>What it showed.</summary>
    public required Instant<Utc> Reading { get; init; }

    /// <summary>Phase still to be worked off, not in the reading; positive: the clock will be advanced.</summary>
    public Duration PendingPhase { get; init; }

    /// <summary>Rate correction in force.</summary>
    public FrequencyOffset Frequency { get; init; }

    /// <summary>Half-width of the reading's error, not negative.</summary>
    public Duration ReadError { get; init; }
}

/// <summary>What to do to the clock now.</summary>
public sealed record Correction
{
    /// <summary>Rate correction: positive runs faster. Within the settings' limit.</summary>
    public required FrequencyOffset Frequency { get; init; }

    /// <summary>Phase to work off, replaces what is pending; positive advances the clock. Absent with a step.</summary>
    public Duration? Phase { get; init; }

    /// <summary>Time until 95 % of the phase shall be worked off. Positive if there is a phase.</summary>
    public Duration PhaseDuration { get; init; }

    /// <summary>One jump, with nothing pending after it; positive moves the clock forwards.</summary>
    public Duration? Step { get; init; }
}
