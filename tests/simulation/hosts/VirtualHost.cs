using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>A machine's clocks over true time: the oscillator, the raw clock that counts it, and the system's clock that the kernel corrects.</summary>
/// <remarks>Errors are kept apart from true time as doubles, so that 200,000 s in, a picosecond is still there.</remarks>
public sealed class VirtualHost
{
    /// <summary>What the raw clock shows at the beginning.</summary>
    private static readonly Duration s_sinceBoot = Duration.FromSeconds(1000L);

    private readonly Setup _setup;
    private double _raw; // raw minus true time, s
    private double _real; // system's clock minus (start + true time), s
    private double _monotonic; // CLOCK_MONOTONIC minus true time, s
    private double _asleep; // s
    private double _meddling; // s/s, another daemon's own hand
    private double _sleepsSince, _rawAsleep; // s
    private double _second; // the last full second of the system's clock that the kernel has acted on, s since the start

    public VirtualHost(Setup setup, ulong seed, string name)
    {
        (_setup, _real, _second) = (setup, setup.Offset, Math.Floor(setup.Offset));
        Oscillator = new(setup, seed, name);
        Kernel = new(setup.ShiftPll) { Stepped = SetBy };
    }

    public Oscillator Oscillator { get; }

    public KernelTimex Kernel { get; }

    /// <summary>The kernel acts at the full seconds of true time, as clknetsim's does, and not at those of its own clock, as Linux does.</summary>
    public bool ActsOnTrueSeconds { get; init; }

    /// <summary>The kernel's alarm that its clock was set, by whomever: TFD_TIMER_CANCEL_ON_SET.</summary>
    public Action Alarm { get; set; } = () => { };

    /// <summary>True time, s since the start.</summary>
    public double Now { get; private set; }

    /// <summary>Start of the simulation in UTC.</summary>
    public Instant<Utc> Epoch => new(Duration.FromSeconds(_setup.Start));

    public Instant<Raw> Raw => RawAt(Now);

    /// <summary>CLOCK_BOOTTIME minus CLOCK_MONOTONIC.</summary>
    public Duration Suspended => Duration.FromSeconds(_asleep);

    /// <summary>What the system's clock shows.</summary>
    public Instant<Utc> Realtime => Epoch + Duration.FromSeconds(Now) + Duration.FromSeconds(_real);

    public Moment Moment => new(Raw, new(Raw.SinceEpoch + Suspended), Realtime, Suspended);

    /// <summary>System's clock minus start plus true time, s. A leap second is in it.</summary>
    public double RealError => _real;

    /// <summary>Raw clock minus true time since the start, s.</summary>
    public double RawError => _raw;

    /// <summary>CLOCK_MONOTONIC minus true time since the start, s: slewed, never stepped.</summary>
    public double MonotonicError => _monotonic;

    /// <summary>Raw clock's rate error, s/s.</summary>
    public double RawRate => Oscillator.Error;

    /// <summary>System clock's rate error, the slew included, s/s.</summary>
    public double RealRate => ((1 + Oscillator.Error) * (Kernel.Factor + _meddling)) - 1;

    /// <summary>What the raw clock shows at a true time of this second.</summary>
    public Instant<Raw> RawAt(double time) =>
        new(s_sinceBoot + Duration.FromSeconds(time) + Duration.FromSeconds(_raw + (Oscillator.Error * (time - Now))));

    /// <summary>The true time at which the raw clock shows this, if nothing changes until then, s.</summary>
    public double TimeOf(Instant<Raw> raw) => Now + ((raw - Raw).Seconds / (1 + Oscillator.Error));

    /// <summary>Lets true time pass, at most to the next whole second, which the oscillator has not yet acted on. The kernel acts at each full second of its clock on the way.</summary>
    public void AdvanceTo(double time)
    {
        while (!ActsOnTrueSeconds && Now + ((_second + 1 - Now - _real) / (1 + RealRate)) is var full && full <= time)
        {
            Pass(Math.Max(full, Now));
            _second++;
            ActOnSecond();
        }

        Pass(time);
    }

    /// <summary>A whole second of true time has come: wander.</summary>
    public void Second()
    {
        Oscillator.Second(Now);
        if (ActsOnTrueSeconds)
        {
            ActOnSecond();
        }
    }

    /// <summary>The system's clock is stepped: by clockd, by a leap second, by another program (date -s).</summary>
    public void SetBy(double step)
    {
        _real += step;
        _second = Math.Floor(Now + _real);
        Alarm();
    }

    /// <summary>Another program turns the system clock's rate, s/s, without telling the kernel's frequency.</summary>
    public void Meddle(double rate) => _meddling = rate;

    /// <summary>The machine sleeps from now on: its raw clock stands still.</summary>
    public void FallAsleep() => (_sleepsSince, _rawAsleep) = (Now, _raw);

    /// <summary>It wakes, and sets its clock from the RTC; CLOCK_BOOTTIME has counted, by the RTC too.</summary>
    /// <param name="rtcError">RTC minus true time, s: kernels know it to a second or so.</param>
    public void WakeUp(double rtcError)
    {
        double length = Now - _sleepsSince;
        _raw = _rawAsleep - length;
        _asleep += length;
        _real = rtcError;
        _second = Math.Floor(Now + _real);
        Alarm();
    }

    private void Pass(double time)
    {
        double length = time - Now;
        _raw += length * Oscillator.Error;
        _real += length * RealRate;
        _monotonic += length * RealRate;
        Now = time;
    }

    /// <summary>The kernel's loop, and a leap second.</summary>
    private void ActOnSecond()
    {
        double second = _second;
        int leap = Kernel.Second(_setup.Start + (ActsOnTrueSeconds ? Now + _real : second));
        if (leap != 0)
        {
            SetBy(leap);
            _second = second + leap; // and not by what rounding makes of it
        }
    }
}
