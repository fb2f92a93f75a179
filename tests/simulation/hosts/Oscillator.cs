namespace TimeSuite.Simulation;

/// <summary>The rate error of a host's crystal over true time. Changes at whole seconds, as clknetsim's does.</summary>
/// <remarks>
/// Random walk: clknetsim's <c>(+ frequency (sum (* wander (normal))))</c>, deviation wander * sqrt(t). Flicker: a sum of
/// Ornstein-Uhlenbeck processes, one a decade of time constants, each of variance v; their spectra add up to v / (ln 10 f), so
/// a floor s of the Allan deviation (s^2 = 2 ln 2 h-1) takes v = s^2 ln 10 / (2 ln 2). Sine, ramp and jump are the room's temperature.
/// </remarks>
public sealed class Oscillator
{
    private const int Decades = 7; // time constants of 1 s to 10^6 s

    private readonly Setup _setup;
    private readonly Dice _wander, _flicker, _white;
    private readonly double[] _processes = new double[Decades];
    private readonly double _variance;
    private double _walk;

    public Oscillator(Setup setup, ulong seed, string host)
    {
        (_setup, _walk) = (setup, setup.Frequency);
        (_wander, _flicker, _white) = (new(seed, $"wander {host}"), new(seed, $"flicker {host}"), new(seed, $"white {host}"));
        _variance = setup.Flicker * setup.Flicker * Math.Log(10) / (2 * Math.Log(2));
        if (_variance > 0)
        {
            for (int i = 0; i < Decades; i++)
            {
                _processes[i] = Math.Sqrt(_variance) * _flicker.Normal();
            }
        }

        Error = RateAt(0);
    }

    /// <summary>Rate error in force, s/s; positive is fast.</summary>
    public double Error { get; private set; }

    /// <summary>A whole second of true time has come.</summary>
    public void Second(double now)
    {
        _walk += _setup.Wander * _wander.Normal();
        if (_variance > 0)
        {
            double constant = 1; // s
            for (int i = 0; i < Decades; i++, constant *= 10)
            {
                double keep = Math.Exp(-1 / constant);
                _processes[i] = (keep * _processes[i]) + (Math.Sqrt(_variance * (1 - (keep * keep))) * _flicker.Normal());
            }
        }

        Error = RateAt(now);
    }

    /// <summary>Somebody heats it, s/s.</summary>
    public void Heat(double change)
    {
        _walk += change;
        Error += change;
    }

    private double RateAt(double now)
    {
        double rate = _walk;
        if (_variance > 0)
        {
            foreach (double process in _processes)
            {
                rate += process;
            }
        }

        rate += _setup.WhiteFm > 0 ? _setup.WhiteFm * _white.Normal() : 0;
        rate += _setup.Sine != 0 ? _setup.Sine * Math.Sin(2 * Math.PI * now / _setup.SinePeriod) : 0;
        rate += _setup.Ramp != 0 ? _setup.Ramp * Math.Clamp(now - _setup.RampFrom, 0, Math.Max(_setup.RampTo - _setup.RampFrom, 0)) : 0;
        rate += now >= _setup.JumpAt ? _setup.Jump : 0;
        return Math.Clamp(rate, -0.19, 0.19); // clknetsim's limit is 0.2
    }
}
