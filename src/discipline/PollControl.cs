using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>How often to ask one source: often while little is known, then as rarely as the oscillator allows.</summary>
/// <remarks>
/// Two limits, the lesser holds. By need: the variance that the estimate will gain until the next poll, from its uncertain rate and
/// from wander, is at most a fixed share of what it has. By age: the interval grows with the fourth root of the time watched, so that
/// a clock is good early and the packets still become rare; even spacing gives more than many polls at first and few later.
/// A surprise brings the interval back at once, because the models' wander rises with it.
/// </remarks>
public sealed class PollControl
{
    /// <summary>Variance gained between polls, in variances of the estimate just after one.</summary>
    private const double Gain = 2.5;

    /// <summary>Polls of the shortest interval in the time that counts as watched at the beginning.</summary>
    private const double Head = 11;

    /// <summary>Growth from one poll to the next at most.</summary>
    private const double Growth = 1.5;

    private double _interval; // s; 0 before the first sample

    private Instant<Raw>? _began;

    /// <summary>To leave until the next poll.</summary>
    public Duration Interval(SourceOptions options) =>
        Duration.Max(options.MinPoll, Duration.Min(options.MaxPoll, Duration.FromSeconds(_interval)));

    /// <summary>After each sample.</summary>
    /// <param name="estimate">With the sample, at the sample's instant.</param>
    /// <param name="use">What became of the sample.</param>
    /// <param name="options">With the limits of the interval.</param>
    public void OnSample(in SourceEstimate estimate, SampleUse use, SourceOptions options)
    {
        _began ??= estimate.At;
        if (use is SampleUse.Suspect or SampleUse.FollowedStep or SampleUse.RateChanged)
        {
            (_interval, _began) = (0, estimate.At);
            return;
        }

        double shortest = options.MinPoll.Seconds;
        double age = (estimate.At - _began.Value).Seconds;
        double byAge = shortest * Math.Pow(Math.Max(Head * age / shortest, 1), 0.25);
        double most = Math.Max(_interval, shortest) * Growth;
        _interval = Math.Min(ByNeed(estimate, options), Math.Min(byAge, most));
    }

    /// <summary>After a gap or a restart: often again.</summary>
    public void Restart() => (_interval, _began) = (0, null);

    /// <summary>Where the variance has grown to its allowance, by bisection in the logarithm.</summary>
    private static double ByNeed(in SourceEstimate estimate, SourceOptions options)
    {
        double allowed = estimate.Covariance.Offset * (1 + Gain);
        double low = options.MinPoll.Seconds;
        double high = Math.Max(options.MaxPoll.Seconds, low);
        for (int i = 0; i < 8; i++)
        {
            double middle = Math.Sqrt(low * high);
            double variance = estimate.Covariance.After(Duration.FromSeconds(middle), estimate.WanderVariance).Offset;
            (low, high) = variance <= allowed ? (middle, high) : (low, middle);
        }

        return low;
    }
}
