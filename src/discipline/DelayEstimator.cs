using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>Follows the sample with the least round trip of the last eight, with the rate given from outside.</summary>
public sealed class DelayEstimator(DisciplineSettings settings) : ISourceEstimator
{
    private readonly List<Sample> _history = [];

    private FrequencyOffset _rate;

    private FrequencyOffset _sigma = settings.UnknownRateSigma;

    /// <inheritdoc/>
    public int Suspects => 0;

    /// <inheritdoc/>
    public Duration SuspectOffset => Duration.Zero;

    /// <inheritdoc/>
    public IReadOnlyList<Sample> History => _history;

    /// <inheritdoc/>
    public SampleUse Add(in Sample sample)
    {
        if (sample.Delay is null || (_history.Count > 0 && sample.At <= _history[^1].At))
        {
            return SampleUse.Refused;
        }

        if (_history.Count == 8)
        {
            _history.RemoveAt(0);
        }

        _history.Add(sample);
        return SampleUse.Used;
    }

    /// <inheritdoc/>
    public bool TryEstimate(Instant<Raw> at, out SourceEstimate estimate)
    {
        estimate = default;
        if (_history.Count == 0)
        {
            return false;
        }

        var best = _history.MinBy(s => s.Delay);
        var delay = Duration.Max(best.Delay!.Value, Duration.Zero);
        double offset = delay.Seconds / 4; // s
        var elapsed = best.At - best.Forward!.Value.Local;
        var early = best.Forward!.Value.Remote + elapsed;
        estimate = new SourceEstimate
        {
            At = best.At,
            Utc = best.Backward!.Value.Remote + (early - best.Backward!.Value.Remote).Half(),
            Rate = _rate,
            Covariance = new(offset * offset, 0, _sigma.Fraction * _sigma.Fraction),
            WanderVariance = 1e-18,
            MaxError = delay.Half() + best.RootDelay.Half() + best.RootDispersion + best.StampError + best.Resolution,
            MinDelay = delay,
            Jitter = delay.Half(),
            SampleCount = _history.Count,
            Span = _history[^1].At - _history[0].At,
            RootDelay = best.RootDelay,
            RootDispersion = best.RootDispersion,
        }.MovedTo(at);
        return true;
    }

    /// <inheritdoc/>
    public void Restart() => _history.Clear();

    /// <inheritdoc/>
    public void Expect(FrequencyOffset rate, FrequencyOffset sigma) => (_rate, _sigma) = (rate, sigma);
}
