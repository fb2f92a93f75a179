using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests.Simulation;

/// <summary>An oscillator whose rate walks at random, and the clock that is steered on it: by a linear slew or by the kernel's loop.</summary>
/// <param name="dice">Drives the wander.</param>
/// <param name="offset">Clock minus true time at the start, s.</param>
/// <param name="frequency">Rate error of the oscillator at the start, s/s.</param>
/// <param name="wander">Growth of the rate's standard deviation, 1/sqrt(s).</param>
/// <param name="kernel">Phase goes by the kernel's phase-locked loop, in whole seconds; else linearly and at once.</param>
public sealed class VirtualClock(Dice dice, double offset, double frequency, double wander, bool kernel)
{
    public const double MaxSlew = 500e-6;

    private double _frequency = frequency;
    private double _raw; // raw minus true time, s
    private double _pending; // s
    private double _slew; // s/s in force
    private double _slewLeft; // s of phase that the slew in force still makes
    private int _constant;

    /// <summary>True time now, s.</summary>
    public double Now { get; private set; }

    /// <summary>Clock minus true time, s.</summary>
    public double Error { get; private set; } = offset;

    /// <summary>Rate correction in force, s/s.</summary>
    public double Correction { get; private set; }

    /// <summary>Rate error of the clock, slew included.</summary>
    public double RateError => ((1 + _frequency) * (1 + Correction + _slew)) - 1;

    public double OscillatorFrequency => _frequency;

    public int Steps { get; private set; }

    /// <summary>Constant by which the clock runs faster than commanded, s/s (decision 0002).</summary>
    public double Bias { get; init; }

    /// <summary>Raw time at a true time a little after now.</summary>
    public Instant<Raw> RawAt(double time) =>
        new(Duration.FromSeconds(time) + Duration.FromSeconds(1000 + _raw + (_frequency * (time - Now))));

    public LocalClock Read() => new()
    {
        At = RawAt(Now),
        Reading = Epoch + Duration.FromSeconds(Now) + Duration.FromSeconds(Error),
        PendingPhase = Duration.FromSeconds(_pending + _slewLeft),
        Frequency = FrequencyOffset.FromFraction(Correction),
    };

    public static Instant<Utc> Epoch { get; } = new(Duration.FromSeconds(1_800_000_000L));

    public void AdvanceTo(double time)
    {
        while (Now < time)
        {
            double boundary = Math.Floor(Now) + 1;
            Run(Math.Min(boundary, time));
            if (Now == boundary)
            {
                _frequency += wander * dice.Normal();
                if (kernel)
                {
                    _slewLeft = _pending / Math.Pow(2, 2 + _constant);
                    _slew = _slewLeft;
                    _pending -= _slewLeft;
                }
            }
        }
    }

    public void Apply(Correction correction)
    {
        Correction = correction.Frequency.Fraction;
        if (correction.Step is { } step)
        {
            Error += step.Seconds;
            Steps++;
            (_pending, _slew, _slewLeft) = (0, 0, 0);
        }
        else if (correction.Phase is { } phase)
        {
            double seconds = phase.Seconds;
            double duration = correction.PhaseDuration.Seconds;
            if (kernel)
            {
                _pending = seconds - _slewLeft;
                int slowest = (int)Math.Floor(Math.Log2(Math.Max(duration / 12, 1)));
                int limited = (int)Math.Ceiling(Math.Log2(Math.Max(Math.Abs(_pending) / MaxSlew / 4, 1)));
                _constant = Math.Clamp(Math.Max(slowest, limited), 0, 10);
            }
            else
            {
                _slewLeft = seconds;
                _slew = Math.Clamp(duration > 0 ? seconds / duration : Math.Sign(seconds) * MaxSlew, -MaxSlew, MaxSlew);
            }
        }
    }

    /// <summary>Somebody else steps the clock.</summary>
    public void Meddle(double step) => Error += step;

    /// <summary>Somebody heats the oscillator.</summary>
    public void Heat(double change) => _frequency += change;

    private void Run(double until)
    {
        while (Now < until)
        {
            double length = until - Now;
            if (!kernel && _slew != 0)
            {
                double rest = _slewLeft / _slew;
                if (rest <= 1e-12)
                {
                    (_slew, _slewLeft) = (0, 0);
                    continue;
                }

                length = Math.Min(length, rest);
            }

            double next = length < until - Now ? Now + length : until;
            length = next - Now;
            Error += length * (((1 + _frequency) * (1 + Correction + Bias + _slew)) - 1);
            _raw += length * _frequency;
            _slewLeft -= _slewLeft == 0 ? 0 : length * _slew;
            if (length <= 0)
            {
                (_slew, _slewLeft) = (0, 0);
            }

            Now = next;
        }
    }
}
