using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>CLOCK_REALTIME, slewed by the kernel's own phase-locked loop, so that the death of this process can only stop a correction short.</summary>
/// <remarks>
/// The traps of adjtimex(2) that shape this class: a status word without STA_PLL drops STA_NANO and makes ADJ_OFFSET a no-op that
/// reports success; ADJ_TAI and ADJ_TIMECONST share a field; ADJ_SETOFFSET drops the slew, marks the clock unsynchronised and disarms a
/// leap second. So each status write is the whole word, each write has ADJ_NANO, TAI goes alone, and after a step all is said again.
/// </remarks>
/// <param name="kernel">The system call.</param>
/// <param name="setsRtc">Whether a synchronised kernel may copy its time to the RTC every eleven minutes; it does so unless STA_UNSYNC is set.</param>
public sealed class KernelClock(IAdjtimex kernel, bool setsRtc) : ISteerableClock
{
    private const double FreqUnitsPerPpm = 65_536; // timex.freq is ppm with 16 fraction bits
    private const long NominalTick = 10_000; // us in 1/100 s
    private const long MaxErrorMicroseconds = 16_000_000; // NTP_PHASE_LIMIT of the kernel

    /// <summary>A full second is noticed so late at most, by a kernel that is not idle.</summary>
    private static readonly Duration s_tick = Duration.FromNanoseconds(10_000_000);

    private static readonly Duration s_second = Duration.FromSeconds(1L), s_halfNanosecond = Duration.FromNanoseconds(1).Half();

    private Duration _rest; // of the slew, not yet handed to the kernel
    private Slew _slew;
    private Instant<Utc> _slewStarts;
    private Duration _replaced; // until then: the running second's part of the slew before
    private Duration _doubt; // of what is on its way

    public TimePageKind Kind => TimePageKind.System;

    public IReadOnlyList<ClockSegment> Segments => [];

    /// <summary>Makes the kernel's state one that we can work with: PLL on, frequency held, no tick of another daemon's. A running slew goes on.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">EPERM: no CAP_SYS_TIME.</exception>
    public KernelClock Adopt()
    {
        var found = Call(default);
        bool foreignTick = found.tick != NominalTick;
        Call(new Timex
        {
            modes = Timex.ADJ_STATUS | Timex.ADJ_NANO | (foreignTick ? Timex.ADJ_TICK : 0),
            status = FullStatus(found.status),
            tick = NominalTick,
        });
        return this;
    }

    /// <summary>When to call <see cref="Tick"/> next: when the kernel has noticed its next full second. An idle kernel notices it by this call alone.</summary>
    public static TimeSpan UntilTick(Moment now) =>
        TimeSpan.FromSeconds((NextSecond(now) - now.Realtime + s_tick - (IsNew(now) ? s_second : Duration.Zero)).Seconds + 0.002);

    public ClockState Read(Moment now)
    {
        var timex = Call(default);
        var part = RunningPart(timex, now);
        return new ClockState
        {
            Time = now.Realtime,
            Frequency = FrequencyOffset.FromPpm(timex.freq / FreqUnitsPerPpm),
            PendingPhase = KernelPhase(timex) + _rest,
            Running = part.Times((NextSecond(now) - now.Realtime).Seconds),
            Doubt = _doubt + (IsNew(now) ? part.Magnitude : Duration.Zero),
            TimeConstant = (int)timex.constant,
            SlewStarts = _slewStarts,
        };
    }

    public void Steer(FrequencyOffset frequency, Slew? slew, Moment now)
    {
        var timex = new Timex { modes = Timex.ADJ_FREQUENCY | Timex.ADJ_NANO, freq = (long)Math.Round(frequency.Ppm * FreqUnitsPerPpm) };
        if (slew is { } wanted)
        {
            _slew = wanted;
            var found = Call(default);
            var running = KeepRunning(found, now);
            var parts = HandOver(timex, found, wanted.Phase - running) + _replaced.Magnitude;
            _doubt = parts.Times(IsNew(now) ? 1 : s_tick.Seconds); // a second that is noticed late lends to the one before, or has not begun yet
        }
        else
        {
            Call(timex);
        }
    }

    public void EndSlew(Moment now)
    {
        _rest = Duration.Zero;
        var found = Call(default);
        KeepRunning(found, now);
        Call(new Timex { modes = Timex.ADJ_STATUS | Timex.ADJ_NANO | Timex.ADJ_OFFSET, status = FullStatus(found.status), offset = 0 });
    }

