using TimeSuite.Discipline.Tests.Simulation;
using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

/// <summary>What the estimator must beat on any shape of delays: a regression through half-sums, weighted by how short the round trips were.</summary>
/// <remarks>
/// Weights 1 / (least^2 + excess^2) with the excess of each round trip over the least one and a twentieth of the mean excess added, as
/// chrony's and RADclock's kind of filter does it; the length of the line is the one, of 8 to 64 samples, that was best in hindsight for
/// the row: more than a real filter could know.
/// </remarks>
internal sealed class Yardstick(int length)
{
    private readonly List<Sample> _samples = [];

    public void Add(in Sample sample)
    {
        _samples.Add(sample);
        if (_samples.Count > length)
        {
            _samples.RemoveAt(0);
        }
    }

    /// <summary>UTC at a raw instant.</summary>
    public Instant<Utc> At(Instant<Raw> at)
    {
        var newest = _samples[^1];
        double least = _samples.Min(s => s.Delay!.Value.Seconds);
        double mean = _samples.Average(s => s.Delay!.Value.Seconds) - least + 1e-9;
        double w = 0;
        double wt = 0;
        double wtt = 0;
        double wy = 0;
        double wty = 0;
        foreach (var sample in _samples)
        {
            double t = (sample.At - newest.At).Seconds;
            double y = (sample.Middle - newest.Middle - (sample.At - newest.At)).Seconds;
            double error = (sample.Delay!.Value.Seconds - least + (mean / 20)) / 2;
            double weight = 1 / (error * error);
            w += weight;
            wt += weight * t;
            wtt += weight * t * t;
            wy += weight * y;
            wty += weight * t * y;
        }

        double determinant = (w * wtt) - (wt * wt);
        double rate = determinant > 1e-9 * w * wtt ? ((w * wty) - (wt * wy)) / determinant : 0;
        double offset = (wy - (rate * wt)) / w;
        var elapsed = at - newest.At;
        return newest.Middle + elapsed + Duration.FromSeconds(offset + (rate * elapsed.Seconds));
    }
}
