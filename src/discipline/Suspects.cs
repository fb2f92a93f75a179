using System.Collections;
using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>The last samples of a source that its estimate calls impossible, oldest first: those that agree with each other on another line.</summary>
internal sealed class Suspects : IReadOnlyList<Sample>
{
    /// <summary>Kept at most: where steps are never followed, they may go on for ever.</summary>
    private const int Capacity = 16;

    private readonly List<Sample> _samples = [];

    public int Count => _samples.Count;

    /// <summary>They agree on the rate that the oscillator had before, too: their source has stepped. If not, it may be the oscillator's rate that goes astray.</summary>
    public bool IsSteady { get; private set; }

    public Sample this[int index] => _samples[index];

    /// <summary>One more; those before it that no oscillator could bring on one line with it are dropped.</summary>
    /// <param name="sample">Later than all others.</param>
    /// <param name="rate">UTC gained per raw second, by the estimate.</param>
    public void Add(in Sample sample, FrequencyOffset rate)
    {
        IsSteady = true;
        for (int i = _samples.Count - 1; i >= 0; i--)
        {
            double gap = Gap(_samples[i], sample, rate);
            double elapsed = (sample.At - _samples[i].At).Seconds;
            IsSteady &= gap <= DelayEstimator.RateDoubt * elapsed;
            if (gap > DelayEstimator.WildestRate * elapsed)
            {
                _samples.RemoveAt(i);
            }
        }

        _samples.Add(sample);
        if (_samples.Count > Capacity)
        {
            _samples.RemoveAt(0);
        }
    }

    public void Clear() => _samples.Clear();

    public IEnumerator<Sample> GetEnumerator() => _samples.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Time between what two samples allow, at this rate, s; zero if some time is possible by both.</summary>
    private static double Gap(in Sample earlier, in Sample later, FrequencyOffset rate)
    {
        var elapsed = later.At - earlier.At;
        var moved = elapsed + elapsed.At(rate);
        var (first, last) = earlier.Limits;
        var (low, high) = later.Limits;
        return Math.Max(0, Math.Max((first + moved - high).Seconds, (low - last - moved).Seconds));
    }
}
