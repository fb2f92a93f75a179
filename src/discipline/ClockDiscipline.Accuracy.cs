using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>The accuracy target: what it asks of each source, and how it stands.</summary>
public sealed partial class ClockDiscipline
{
    /// <summary>Of several sources, so large a share of the samples shall come while the error is still within the target, and so soon is what they are asked for corrected.</summary>
    private const double InTime = 0.9, Soon = 0.1;

    /// <summary>What is so much beyond the target still meets it: intervals are found to a few per cent.</summary>
    private const double Nearly = 1.1;

    /// <summary>Weight of the newest sample in what is usual.</summary>
    private const double Newest = 0.1;

    /// <summary>What they are asked for is never stricter than by this factor.</summary>
    private const double Strictest = 0.4;

    /// <summary>Share of the target that the sources are asked for: each one polls by what itself knows, and together they shall keep it.</summary>
    private double _asked = 1;

    /// <summary>New samples are there: was what all sources said together still good enough just before?</summary>
    private void SeeWhetherInTime(Instant<Raw> at)
    {
        if (Settings.AccuracyTarget is not { } target || _line is not { } line || _followed.Count < 2)
        {
            _asked = 1;
            return;
        }

        bool isWithin = line.MovedTo(at).Covariance.OffsetSigma <= target.Times(Nearly);
        _asked = Math.Clamp(_asked * Math.Exp(Soon * (isWithin ? 1 - InTime : -InTime)), Strictest, 1);
    }

    /// <summary>Of several sources each may be as much worse than the target as it usually is worse than all together, when a sample of it comes.</summary>
    private void SetGoals()
    {
        foreach (var source in _sources)
        {
            source.Goal = Settings.AccuracyTarget?.Times(_asked * source.Worse);
        }
    }

    /// <summary>A sample of it is about to come in.</summary>
    private void Compare(Source source, Instant<Raw> at)
    {
        if (Settings.AccuracyTarget is not null && _line is { } line && source.EstimateAt(at) is { } own && line.Covariance.Offset > 0)
        {
            double worse = Math.Clamp(own.Covariance.OffsetSigma.Seconds / line.MovedTo(at).Covariance.OffsetSigma.Seconds, 1, Settings.CombineLimit);
            source.Worse *= Math.Pow(worse / source.Worse, Newest);
        }
    }

    private AccuracyState? AccuracyNow(bool selected)
    {
        if (Settings.AccuracyTarget is not { } target)
        {
            return null;
        }

        if (_line is not { } line || !selected)
        {
            return new(target, Unknown, IsMet: false, "no source can be followed");
        }

        var next = _sources.Min(s => s.PollInterval);
        var due = _sources.Min(s => s.Due) ?? line.At;
        var expected = line.MovedTo(due > line.At ? due : line.At).Covariance.OffsetSigma;
        bool met = expected <= target.Times(Nearly);
        bool fastest = _sources.TrueForAll(s => s.PollInterval <= s.LeastPollInterval);
        string polls = FormattableString.Invariant($"at a poll interval of {Words.Of(next)}");
        return new(target, expected, met, met ? $"{Words.Of(expected)} {polls}"
            : fastest ? $"{Words.Of(expected)} {polls}, and that is the shortest allowed"
            : $"{Words.Of(expected)}, still learning");
    }
}
