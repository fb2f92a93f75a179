using TimeSuite.Discipline;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>A PTP hardware clock that obeys at once: an oscillator, turned by a frequency, with a phase being worked off.</summary>
/// <remarks>Its error is kept apart from true time, and small; what it was stepped by is exact.</remarks>
public sealed class VirtualPhc
{
    private readonly Instant<Phc> _epoch; // TAI at the beginning
    private Duration _stepped;
    private double _error; // s, without steps
    private PhcSteering _steering = new() { Frequency = FrequencyOffset.Zero };
    private double _phaseLeft; // s of true time until the phase is worked off

    /// <param name="oscillator">Null: it is true time.</param>
    /// <param name="epoch">TAI at the beginning.</param>
    /// <param name="offset">PHC minus TAI, s.</param>
    public VirtualPhc(Oscillator? oscillator, Instant<Tai> epoch, double offset) =>
        (Oscillator, _epoch, _stepped) = (oscillator, new(epoch.SinceEpoch), Duration.FromSeconds(offset));

    public Oscillator? Oscillator { get; }

    /// <summary>True time, s.</summary>
    public double Now { get; private set; }

    /// <summary>PHC minus TAI, s.</summary>
    public double Error => _stepped.Seconds + _error;

    /// <summary>s/s.</summary>
    public double RateError => ((1 + (Oscillator?.Error ?? 0)) * (1 + Turned)) - 1;

    public Instant<Phc> Shown => _epoch + Duration.FromSeconds(Now) + _stepped + Duration.FromSeconds(_error);

    /// <summary>How often it was stepped by its servo.</summary>
    public int Steps { get; private set; }

    /// <summary>How often it was steered.</summary>
    public int Steerings { get; private set; }

    public void AdvanceTo(double time)
    {
        while (time > Now)
        {
            double part = _phaseLeft > 0 && _phaseLeft < time - Now ? _phaseLeft : time - Now;
            _error += part * RateError;
            bool isLast = part >= time - Now;
            _phaseLeft = Math.Max(_phaseLeft - part, 0);
            Now = isLast ? time : Now + part;
        }
    }

    public void Steer(in PhcSteering steering)
    {
        Steerings++;
        if (steering.Step is { } step)
        {
            _stepped += step;
            Steps++;
        }

        _steering = steering;
        // The duration is by the PHC.
        _phaseLeft = steering.PhaseDuration.Seconds / ((1 + (Oscillator?.Error ?? 0)) * (1 + steering.Turned.Fraction));
    }

    /// <summary>Somebody else steps it.</summary>
    public void Meddle(double step) => _stepped += Duration.FromSeconds(step);

    private double Turned => (_phaseLeft > 0 ? _steering.Turned : _steering.Frequency).Fraction;
}
