using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>What <see cref="ISourceEstimator.Add"/> made of a sample.</summary>
public enum SampleUse
{
    /// <summary>It is in the estimate.</summary>
    Used,

    /// <summary>It is in the estimate, but fits only if the oscillator's rate has changed at once.</summary>
    RateChanged,

    /// <summary>Older than the newest, or without a leg: changes nothing.</summary>
    Refused,

    /// <summary>Physically impossible by what is known (a delay below zero): set aside until others say the same.</summary>
    Suspect,

    /// <summary>So many in a row were impossible and agreed with each other that the source is taken to have stepped; they are the estimate now.</summary>
    FollowedStep,
}

/// <summary>Turns the samples of one source into UTC as a function of raw time. Deterministic, fixed memory.</summary>
public interface ISourceEstimator
{
    /// <summary>Takes a sample in, in order of <see cref="Sample.At"/>.</summary>
    SampleUse Add(in Sample sample);

    /// <summary>The estimate at any instant, best at or after the newest sample. False before the first.</summary>
    bool TryEstimate(Instant<Raw> at, out SourceEstimate estimate);

    /// <summary>Forgets the offset, after a gap of unknown length in raw time, and keeps what is known of the rate.</summary>
    void Restart();

    /// <summary>UTC itself has jumped (a leap second): all that is known moves along, and nothing is lost.</summary>
    /// <param name="by">Positive: UTC is later than it would have been.</param>
    void Shift(Duration by);

    /// <summary>Says what is known of the rate before the first sample.</summary>
    void Expect(FrequencyOffset rate, FrequencyOffset sigma);

    /// <summary>Samples in a row that were set aside as impossible.</summary>
    int Suspects { get; }

    /// <summary>Newest suspect minus the estimate, zero without suspects. Positive: the source jumped forwards.</summary>
    Duration SuspectOffset { get; }

    /// <summary>The samples kept, oldest first; adding them to a new estimator restores this one.</summary>
    IReadOnlyList<Sample> History { get; }
}
