using TimeSuite.Discipline;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>What the estimator must beat on any shape of delays: a regression through half-sums, weighted by how short the round trips were.</summary>
/// <remarks>
/// Weights 1 / (least^2 + excess^2) with the excess of each round trip over the source's least one and a twentieth of the mean excess
/// added, as chrony's and RADclock's kind of filter does it. Of several sources all samples lie on one line. The length of the line is
/// the one that was best in hindsight, and liars are left out by whoever feeds it: more than a real filter could know.
/// </remarks>
/// <param name="length">Samples of each source that count.</param>
internal sealed class Yardstick(int length) : IBystander
{
    private readonly List<List<Point>> _sources = [];
    private Point _newest;
    private double _offset; // s, of the line at the newest sample
    private double _rate; // s/s
    private bool _isFitted;

    /// <summary>Whether there is a line.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>A sample with both legs.</summary>
    /// <param name="sample">Its delay and its middle count.</param>
    /// <param name="source">Whose, from 0.</param>
    public void Add(in Sample sample, int source = 0)
    {
        while (_sources.Count <= source)
        {
            _sources.Add([]);
        }

        _newest = new(sample.At, sample.Middle, sample.Delay!.Value.Seconds);
        _sources[source].Add(_newest);
        if (_sources[source].Count > length)
        {
            _sources[source].RemoveAt(0);
        }

        (HasBegun, _isFitted) = (true, false);
    }

    /// <summary>UTC at a raw instant, once there is a sample.</summary>
    public Instant<Utc> At(Instant<Raw> at)
    {
        if (!_isFitted)
        {
            Fit();
        }

        var elapsed = at - _newest.At;
        return _newest.Middle + elapsed + Duration.FromSeconds(_offset + (_rate * elapsed.Seconds));
    }

    private void Fit()
    {
        double w = 0, wt = 0, wtt = 0, wy = 0, wty = 0;
        foreach (var points in _sources.Where(points => points.Count > 0))
        {
            double least = points.Min(point => point.Delay);
            double mean = points.Average(point => point.Delay) - least + 1e-9;
            foreach (var point in points)
            {
                var t = point.At - _newest.At;
                double y = (point.Middle - _newest.Middle - t).Seconds;
                double error = (point.Delay - least + (mean / 20)) / 2;
                double weight = 1 / (error * error);
                w += weight;
                wt += weight * t.Seconds;
                wtt += weight * t.Seconds * t.Seconds;
                wy += weight * y;
                wty += weight * t.Seconds * y;
            }
        }

        double determinant = (w * wtt) - (wt * wt);
        _rate = determinant > 1e-9 * w * wtt ? ((w * wty) - (wt * wy)) / determinant : 0;
        _offset = (wy - (_rate * wt)) / w;
        _isFitted = true;
    }

    /// <param name="At">When the sample was complete.</param>
    /// <param name="Middle">UTC then, if both ways took equally long.</param>
    /// <param name="Delay">Round trip, s.</param>
    private readonly record struct Point(Instant<Raw> At, Instant<Utc> Middle, double Delay);
}
