using System.ComponentModel;
using TimeSuite.Linux;
using static TimeSuite.Linux.Timex;

namespace TimeSuite.Clockd.Tests;

/// <summary>kernel/time/ntp.c of Linux 6.1, as far as adjtimex(2) shows it, without PPS. The names are the kernel's.</summary>
internal sealed class KernelModel : IAdjtimex
{
    private const int Hz = 250, MaxTc = 10, StaNano = 0x2000, StaReadOnly = 0xFF00;
    private const long MaxPhase = 500_000_000, PhaseLimit = 16_000_000;

    private long _timeOffset; // ns << 32, per tick
    private long _tickDelta; // this second's share of it
    private int _timeStatus = STA_UNSYNC;
    private long _timeConstant = 2, _maxError = PhaseLimit, _estError = PhaseLimit, _freq, _tick = 10_000;
    private int _tai, _timeState; // 0 OK, 1 INS, 2 DEL, 3 OOP, 4 WAIT
    private long _nextLeap = long.MaxValue;

    /// <summary>What the phase-locked loop has moved the clock by so far, ns.</summary>
    public double Slewed { get; private set; }

    /// <summary>The fastest second so far, ns.</summary>
    public double FastestSecond { get; private set; }

    /// <summary>What all corrections together have moved the clock by, ns: slew, frequency, steps, leap seconds.</summary>
    public double Displaced { get; private set; }

    public long Seconds { get; private set; }

    public int Status => _timeStatus;

    public int State => _timeState;

    public long Freq => _freq;

    public long MaxError => _maxError;

    public int Tai => _tai;

    public long TimeConstant => _timeConstant;

    public long Tick => _tick;

    /// <summary>Without CAP_SYS_TIME.</summary>
    public bool IsForbidden { get; set; }

    public List<uint> Writes { get; } = [];

    public KernelModel(long seconds) => Seconds = seconds;

    /// <summary>Another program's call.</summary>
    public void Foreign(Timex timex) => Adjust(ref timex);

    /// <summary>The clock shows the next second, and the tick that would act on it has not come.</summary>
    public void MakeLate(int seconds) => Seconds += seconds;

    public void SetTick(long tick) => _tick = tick;

    public void Adjust(ref Timex txc)
    {
        if (txc.modes != 0)
        {
            Writes.Add(txc.modes);
            if (IsForbidden)
            {
                throw new Win32Exception(1);
            }
        }

        if ((txc.modes & ADJ_SETOFFSET) != 0)
        {
            if (txc.subseconds is < 0 or >= 1_000_000_000)
            {
                throw new Win32Exception(22);
            }

            Displaced += (txc.seconds * 1e9) + txc.subseconds;
            Seconds += txc.seconds;
            Clear();
        }

        if ((txc.modes & ADJ_STATUS) != 0)
        {
            if ((_timeStatus & STA_PLL) != 0 && (txc.status & STA_PLL) == 0)
            {
                _timeState = 0;
                _timeStatus = STA_UNSYNC; // STA_NANO goes with it
                _nextLeap = long.MaxValue;
            }

            _timeStatus = (_timeStatus & StaReadOnly) | (txc.status & ~StaReadOnly);
        }

        _timeStatus = (txc.modes & ADJ_NANO) != 0 ? _timeStatus | StaNano : (txc.modes & ADJ_MICRO) != 0 ? _timeStatus & ~StaNano : _timeStatus;
        _freq = (txc.modes & ADJ_FREQUENCY) != 0 ? Math.Clamp(txc.freq, -500L << 16, 500L << 16) : _freq;
        _maxError = (txc.modes & ADJ_MAXERROR) != 0 ? Math.Clamp(txc.maxerror, 0, PhaseLimit) : _maxError;
        _estError = (txc.modes & ADJ_ESTERROR) != 0 ? Math.Clamp(txc.esterror, 0, PhaseLimit) : _estError;
        if ((txc.modes & ADJ_TIMECONST) != 0)
        {
            _timeConstant = Math.Clamp(Math.Clamp(txc.constant, 0, MaxTc) + ((_timeStatus & StaNano) == 0 ? 4 : 0), 0, MaxTc);
        }

        _tai = (txc.modes & ADJ_TAI) != 0 && txc.constant >= 0 ? (int)txc.constant : _tai; // any number
        if ((txc.modes & ADJ_OFFSET) != 0 && (_timeStatus & STA_PLL) != 0)
        {
            long offset = (_timeStatus & StaNano) == 0 ? Math.Clamp(txc.offset, -1_000_000, 1_000_000) * 1000 : txc.offset;
            offset = Math.Clamp(offset, -MaxPhase, MaxPhase);
            if ((_timeStatus & STA_FREQHOLD) == 0)
            {
                _freq += offset >> 10; // the loop would pull the frequency along: not to scale, but not zero
            }

            _timeOffset = (offset << 32) / Hz;
        }

        _tick = (txc.modes & ADJ_TICK) != 0 ? txc.tick : _tick;

        txc.offset = ShiftRight(_timeOffset * Hz, 32);
        txc.offset = (_timeStatus & StaNano) == 0 ? txc.offset / 1000 : txc.offset;
        txc.freq = _freq;
        txc.maxerror = _maxError;
        txc.esterror = _estError;
        txc.status = _timeStatus;
        txc.constant = _timeConstant;
        txc.tolerance = 500L << 16;
        txc.tick = _tick;
        txc.tai = _tai;
    }

    /// <summary>second_overflow: one second passes.</summary>
    public void Second()
    {
        double slewed = _tickDelta * (double)Hz / 4294967296.0;
        Slewed += slewed;
        FastestSecond = Math.Max(FastestSecond, Math.Abs(slewed));
        Displaced += slewed + (_freq * 1000.0 / 65536);
        Seconds++;
        Leap();
        _maxError += 500;
        if (_maxError > PhaseLimit)
        {
            _maxError = PhaseLimit;
            _timeStatus |= STA_UNSYNC;
        }

        _tickDelta = ShiftRight(_timeOffset, 2 + (int)_timeConstant);
        _timeOffset -= _tickDelta;
    }

    private void Leap()
    {
        switch (_timeState)
        {
            case 0 when (_timeStatus & (STA_INS | STA_DEL)) != 0:
                bool isInsert = (_timeStatus & STA_INS) != 0;
                _timeState = isInsert ? 1 : 2;
                _nextLeap = ((Seconds / 86_400) + 1) * 86_400;
                break;
            case 1 when (_timeStatus & STA_INS) == 0:
            case 2 when (_timeStatus & STA_DEL) == 0:
                _nextLeap = long.MaxValue;
                _timeState = 0;
                break;
            case 1 when Seconds == _nextLeap:
                Seconds--;
                Displaced -= 1e9;
                _tai++;
                _timeState = 3;
                break;
            case 3:
                _nextLeap = long.MaxValue;
                _timeState = 4;
                break;
            case 4 when (_timeStatus & (STA_INS | STA_DEL)) == 0:
                _timeState = 0;
                break;
        }
    }

    private void Clear()
    {
        _timeStatus |= STA_UNSYNC;
        _maxError = PhaseLimit;
        _estError = PhaseLimit;
        _timeOffset = 0;
        _tickDelta = 0;
        _nextLeap = long.MaxValue;
    }

    private static long ShiftRight(long value, int bits) => value < 0 ? -(-value >> bits) : value >> bits;
}
