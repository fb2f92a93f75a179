using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>Everything that can be set in the servo of a PHC, with units and defaults.</summary>
public sealed record PhcServoSettings
{
    /// <summary>How far the PHC's frequency may be turned, by its driver or by policy. Default 500 ppm.</summary>
    public FrequencyOffset MaxFrequency { get; init; } = FrequencyOffset.FromPpm(500);

    /// <summary>Rate at which phase is worked off at most; what <see cref="MaxFrequency"/> leaves is the limit too. Default 500 ppm.</summary>
    public FrequencyOffset MaxSlewRate { get; init; } = FrequencyOffset.FromPpm(500);

    /// <summary>An error beyond this is stepped when the servo locks for the first time; null: never. Default 20 us.</summary>
    public Duration? FirstStepThreshold { get; init; } = Duration.FromNanoseconds(20_000);

    /// <summary>An error beyond this is stepped at any later time; null: never, it is slewed. Default 10 ms, which takes 20 s at 500 ppm.</summary>
    public Duration? StepThreshold { get; init; } = Duration.FromNanoseconds(10_000_000);

    /// <summary>
    /// Once it has locked, the PHC is steered not more often than this, however fast its Syncs are, unless it is off by far more than the estimate: each time is a message and a system call, and in
    /// half a second no oscillator gains what the estimate could see. Default 450 ms: a Sync that comes early is not passed over.
    /// </summary>
    public Duration LeastBetween { get; init; } = Duration.FromNanoseconds(450_000_000);

    /// <summary>Standard deviation of the oscillator's frequency when nothing is known. Default 200 ppm.</summary>
    public FrequencyOffset UnknownRateSigma { get; init; } = FrequencyOffset.FromPpm(200);

    /// <summary>Without a Sync for so many of their intervals, and for a second, the PHC is held over. Default 4.</summary>
    public int HoldoverIntervals { get; init; } = 4;

    /// <summary>In holdover with a larger bound the PHC is no longer called held. Default 1 ms.</summary>
    public Duration MaxHoldoverBound { get; init; } = Duration.FromNanoseconds(1_000_000);
}
