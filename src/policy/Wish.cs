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

    /// <summary>Of a hardware clock: it is to stamp what comes in from outside, or not any more.</summary>
    public PinStamps? Stamps { get; init; }
}

/// <summary>Stamps of a hardware clock for what comes in by a pin.</summary>
/// <param name="Channel">Of the device's channels for such stamps, from 0.</param>
/// <param name="Pin">That is to lead there; null: the pins stay as they are.</param>
/// <param name="IsOn">Begin, or end.</param>
public readonly record struct PinStamps(int Channel, int? Pin, bool IsOn);
