using TimeSuite.Discipline;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>What no filter can beat by more than chance: the exact posterior mean, by particles, of one that is told how the world is made.</summary>
/// <remarks>
/// It knows the delays' distribution with its scales, the base delays, the oscillator's wander, and its rate at the start to within 1 ppm. What it is not told is what every filter
/// has to find out: offset and rate. The mean of the posterior has the least mean square error of all functions of the samples. Particles: a bootstrap filter
/// (Gordon, Salmond, Smith, IEE Proceedings F 140, 1993) with systematic resampling and a slight shrinking kernel (Liu, West, in: Sequential Monte Carlo Methods in Practice, 2001).
/// For exponential delays and no more: spikes, congestion and queues are not in it.
/// </remarks>
/// <param name="setup">What the world is made of.</param>
/// <param name="seed">Of its own chances.</param>
/// <param name="count">Particles.</param>
internal sealed class Oracle(Setup setup, ulong seed, int count = 20_000) : IBystander
{
    private const double RateSigma = 1e-6, Kernel = 0.04;

    private readonly Dice _dice = new(seed, "oracle");
    private readonly double _lineRate = (1 / (1 + setup.Frequency)) - 1;
    private readonly double[] _weights = new double[count];
    private (double Offset, double Rate)[] _cloud = new (double, double)[count], _next = new (double, double)[count];
    private Instant<Raw> _raw;
    private Instant<Utc> _utc;
    private double _offset, _rate; // means

    public bool HasBegun { get; private set; }

    public void Add(in Sample sample, int source)
    {
        bool isFirst = !HasBegun;
        if (isFirst)
        {
            (_raw, _utc, HasBegun) = (sample.At, sample.Middle, true);
        }

        var elapsed = sample.At - _raw;
        (_raw, _utc) = (sample.At, _utc + elapsed + elapsed.Times(_lineRate));
        double latest = Seen(sample.Forward!.Value) - ((1 - (2 * setup.BaseAsymmetry)) * setup.Base); // offset <= latest: nothing is faster than the base delay
        double earliest = Seen(sample.Backward!.Value) + ((1 + (2 * setup.BaseAsymmetry)) * setup.Base);
        double t = elapsed.Seconds, walk = setup.Wander * Math.Sqrt(t);
        for (int i = 0; i < count; i++)
        {
            if (isFirst)
            {
                _cloud[i] = (earliest + ((latest - earliest) * _dice.Uniform()), RateSigma * _dice.Normal());
            }
            else
            {
                double z1 = _dice.Normal(), z2 = _dice.Normal();
                var (offset, rate) = _cloud[i];
                _cloud[i] = (offset + (rate * t) + (walk * t * ((z1 / 2) + (z2 / Math.Sqrt(12)))), rate + (walk * z1));
            }
        }

        Weigh(earliest, latest);
    }

    public Instant<Utc> At(Instant<Raw> at)
    {
        var elapsed = at - _raw;
        return _utc + elapsed + elapsed.Times(_lineRate) + Duration.FromSeconds(_offset + (_rate * elapsed.Seconds));
    }

    private double Seen(in Leg leg) => (leg.Remote - _utc - (leg.Local - _raw)).Seconds - ((leg.Local - _raw).Seconds * _lineRate);

    private void Weigh(double earliest, double latest)
    {
        double tilt = (1 / ((1 - (2 * setup.Asymmetry)) * setup.Jitter)) - (1 / ((1 + (2 * setup.Asymmetry)) * setup.Jitter)); // exp(-(latest - o) / J1 - (o - earliest) / J2)
        double top = tilt > 0 ? latest : earliest;
        double sum = 0;
        for (int spread = 0; sum <= 0; spread++)
        {
            for (int i = 0; i < count; i++)
            {
                double offset = _cloud[i].Offset;
                _weights[i] = offset > latest || offset < earliest ? 0 : Math.Exp(tilt * (offset - top));
                sum += _weights[i];
            }

            if (sum <= 0) // none is left, which so many particles make very rare: they are drawn to the possible
            {
                double middle = (earliest + latest) / 2;
                for (int i = 0; i < count; i++)
                {
                    _cloud[i].Offset = spread > 10 ? middle : middle + ((_cloud[i].Offset - middle) / 2);
                }
            }
        }

        double offsets = 0, rates = 0;
        for (int i = 0; i < count; i++)
        {
            _weights[i] /= sum;
            (offsets, rates) = (offsets + (_weights[i] * _cloud[i].Offset), rates + (_weights[i] * _cloud[i].Rate));
        }

        (_offset, _rate) = (offsets, rates);
        Resample();
    }

    private void Resample()
    {
        double square = 0, cross = 0, rateSquare = 0;
        for (int i = 0; i < count; i++)
        {
            double offset = _cloud[i].Offset - _offset, rate = _cloud[i].Rate - _rate;
            (square, cross, rateSquare) = (square + (_weights[i] * offset * offset), cross + (_weights[i] * offset * rate), rateSquare + (_weights[i] * rate * rate));
        }

        double first = Math.Sqrt(Math.Max(square, 1e-60)), slope = cross / first, second = Math.Sqrt(Math.Max(rateSquare - (slope * slope), 0));
        double kept = Math.Sqrt(1 - (Kernel * Kernel)), start = _dice.Uniform() / count, reached = _weights[0];
        for (int i = 0, from = 0; i < count; i++)
        {
            while (start + ((double)i / count) > reached && from < count - 1)
            {
                reached += _weights[++from];
            }

            double z1 = Kernel * _dice.Normal(), z2 = Kernel * _dice.Normal();
            var (offset, rate) = _cloud[from];
            _next[i] = (_offset + (kept * (offset - _offset)) + (first * z1), _rate + (kept * (rate - _rate)) + (slope * z1) + (second * z2));
        }

        (_cloud, _next) = (_next, _cloud);
    }
}
