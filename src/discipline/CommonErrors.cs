using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>Covariance of two estimates' errors: of the one's offset and rate with the other's.</summary>
/// <param name="Offsets">Of both offsets, s^2.</param>
/// <param name="OffsetRate">Of the one's offset and the other's rate, s.</param>
/// <param name="RateOffset">Of the one's rate and the other's offset, s.</param>
/// <param name="Rates">Of both rates, (s/s)^2.</param>
internal readonly record struct CrossCovariance(double Offsets, double OffsetRate, double RateOffset, double Rates)
{
    /// <summary>The other's with the one's.</summary>
    public CrossCovariance Turned => new(Offsets, RateOffset, OffsetRate, Rates);

    /// <summary>Lets time pass: both see the same oscillator, so what it wanders is in both errors.</summary>
    public CrossCovariance After(double t, double wanderVariance)
    {
        double q = wanderVariance * t; // (s/s)^2
        return new(
            Offsets + (t * (OffsetRate + RateOffset)) + (t * t * Rates) + (q * t * t / 3),
            OffsetRate + (t * Rates) + (q * t / 2),
            RateOffset + (t * Rates) + (q * t / 2),
            Rates + q);
    }

    /// <summary>The one has just taken in a sample.</summary>
    public CrossCovariance Kept(in ErrorKept kept) => new(
        (kept.OffsetOfOffset * Offsets) + (kept.OffsetOfRate * RateOffset),
        (kept.OffsetOfOffset * OffsetRate) + (kept.OffsetOfRate * Rates),
        (kept.RateOfOffset * Offsets) + (kept.RateOfRate * RateOffset),
        (kept.RateOfOffset * OffsetRate) + (kept.RateOfRate * Rates));
}

/// <summary>What a filter keeps of the errors that it had before a sample: P+ P-^-1, the gain taken off from one.</summary>
internal readonly record struct ErrorKept(double OffsetOfOffset, double OffsetOfRate, double RateOfOffset, double RateOfRate)
{
    /// <summary>From the covariances at the sample, before and with it.</summary>
    public static ErrorKept Of(in Covariance before, in Covariance after)
    {
        double determinant = (before.Offset * before.Rate) - (before.OffsetRate * before.OffsetRate);
        if (determinant <= before.Offset * before.Rate * 1e-12)
        {
            return default; // nothing can be told from it
        }

        return new(
            ((after.Offset * before.Rate) - (after.OffsetRate * before.OffsetRate)) / determinant,
            ((after.OffsetRate * before.Offset) - (after.Offset * before.OffsetRate)) / determinant,
            ((after.OffsetRate * before.Rate) - (after.Rate * before.OffsetRate)) / determinant,
            ((after.Rate * before.Offset) - (after.OffsetRate * before.OffsetRate)) / determinant);
    }
}

/// <summary>What the errors of several sources' estimates have in common, since the wander of our own oscillator is in all of them.</summary>
/// <remarks>
/// Two filters of one state are correlated by what drives the state: between samples their cross-covariance grows as each one's own
/// covariance does, and at a sample of the one it is multiplied with what that keeps of its error (Bar-Shalom, "On the track-to-track
/// correlation problem", IEEE Trans. Automatic Control 26(2), 1981).
/// </remarks>
internal sealed class CommonErrors
{
    private readonly Dictionary<(int Low, int High), (Instant<Raw> At, CrossCovariance Cross)> _pairs = [];

    /// <summary>Forgets all: nothing is in common any more.</summary>
    public void Clear() => _pairs.Clear();

    /// <summary>Forgets a source.</summary>
    public void Remove(SourceId id)
    {
        foreach (var pair in _pairs.Keys.Where(pair => pair.Low == id.Value || pair.High == id.Value).ToList())
        {
            _pairs.Remove(pair);
        }
    }

    /// <summary>A source has taken in a sample.</summary>
    /// <param name="id">Whose.</param>
    /// <param name="at">The sample's instant.</param>
    /// <param name="kept">What is left of the errors it had; all zero: it has begun anew.</param>
    /// <param name="other">Another source that has an estimate.</param>
    /// <param name="wanderVariance">How unsteady the oscillator is thought to be, 1/s.</param>
    public void OnSample(SourceId id, Instant<Raw> at, in ErrorKept kept, SourceId other, double wanderVariance)
    {
        var before = Between(id, other, at, wanderVariance);
        var after = before.Kept(kept);
        _pairs[Key(id, other)] = (at, id.Value < other.Value ? after : after.Turned);
    }

    /// <summary>Of two sources' errors at an instant, the first one's offset and rate with the second one's.</summary>
    public CrossCovariance Between(SourceId first, SourceId second, Instant<Raw> at, double wanderVariance)
    {
        if (!_pairs.TryGetValue(Key(first, second), out var known))
        {
            return default;
        }

        double elapsed = (at - known.At).Seconds;
        var cross = elapsed > 0 ? known.Cross.After(elapsed, wanderVariance) : known.Cross;
        return first.Value < second.Value ? cross : cross.Turned;
    }

    private static (int Low, int High) Key(SourceId a, SourceId b) => a.Value < b.Value ? (a.Value, b.Value) : (b.Value, a.Value);
}
