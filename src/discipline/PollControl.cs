using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>How often to ask one source: often while little is known, then as rarely as the oscillator allows.</summary>
/// <remarks>
/// Between polls an unsteadiness w adds w t^1.5 / sqrt(3) to the error. It pays to ask again when that is a fixed share of the
/// estimate's own sigma, which is t = (share sqrt(3) sigma / w)^(2/3). Nobody knows w well in the beginning, so t is at most an
/// eighth of the time watched; and a surprise brings it back at once, because the models' w rises with it.
/// </remarks>
public sealed class PollControl
{
    /// <summary>Error added between polls, in sigmas of the estimate just after one.</summary>
    private const double Share = 0.35;

    /// <summary>Polls in the time watched so far.</summary>
    private const double Watched = 8;

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
        if (use is SampleUse.Suspect or SampleUse.FollowedStep)
        {
            _interval = 0;
            _began = estimate.At;
            return;
        }

        double wander = Math.Sqrt(estimate.WanderVariance);
        double sigma = estimate.Covariance.OffsetSigma.Seconds;
        double wanted = Math.Pow(Share * Math.Sqrt(3) * sigma / wander, 2.0 / 3);
        double known = (estimate.At - _began.Value).Seconds / Watched;
        double most = Math.Max(_interval, options.MinPoll.Seconds) * Growth;
        _interval = Math.Min(Math.Min(wanted, known), most);
    }

    /// <summary>After a gap or a restart: often again.</summary>
    public void Restart() => (_interval, _began) = (0, null);
}
