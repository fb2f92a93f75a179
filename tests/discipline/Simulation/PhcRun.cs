using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests.Simulation;

/// <summary>A PHC with its servo, and a master on a path of positive delays; true time to judge it by. No messages: those are in tests/simulation.</summary>
public sealed class PhcRun
{
    private readonly Dice _wander, _there, _back, _gaps;
    private double _rate; // of the oscillator, s/s
    private double _base = 1.8e9; // s, whole: the PHC at the last change, less _shown
    private double _now; // true time, s
    private double _nextRequest;
    private PhcSteering _steering = new() { Frequency = FrequencyOffset.Zero };
    private double _phaseLeft; // s of its oscillator, roughly

    public PhcRun(ulong seed, PhcServoSettings? settings = null)
    {
        (_wander, _there, _back, _gaps) = (new(seed), new((seed * 1009) + 1), new((seed * 1009) + 2), new((seed * 1009) + 3));
        Servo = new(settings ?? new());
    }

    public PhcServo Servo { get; }

    public double Interval { get; init; } = 1;

    public double Base { get; init; } = 1e-7;

    public double Jitter { get; init; } = 1e-7;

    public double Wander { get; init; } = 1e-9;

    /// <summary>Delay_Reqs for each Sync; of the link's delay if 0.</summary>
    public double Requests { get; init; } = 1;

    /// <summary>PHC minus true time, s.</summary>
    public double Error { get; set; } = 0.1;

    public double Frequency
    {
        get => _rate;
        init => _rate = value;
    }

    /// <summary>Master minus true time, s.</summary>
    public double Master { get; set; }

    public double Now => _now;

    public PhcOutcome Last { get; private set; }

    public int Steps { get; private set; }

    public int Steerings { get; private set; }

    public bool IsConnected { get; set; } = true;

    /// <summary>Runs; <paramref name="each"/> sees it at each whole second.</summary>
    public void RunTo(double until, Action<PhcRun>? each = null)
    {
        double second = Math.Floor(_now) + 1;
        double sync = (Math.Floor(_now / Interval) + 1) * Interval;
        while (_now < until)
        {
            double next = Math.Min(Math.Min(second, sync), _nextRequest > _now && Requests > 0 ? _nextRequest : double.PositiveInfinity);
            AdvanceTo(next);
            if (next == _nextRequest && IsConnected)
            {
                var sent = Stamp(Error);
                Servo.Delay(sent, Tai(_now + Base + (Jitter * _there.Exponential())), Duration.Zero);
            }

            if (next == sync)
            {
                sync += Interval;
                _nextRequest = Requests > 0 && _gaps.Uniform() < Requests ? _now + (Interval * 0.9 * _gaps.Uniform()) + 1e-4 : 0;
                if (IsConnected)
                {
                    double delay = Base + (Jitter * _back.Exponential());
                    if (Requests == 0)
                    {
                        Servo.LinkDelay(Duration.FromSeconds(Base + (Jitter * (_there.Exponential() + _there.Exponential()) / 2)));
                    }

                    var sent = Tai(_now);
                    AdvanceTo(_now + delay);
                    Servo.Sync(sent, Stamp(Error), Duration.Zero);
                    Apply();
                }
            }

            if (next == second)
            {
                second++;
                _rate += Wander * _wander.Normal();
                if (!IsConnected)
                {
                    Apply();
                }

                each?.Invoke(this);
            }
        }
    }

    private void Apply()
    {
        Last = Servo.Update(Stamp(Error));
        if (Last.Steering is not { } steering)
        {
            return;
        }

        Steerings++;
        Servo.Steered(Stamp(Error), steering);
        if (steering.Step is { } step)
        {
            Error += step.Seconds;
            Steps++;
        }

        (_steering, _phaseLeft) = (steering, steering.PhaseDuration.Seconds);
    }

    private void AdvanceTo(double time)
    {
        while (time > _now)
        {
            double part = _phaseLeft > 0 ? Math.Min(time - _now, Math.Max(_phaseLeft, 1e-12)) : time - _now;
            double turned = _phaseLeft > 0 ? _steering.Turned.Fraction : _steering.Frequency.Fraction;
            Error += part * (((1 + _rate) * (1 + turned)) - 1);
            _phaseLeft -= part * (1 + _rate) * (1 + turned);
            _now = part < time - _now ? _now + part : time;
        }
    }

    private Instant<Phc> Stamp(double error) => new(Duration.FromSeconds(_base) + Duration.FromSeconds(_now) + Duration.FromSeconds(error));

    private Instant<Tai> Tai(double time) => new(Duration.FromSeconds(_base) + Duration.FromSeconds(time) + Duration.FromSeconds(Master));
}
