using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>What the sources' errors have in common.</summary>
public sealed partial class ClockDiscipline
{
    /// <summary>A source has taken in a sample: what its error shares with the others' is less now.</summary>
    private void Share(Source source, SampleUse use)
    {
        if (use is SampleUse.Refused or SampleUse.Suspect || source.Newest is not { } at)
        {
            return;
        }

        foreach (var other in _sources)
        {
            if (other != source && other.Newest is not null)
            {
                _common.OnSample(source.Id, at, source.Kept, other.Id, Wander(source, other, at));
            }
        }
    }

    private CrossCovariance Common(Source first, Source second, Instant<Raw> at) => _common.Between(first.Id, second.Id, at, Wander(first, second, at));

    /// <summary>What both say of the oscillator, 1/s.</summary>
    private static double Wander(Source first, Source second, Instant<Raw> at) =>
        Math.Sqrt((first.EstimateAt(at)?.WanderVariance ?? 0) * (second.EstimateAt(at)?.WanderVariance ?? 0));
}
