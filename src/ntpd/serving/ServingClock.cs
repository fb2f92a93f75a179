using TimeSuite.Linux;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Serving;

/// <summary>The served clock, looked at once for each batch of requests; the kernel's stamps are carried over from there. For one thread.</summary>
/// <remarks>
/// A stamp is so much older than the look, by the system's clock, and so much earlier the served clock is taken to have shown it: of the two stamps in
/// a reply, both are on one line even if the served clock was stepped in between. If it was the system's clock that was stepped, its stamps of
/// before say nothing, and the look itself is taken. A step is told from a slew, however long nobody looked, by the steady clock: it is slewed too, but not stepped.
/// </remarks>
/// <param name="clock">What is served.</param>
/// <param name="glance">The kernel's clocks; null: as they are.</param>
internal sealed class ServingClock(SteeredClock clock, Func<ClockGlance>? glance = null)
{
    /// <summary>An older stamp is from before something that we have missed. In nanoseconds, as all here.</summary>
    private const long OldestStamp = 100_000_000;

    /// <summary>A smaller step is taken for the time that the readings took, and moves a stamp by no more.</summary>
    private const long Slack = 5_000;

    /// <summary>Readings, until one was not interrupted.</summary>
    private const int Attempts = 3;

    /// <summary>The slew is measured over no less.</summary>
    private const long SlewSpan = 1_000_000;

    /// <summary>From the look to the first reply's departure, and from each to the next, until there is a measurement; and the most that is believed.</summary>
    private const long UsualPace = 1_000, SlowestPace = 8_000;

    private long _raw, _realtime, _stepped, _pace = UsualPace, _doubtUntil;
    private (long Raw, long Steady) _slewFrom;
    private double _slew = 1, _carry = 1; // raw per system's time, and what is counted with
    private bool _looked;
    private ulong _served; // 2^-32 s

    /// <summary>The raw clock at the look.</summary>
    public Instant<Raw> Now { get; private set; }

    /// <summary>Looks at the clocks.</summary>
    /// <param name="answered">How many replies were sent since the last look, if nothing else was done since; 0: there was a pause.</param>
    /// <returns>False if there is no clock yet: nobody can be answered.</returns>
    public bool TryLook(int answered)
    {
        var seen = Glance();
        for (int attempt = 1; attempt < Attempts && HasStepped(seen); attempt++)
        {
            seen = Glance();
        }

        long raw = seen.Raw.SinceEpoch.Nanoseconds, elapsed = raw - _raw;
        if (HasStepped(seen))
        {
            _doubtUntil = raw + OldestStamp; // by then whatever came before the step has been taken out of the sockets
        }
        else if (answered > 0)
        {
            _pace += (Math.Min(elapsed / answered, SlowestPace) - _pace) / 8;
        }

        MeasureSlew(raw, seen.Steady.Nanoseconds);
        (_raw, _realtime, _stepped, _looked, Now) = (raw, seen.Realtime.SinceEpoch.Nanoseconds, SteppedBy(seen), true, seen.Raw);
        if (!clock.TryShow(seen.Raw, seen.Realtime, out var shown))
        {
            return false;
        }

        _carry = shown == seen.Realtime ? 1 : _slew; // stamps are of the system's clock: if that is served, they are right as they are
        _served = NtpTimestamp.FromUtc(shown).Bits;
        return true;
    }

    /// <summary>What the served clock showed when a packet came or left.</summary>
    /// <returns>False if there is no stamp, or none that means anything now.</returns>
    public bool TryMap(KernelStamp stamp, out NtpTimestamp time)
    {
        long age = _realtime - stamp.Nanoseconds;
        bool isGood = stamp.IsKnown && _raw >= _doubtUntil && age is >= 0 and <= OldestStamp;
        time = isGood ? new(unchecked(_served - ToTicks((long)(age * _carry)))) : default;
        return isGood;
    }

    /// <summary>What the served clock showed when a request came; without a stamp that is good, at the look.</summary>
    public NtpTimestamp Received(KernelStamp stamp) => TryMap(stamp, out var time) ? time : new(_served);

    /// <summary>What the served clock will show when a reply leaves: replies follow each other at the pace of the last batches.</summary>
    /// <param name="ordinal">How many replies of this batch leave before it.</param>
    public NtpTimestamp Departure(int ordinal) => new(unchecked(_served + ToTicks((ordinal + 1) * _pace * 5 / 8))); // the rest of the pace is receiving

    private ClockGlance Glance() => glance is null ? Clocks.Glance() : glance();

    private bool HasStepped(in ClockGlance seen) => _looked && Math.Abs(SteppedBy(seen) - _stepped) > Slack;

    /// <summary>How far steps have taken the system's clock from the steady one since boot, but for the time that the readings took.</summary>
    private static long SteppedBy(in ClockGlance seen) => seen.Realtime.SinceEpoch.Nanoseconds - seen.Steady.Nanoseconds;

    /// <summary>Whoever steers the system's clock may do it by a tenth: a stamp that has waited 5 ms would lie by half of one.</summary>
    private void MeasureSlew(long raw, long steady)
    {
        long span = steady - _slewFrom.Steady;
        if (span >= SlewSpan)
        {
            _slew = _slewFrom.Steady == 0 ? 1 : (double)(raw - _slewFrom.Raw) / span;
            _slewFrom = (raw, steady);
        }
    }

    /// <summary>Nanoseconds, at most a few seconds, in 2^-32 s.</summary>
    private static ulong ToTicks(long nanoseconds) => unchecked((ulong)((nanoseconds << 32) / 1_000_000_000));
}
