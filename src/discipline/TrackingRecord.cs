using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>Keeps what <see cref="Tracking"/> needs from one update to the next.</summary>
internal sealed class TrackingRecord
{
    /// <summary>Updates over which the mean square is formed.</summary>
    private const double Memory = 32;

    private Tracking _last = new();

    private Instant<Raw>? _updated;

    private int _updates;

    public Tracking Of(SourceEstimate? line, in LocalClock clock, bool fresh, bool holdover, string explanation)
    {
        if (line is not { } e)
        {
            return _last with { Holdover = false, Explanation = explanation };
        }

        var offset = e.Utc - clock.Reading;
        if (fresh)
        {
            var error = offset - clock.PendingPhase;
            double keep = 1 - (1 / Math.Min(Memory, ++_updates));
            double square = (keep * Math.Pow(_last.RmsOffset.Seconds, 2)) + ((1 - keep) * Math.Pow(error.Seconds, 2));
            _last = _last with
            {
                LastOffset = error,
                RmsOffset = Duration.FromSeconds(Math.Sqrt(square)),
                ResidualFrequency = e.Rate - _last.Frequency,
                ReferenceTime = e.Utc,
                UpdateInterval = _updated is { } before ? e.At - before : Duration.Zero,
            };
            _updated = e.At;
        }

        _last = _last with
        {
            Offset = offset,
            Frequency = e.Rate,
            Skew = e.Covariance.RateSigma,
            RootDelay = e.RootDelay + e.MinDelay,
            RootDispersion = Duration.Max(e.MaxError - (e.RootDelay + e.MinDelay).Half(), e.Covariance.OffsetSigma),
            Holdover = holdover,
            Explanation = explanation,
        };
        return _last;
    }
}
