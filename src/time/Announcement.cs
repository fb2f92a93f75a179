namespace TimeSuite.Time;

/// <summary>What is said of a clock's error.</summary>
public readonly record struct Announcement
{
    public bool Synchronized { get; init; }

    /// <summary>Half-width of the interval that holds true time, without the pending phase. Not negative.</summary>
    public Duration Bound { get; init; }

    /// <summary>Standard deviation of the estimate. Not negative.</summary>
    public Duration Sigma { get; init; }

    /// <summary>How fast <see cref="Bound"/> grows. Not negative.</summary>
    public FrequencyOffset Growth { get; init; }

    /// <summary>Until the next announcement is due.</summary>
    public Duration Interval { get; init; }

    public LeapSecond Leap { get; init; }

    /// <summary>TAI-UTC in seconds; null: unknown, or nothing is said of it.</summary>
    public int? TaiOffset { get; init; }
}
