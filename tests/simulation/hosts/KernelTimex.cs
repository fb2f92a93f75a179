using System.ComponentModel;
using TimeSuite.Linux;
using static TimeSuite.Linux.Timex;

namespace TimeSuite.Simulation;

/// <summary>The kernel's clock correction: clknetsim's model, with the traps that were seen on a real kernel (CLOCK.md section 3).</summary>
/// <remarks>
/// rate = oscillator * (tick/10000 + freq/65536e6 + slew + adjtime/1e6); the slew changes at full seconds only (<see cref="VirtualHost.ActsOnTrueSeconds"/>). Beyond
/// clknetsim: a status without STA_PLL drops STA_NANO and a leap second under way, a step drops the pending slew, offsets are cut at
/// 0.5 s. The names are the kernel's.
/// </remarks>
public sealed class KernelTimex : IAdjtimex
{
    /// <summary>adjtime(2) by adjtimex: the offset, us, replaces what is left of the last one and comes back as what that was; or only comes back.</summary>
    internal const uint AdjOffsetSingleshot = 0x8001, AdjOffsetSingleshotRead = 0xA001;

    private const int StaFll = 0x0008, StaReadOnly = 0xFF00;
    private const int EinvalNumber = 22, EpermNumber = 1;
    private const int MinSec = 256, MaxSec = 2048, MaxTimeConstant = 10;
    private const long MaxMaxError = 16_000_000, ErrorRate = 500, MaxFreq = 32_768_000, BaseTick = 10_000;
    private const double ScaleFreq = 65536.0e6;
    private const long MaxAdjtimeRate = 500; // us/s

    private readonly int _shiftPll;
    private double _offset; // s, left for the loop after this second
    private long _adjtimeLeft; // us
    private long _adjtimeSlew; // us/s
    private int _interval;
    private Timex _timex = new()
    {
        tick = BaseTick, tolerance = MaxFreq, precision = 1, maxerror = MaxMaxError, esterror = MaxMaxError, status = STA_UNSYNC,
    };

    private State _state;

    /// <param name="shiftPll">2 since Linux 2.6.31.</param>
    public KernelTimex(int shiftPll) => _shiftPll = shiftPll;

    private enum State
    {
        Ok = 0, Insert = 1, Delete = 2, Oops = 3, Wait = 4,
    }

    /// <summary>By how much ADJ_SETOFFSET moves the clock. Set by the host.</summary>
    public Action<double> Stepped { get; set; } = _ => { };

    /// <summary>Phase that the loop works off in this second, s/s.</summary>
    public double Slew { get; private set; }

    /// <summary>Rate of the corrected clock over that of its oscillator.</summary>
    public double Factor => ((double)_timex.tick / BaseTick) + (_timex.freq / ScaleFreq) + Slew + (_adjtimeSlew / 1e6);

    /// <summary>ppm with 16 fraction bits.</summary>
    public long Freq => _timex.freq;

    public int Status => _timex.status;

    public int Tai => _timex.tai;

    /// <summary>A step leaves the pending phase pending, as in clknetsim; in Linux it does not.</summary>
    public bool KeepsPhaseOnStep { get; set; }

    /// <summary>Without CAP_SYS_TIME.</summary>
    public bool IsForbidden { get; set; }

    void IAdjtimex.Adjust(ref Timex timex) => Adjust(ref timex);

    /// <summary>adjtimex(2).</summary>
    /// <returns>Where the clock is with its leap second: TIME_OK 0, TIME_INS 1, TIME_DEL 2, TIME_OOP 3, TIME_WAIT 4. As in clknetsim, STA_UNSYNC does not make it TIME_ERROR.</returns>
    /// <exception cref="Win32Exception">EPERM or EINVAL, where clknetsim returns -1.</exception>
    public int Adjust(ref Timex timex)
    {
        bool isSingleshot = (timex.modes & AdjOffsetSingleshot) == AdjOffsetSingleshot;
        if ((timex.modes & AdjOffsetSingleshotRead) == AdjOffsetSingleshotRead)
        {
            timex = _timex with { modes = timex.modes, offset = _adjtimeLeft };
            return (int)_state;
        }

        if (timex.modes != 0 && IsForbidden)
        {
            throw new Win32Exception(EpermNumber);
        }

        if ((timex.modes & ADJ_TICK) != 0 && timex.tick is < BaseTick * 9 / 10 or > BaseTick * 11 / 10)
        {
            throw new Win32Exception(EinvalNumber);
        }

        if ((timex.modes & ADJ_SETOFFSET) != 0)
        {
            Step(timex);
        }

        SetStatus(timex);
        _timex.freq = (timex.modes & ADJ_FREQUENCY) != 0 ? Math.Clamp(timex.freq, -MaxFreq, MaxFreq) : _timex.freq;
        _timex.maxerror = (timex.modes & ADJ_MAXERROR) != 0 ? Math.Clamp(timex.maxerror, 0, MaxMaxError) : _timex.maxerror;
        _timex.esterror = (timex.modes & ADJ_ESTERROR) != 0 ? Math.Clamp(timex.esterror, 0, MaxMaxError) : _timex.esterror;
        if ((timex.modes & ADJ_TIMECONST) != 0)
        {
            _timex.constant = Math.Clamp(timex.constant + (IsNano ? 0 : 4), 0, MaxTimeConstant);
        }

        _timex.tai = (timex.modes & ADJ_TAI) != 0 && timex.constant >= 0 ? (int)timex.constant : _timex.tai;
        if ((timex.modes & ADJ_OFFSET) != 0 && !isSingleshot)
        {
            UpdateOffset(timex.offset);
        }

        _timex.tick = (timex.modes & ADJ_TICK) != 0 ? timex.tick : _timex.tick;
        long left = isSingleshot ? _adjtimeLeft : (long)Math.Round(_offset * (IsNano ? 1e9 : 1e6));
        _adjtimeLeft = isSingleshot ? timex.offset : _adjtimeLeft;
        timex = _timex with { modes = timex.modes, offset = left };
        return (int)_state;
    }

