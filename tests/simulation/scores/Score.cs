namespace TimeSuite.Simulation;

/// <summary>One point of a plot.</summary>
/// <param name="Time">True time, s.</param>
/// <param name="Error">Clock minus UTC, s.</param>
/// <param name="Bound">As published, s; null while the clock is called unsynchronised.</param>
public readonly record struct TracePoint(double Time, double Error, double? Bound);

/// <summary>What is collected of one clock, once a second of true time.</summary>
/// <param name="setup">Says from when on.</param>
/// <param name="traceEvery">Keeps a point for a plot each so many seconds; 0: none.</param>
public sealed class Score(Setup setup, int traceEvery = 0)
{
    private readonly double[] _errors = new double[(int)Math.Ceiling(setup.Limit) + 2];
    private readonly float[] _rates = new float[(int)Math.Ceiling(setup.Limit) + 2];
    private readonly List<TracePoint> _trace = [];
    private readonly List<double> _bounds = [];
    private readonly List<double> _sigmas = [];
    private int _seconds; // seen; that of index 0 is second 1
    private int _scored, _claims, _inside;
    private double _squares, _rateSquares, _max, _rateMax, _trueSquares, _claimedSquares;

    public IReadOnlyList<TracePoint> Trace => _trace;

    /// <summary>A whole second of the daemons' clock.</summary>
    public void See(World world) => See(world, world.Judged.Error, world.Judged.RateError, () => (world.Judged.Bound, world.Judged.Sigma));

    /// <summary>A whole second of another clock of the same machine, which claims nothing: its error, s.</summary>
    public void See(World world, double error) => See(world, error, 0, () => (null, 0));

    private void See(World world, double error, double rate, Func<(double? Bound, double Sigma)> claim)
    {
        var judged = world.Judged;
        double now = world.Now;
        if (_seconds < _errors.Length)
        {
            bool doubtful = world.IsInLeap(now) || !judged.IsAwake;
            _rates[_seconds] = doubtful ? 0 : (float)rate;
            _errors[_seconds++] = doubtful ? 0 : error;
        }

        bool traced = traceEvery > 0 && (long)now % traceEvery == 0;
        bool scored = now >= setup.ScoreFrom && !world.IsInLeap(now);
        if (!judged.IsAwake || (!scored && !traced))
        {
            return;
        }

        var (bound, sigma) = claim();
        if (traced)
        {
            _trace.Add(new(now, error, bound));
        }

        if (scored)
        {
            Add(error, rate, bound, sigma);
        }
    }

    /// <summary>The first second from which on neither error nor rate is larger, s; infinite if there is none.</summary>
    public double GoodFrom(double error, double rate = double.PositiveInfinity)
    {
        int last = _seconds - 1;
        while (last >= 0 && Math.Abs(_errors[last]) <= error && Math.Abs(_rates[last]) <= rate)
        {
            last--;
        }

        return last == _seconds - 1 ? double.PositiveInfinity : last + 2;
    }

    /// <summary>Largest magnitude of the error from one second to another.</summary>
    public double MaxBetween(double from, double to) => Between(from, to).Max(Math.Abs);

    public double RmsBetween(double from, double to) => Math.Sqrt(Between(from, to).Average(error => error * error));

    /// <summary>Clock minus UTC at a second.</summary>
    public double ErrorAt(double second) => _errors[(int)second - 1];

    /// <summary>What came out.</summary>
    public Figures Finish(ulong seed, World world)
    {
        double rms = Math.Sqrt(_squares / Math.Max(_scored, 1));
        _bounds.Sort();
        _sigmas.Sort();
        int dead = (int)Math.Min(setup.LinkDies, setup.Limit);
        return new()
        {
            Seed = seed,
            Rms = rms,
            Max = _max,
            FreqRms = Math.Sqrt(_rateSquares / Math.Max(_scored, 1)),
            FreqMax = _rateMax,
            Settle = GoodFrom(10 * rms),
            Packets = world.Judged.Packets,
            InsideBound = _claims == 0 ? 1 : (double)_inside / _claims,
            Claimed = (double)_claims / Math.Max(_scored, 1),
            TrueSquare = _trueSquares / Math.Max(_claims, 1),
            ClaimedSquare = _claimedSquares / Math.Max(_claims, 1),
            MedianBound = _bounds.Count == 0 ? double.PositiveInfinity : _bounds[_bounds.Count / 2],
            MedianSigma = _sigmas.Count == 0 ? double.PositiveInfinity : _sigmas[_sigmas.Count / 2],
            Unseen = setup.Base + (setup.RootDelay / 2) + setup.RootDispersion,
            Below1Ms = GoodFrom(1e-3),
            Below100Us = GoodFrom(100e-6),
            Drift = dead > 0 && dead + 1000 <= _seconds ? Math.Abs(ErrorAt(dead + 1000) - ErrorAt(dead)) : double.NaN,
            FinalError = _seconds == 0 ? double.NaN : _errors[_seconds - 1],
            Steps = world.Judged.Steps,
        };
    }

    private void Add(double error, double rate, double? bound, double sigma)
    {
        _scored++;
        _squares += error * error;
        _rateSquares += rate * rate;
        _max = Math.Max(_max, Math.Abs(error));
        _rateMax = Math.Max(_rateMax, Math.Abs(rate));
        if (bound is { } claim)
        {
            _claims++;
            _inside += Math.Abs(error) <= claim ? 1 : 0;
            _bounds.Add(claim);
            _sigmas.Add(sigma);
            _trueSquares += error * error;
            _claimedSquares += sigma * sigma;
        }
    }

    private ArraySegment<double> Between(double from, double to) =>
        new(_errors, (int)from - 1, Math.Min((int)to, _seconds) - (int)from + 1);
}
