using TimeSuite.Time;

namespace TimeSuite.Policy;

/// <summary>What a steerer asks for in one message: an adjustment, a step or neither, and what is to be said of the clock as it is then.</summary>
public readonly record struct Wish
{
    /// <summary>Rate correction.</summary>
    public FrequencyOffset? Frequency { get; init; }

    /// <summary>Rate to fall back to; null: <see cref="Frequency"/>. Pulses are not for this clock.</summary>
    public FrequencyOffset? BaseFrequency { get; init; }

    /// <summary>Phase to work off, with the rate, and its duration; null: what is pending goes on.</summary>
    public (Duration Phase, Duration Duration)? Slew { get; init; }

    /// <summary>One jump; positive is forward.</summary>
    public Duration? Step { get; init; }

    public Announcement? Announcement { get; init; }
}