    /// <summary>A full second has come.</summary>
    /// <param name="time">What the clock shows, s since 1970.</param>
    /// <returns>By how much a leap second moves the clock: -1, 0 or 1 s.</returns>
    public int Second(double time)
    {
        if ((_timex.status & STA_PLL) != 0)
        {
            _interval++;
            Slew = _offset / (1 << (_shiftPll + (int)_timex.constant));
            _offset -= Slew;
        }

        _adjtimeSlew = Math.Clamp(_adjtimeLeft, -MaxAdjtimeRate, MaxAdjtimeRate);
        _adjtimeLeft -= _adjtimeSlew;
        _timex.maxerror += ErrorRate;
        if (_timex.maxerror >= MaxMaxError)
        {
            _timex.maxerror = MaxMaxError;
            _timex.status |= STA_UNSYNC;
        }

        return Leap(time);
    }

    private bool IsNano => (_timex.status & STA_NANO) != 0;

    private void Step(in Timex buffer)
    {
        bool nano = (buffer.modes & ADJ_NANO) != 0 || ((buffer.modes & ADJ_MICRO) == 0 && IsNano);
        if (buffer.subseconds < 0 || buffer.subseconds >= (nano ? 1_000_000_000 : 1_000_000))
        {
            throw new Win32Exception(EinvalNumber);
        }

        Stepped(buffer.seconds + (buffer.subseconds * (nano ? 1e-9 : 1e-6)));
        _timex.maxerror = MaxMaxError;
        if (KeepsPhaseOnStep)
        {
            return;
        }

        (_offset, Slew, _interval) = (0, 0, 0);
        _timex.esterror = MaxMaxError;
        _timex.status |= STA_UNSYNC;
    }

    private void SetStatus(in Timex buffer)
    {
        if ((buffer.modes & ADJ_STATUS) != 0)
        {
            bool had = (_timex.status & STA_PLL) != 0, has = (buffer.status & STA_PLL) != 0;
            if (had && !has)
            {
                _state = State.Ok;
                _timex.status = STA_UNSYNC; // STA_NANO goes with it
            }

            _interval = has && !had ? 0 : _interval;
            _timex.status = (_timex.status & StaReadOnly) | (buffer.status & ~StaReadOnly);
        }

        if ((buffer.modes & ADJ_NANO) != 0)
        {
            _timex.status |= STA_NANO;
        }
        else if ((buffer.modes & ADJ_MICRO) != 0)
        {
            _timex.status &= ~STA_NANO;
        }
    }

    private void UpdateOffset(long offset)
    {
        if ((_timex.status & STA_PLL) == 0)
        {
            return; // reports success and does nothing
        }

        double before = _offset;
        _offset = Math.Clamp(offset * (IsNano ? 1e-9 : 1e-6), -0.5, 0.5); // MAXPHASE
        _interval = (_timex.status & STA_FREQHOLD) != 0 ? 0 : _interval;
        double fll = before != 0 && _interval >= MinSec && ((_timex.status & StaFll) != 0 || _interval > MaxSec) ? _offset / (_interval * 4.0) : 0;
        double t = 4.0 * (1 << _shiftPll) * (1L << (int)_timex.constant);
        double pll = _offset * _interval / (t * t);
        _timex.freq = Math.Clamp(_timex.freq + (long)((fll + pll) * ScaleFreq), -MaxFreq, MaxFreq);
        _interval = 0;
    }

    private int Leap(double time)
    {
        switch (_state)
        {
            case State.Ok when (_timex.status & (STA_INS | STA_DEL)) != 0:
                _state = (_timex.status & STA_INS) != 0 ? State.Insert : State.Delete;
                return 0;
            case State.Insert when (long)(time + 0.5) % 86_400 <= 1:
                (_state, _timex.tai) = (State.Oops, _timex.tai + 1);
                return -1;
            case State.Delete when (long)(time + 1.5) % 86_400 <= 1:
                (_state, _timex.tai) = (State.Wait, _timex.tai - 1);
                return 1;
            case State.Insert when (_timex.status & STA_INS) == 0:
            case State.Delete when (_timex.status & STA_DEL) == 0:
                _state = State.Ok;
                return 0;
            case State.Oops:
                _state = State.Wait;
                return 0;
            case State.Wait when (_timex.status & (STA_INS | STA_DEL)) == 0:
                _state = State.Ok;
                return 0;
            default:
                return 0;
        }
    }
}
