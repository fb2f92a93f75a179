using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>How a PHC stands to its master.</summary>
public enum PhcState
{
    /// <summary>It shows nothing that could be relied on: no master yet, or too few messages, or held over for too long.</summary>
    Unlocked,

    /// <summary>It follows.</summary>
    Locked,

    /// <summary>There is no master, or none that is believed: it goes on by what is known of its oscillator.</summary>
    Holdover,
}

/// <summary>What to do to a PHC.</summary>
public readonly record struct PhcSteering
{
    /// <summary>Above its oscillator's own; this is what is left when the phase is worked off.</summary>
    public required FrequencyOffset Frequency { get; init; }

    /// <summary>To be worked off beside that, positive: the PHC is to gain. It takes the place of what is left of the last one. Zero with a step.</summary>
    public Duration Phase { get; init; }

    /// <summary>In this time, at a steady rate; positive if there is a phase.</summary>
    public Duration PhaseDuration { get; init; }

    /// <summary>To be stepped at once; positive: forwards. Null: no step.</summary>
    public Duration? Step { get; init; }

    /// <summary>The frequency while the phase is being worked off.</summary>
    public FrequencyOffset Turned => PhaseDuration > Duration.Zero
        ? Frequency + FrequencyOffset.FromFraction(Phase.Seconds / PhaseDuration.Seconds)
        : Frequency;
}

/// <summary>What <see cref="PhcServo.Update"/> finds.</summary>
public readonly record struct PhcOutcome
{
    public required PhcState State { get; init; }

    /// <summary>Null: leave the PHC as it is. Else it is to be done, and <see cref="PhcServo.Steered"/> told, before the next stamps are given.</summary>
    public PhcSteering? Steering { get; init; }

    /// <summary>Half-width, around what the PHC shows, of the interval with TAI in it, what is not yet worked off included. Null: nothing is known.</summary>
    public Duration? Bound { get; init; }

    /// <summary>Standard deviation of the PHC's error until the next Sync, what is not yet worked off included, asymmetry of the path and the master's own error apart.</summary>
    public Duration Sigma { get; init; }

    /// <summary>How fast the bound grows from now on, not negative.</summary>
    public FrequencyOffset BoundGrowth { get; init; }

    /// <summary>The PHC minus the master's time, by the estimate, before the steering. Null: not known.</summary>
    public Duration? Offset { get; init; }

    /// <summary>What the oscillator lacks to TAI.</summary>
    public FrequencyOffset Frequency { get; init; }

    /// <summary>The path's least round trip, halved; of a link with peer delays, its mean delay. Null: not known.</summary>
    public Duration? PathDelay { get; init; }

    /// <summary><see cref="PhcServo.Update"/> is to be called after so long if no message comes before.</summary>
    public required Duration Until { get; init; }
}
