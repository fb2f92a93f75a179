using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>The accuracy target: what it asks of each source, and how it stands.</summary>
public sealed partial class ClockDiscipline
{
    /// <summary>
    /// The error of several sources' combination, in what its covariance says: between rare polls the oscillator's wander is common to all
    /// of them, and it counts that as if each had a fifth of it.
    /// </summary>
    private const double Together = 1.25;

    private Duration Really(in SourceEstimate line) => line.Covariance.OffsetSigma.Times(_followed.Count > 1 ? Together : 1);

    /// <summary>Of several sources each may be as much worse than the target as it is now worse than all together.</summary>
    private void SetGoals()
    {
        foreach (var source in _sources)
        {
            double worse = _line is { } line && source.EstimateAt(line.At) is { } own && line.Covariance.Offset > 0
                ? Math.Max(own.Covariance.OffsetSigma.Seconds / Really(line).Seconds, 1)
                : 1;
            source.Goal = Settings.AccuracyTarget?.Times(Math.Min(worse, Settings.CombineLimit));
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
        var expected = Really(line.MovedTo(due > line.At ? due : line.At));
        bool met = expected <= target.Times(1.1); // intervals are found to a few per cent
        bool fastest = _sources.TrueForAll(s => s.PollInterval <= s.Options.MinPoll);
        string polls = FormattableString.Invariant($"at a poll interval of {Words.Of(next)}");
        return new(target, expected, met, met ? $"{Words.Of(expected)} {polls}"
            : fastest ? $"{Words.Of(expected)} {polls}, and that is the shortest allowed"
            : $"{Words.Of(expected)}, still learning");
    }
}