    public void StepBy(Duration offset, ulong generation, Moment now)
    {
        (_rest, _replaced, _doubt) = (Duration.Zero, Duration.Zero, Duration.Zero); // the running second's part ends too
        var before = Call(default);

        // The kernel wants floored seconds and nanoseconds that are not negative; a Duration is made that way.
        Call(new Timex { modes = Timex.ADJ_SETOFFSET | Timex.ADJ_NANO, seconds = offset.WholeSeconds, subseconds = offset.NanosecondOfSecond });
        if ((before.status & (Timex.STA_INS | Timex.STA_DEL)) != 0)
        {
            // The step forgot the leap's midnight; only a status without STA_PLL makes the kernel look for it anew. No slew is left to lose.
            Call(new Timex { modes = Timex.ADJ_STATUS | Timex.ADJ_NANO, status = Timex.STA_UNSYNC });
        }

        Call(new Timex
        {
            modes = Timex.ADJ_STATUS | Timex.ADJ_NANO | Timex.ADJ_MAXERROR | Timex.ADJ_ESTERROR,
            status = FullStatus(before.status),
            maxerror = before.maxerror,
            esterror = before.esterror,
        });
    }

    public void Announce(in Announcement announcement)
    {
        int status = announcement.Leap switch
        {
            LeapSecond.Insert => Timex.STA_INS,
            LeapSecond.Delete => Timex.STA_DEL,
            _ => 0,
        };
        if (!announcement.Synchronized || !setsRtc)
        {
            status |= Timex.STA_UNSYNC;
        }

        var found = Call(new Timex
        {
            modes = Timex.ADJ_STATUS | Timex.ADJ_NANO | Timex.ADJ_MAXERROR | Timex.ADJ_ESTERROR,
            status = FullStatus(status),
            maxerror = Microseconds(announcement.Bound),
            esterror = Microseconds(announcement.Sigma),
        });
        if (announcement.TaiOffset is { } tai && found.tai != tai)
        {
            Call(new Timex { modes = Timex.ADJ_TAI | Timex.ADJ_NANO, constant = tai });
        }
    }

    public bool Tick(Moment now)
    {
        var found = Call(default);
        if ((found.status & Timex.STA_PLL) == 0)
        {
            EndSlew(now);
            return false;
        }

        // What the kernel has left excludes this second's share, so whole and share are never counted twice. The loop slows down as it goes; a slew
        // that only the limit made slow may be quickened then.
        var left = KernelPhase(found) + _rest;
        if (_rest != Duration.Zero || SlewPlan.For(left, _slew.Duration, _slew.MaxRate).TimeConstant < found.constant)
        {
            KeepRunning(found, now);
            HandOver(new Timex { modes = Timex.ADJ_NANO }, found, left);
        }

        return true;
    }

    /// <summary>Before the kernel is given another phase: the part that it took at the last full second goes on to the next.</summary>
    /// <returns>What of that is still to come.</returns>
    private Duration KeepRunning(in Timex found, Moment now)
    {
        _replaced = RunningPart(found, now);
        _slewStarts = NextSecond(now);
        return _replaced.Times((_slewStarts - now.Realtime).Seconds);
    }

    /// <summary>Gives the kernel as much of <paramref name="phase"/> as the plan allows and keeps the rest.</summary>
    /// <returns>What the kernel takes of it for the first second: a length.</returns>
    private Duration HandOver(Timex timex, in Timex found, Duration phase)
    {
        var plan = SlewPlan.For(phase, _slew.Duration, _slew.MaxRate);
        var part = phase.ClampTo(plan.Part);
        timex.modes |= Timex.ADJ_STATUS | Timex.ADJ_OFFSET | Timex.ADJ_TIMECONST;
        timex.status = FullStatus(found.status);
        timex.constant = plan.TimeConstant;
        timex.offset = (part + s_halfNanosecond).Nanoseconds; // which floors
        Call(timex);
        _rest = phase - part;
        return part.Magnitude.Times(1.0 / (1L << (2 + plan.TimeConstant)));
    }

    private static int FullStatus(int current) =>
        Timex.STA_PLL | Timex.STA_FREQHOLD | (current & (Timex.STA_INS | Timex.STA_DEL | Timex.STA_UNSYNC));

    private static Duration KernelPhase(in Timex timex) =>
        Duration.FromNanoseconds((timex.status & Timex.STA_NANO) != 0 ? timex.offset : checked(timex.offset * 1000));

    /// <summary>What the clock does in the whole of the running second by the slew: what the last full second took off to leave what is left.</summary>
    private Duration RunningPart(in Timex timex, Moment now) =>
        now.Realtime < _slewStarts ? _replaced : KernelPhase(timex).Times(1.0 / ((1L << (2 + (int)timex.constant)) - 1));

    private static Instant<Utc> NextSecond(Moment now) => new(Duration.FromSeconds(now.Realtime.SinceEpoch.WholeSeconds + 1));

    /// <summary>Whether the kernel may not have noticed the full second yet.</summary>
    private static bool IsNew(Moment now) => s_second - (NextSecond(now) - now.Realtime) < s_tick;

    private static long Microseconds(Duration length) =>
        length >= Duration.FromSeconds(16L) ? MaxErrorMicroseconds : checked((length.Nanoseconds + 999) / 1000);

    private Timex Call(Timex timex)
    {
        kernel.Adjust(ref timex);
        return timex;
    }
}
