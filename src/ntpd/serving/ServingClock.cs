using TimeSuite.Linux;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Serving;

/// <summary>The served clock, looked at once for each batch of requests; the kernel's stamps are carried over from there. For one thread.</summary>
/// <remarks>
/// A stamp is so much older than the look, by the system's clock, and so much earlier the served clock is taken to have shown it: of the two stamps in
/// a reply, both are on one line even if the served clock was stepped in between. If it was the system's clock that was stepped, its stamps of
/// before say nothing, and the look itself is taken.
/// </remarks>
/// <param name="clock">What is served.</param>
/// <param name="glance">The raw and then the system's clock; null: the kernel's.</param>
internal sealed class ServingClock(SteeredClock clock, Func<(Instant<Raw> Raw, Instant<Utc> Realtime)>? glance = null)
{
    /// <summary>An older stamp is from before something that we have missed. In nanoseconds, as all here.</summary>
    private const long OldestStamp = 100_000_000;

    /// <summary>What the system's clock may gain or lose on the raw one between two looks: slewed by a tenth, or the thread was interrupted between two readings.</summary>
    private const long Slack = 50_000, SlewShare = 8;

    /// <summary>From the look to the first reply's departure, and from each to the next, until there is a measurement; and the most that is believed.</summary>
    private const long UsualPace = 1_000, SlowestPace = 8_000;

    private long _raw, _realtime, _pace = UsualPace, _doubtUntil;
    private ulong _served; // 2^-32 s

    /// <summary>The raw clock at the look.</summary>
    public Instant<Raw> Now { get; private set; }

    /// <summary>Looks at the clocks.</summary>
    /// <param name="answered">How many replies were sent since the last look, if nothing else was done since; 0: there was a pause.</param>
    /// <returns>False if there is no clock yet: nobody can be answered.</returns>
    public bool TryLook(int answered)
    {
        var (raw, realtime) = Glance();
        bool stepped = HasStepped(raw, realtime);
        if (stepped)
        {
            (raw, realtime) = Glance(); // the thread may have been interrupted between the two
            stepped = HasStepped(raw, realtime);
        }

        if (!clock.TryShow(raw, realtime, out var shown))
        {
            return false;
        }

        long rawNow = raw.SinceEpoch.Nanoseconds, elapsed = rawNow - _raw;
        if (stepped)
        {
            _doubtUntil = rawNow + OldestStamp; // by then whatever came before the step has been taken out of the sockets
        }
        else if (answered > 0)
        {
            _pace += (Math.Min(elapsed / answered, SlowestPace) - _pace) / 8;
        }

        (_raw, _realtime, Now) = (rawNow, realtime.SinceEpoch.Nanoseconds, raw);
        _served = NtpTimestamp.FromUtc(shown).Bits;
        return true;
    }

    /// <summary>What the served clock showed when a packet came or left.</summary>
    /// <returns>False if there is no stamp, or none that means anything now.</returns>
    public bool TryMap(KernelStamp stamp, out NtpTimestamp time)
    {
        long age = _realtime - stamp.Nanoseconds;
        time = new(unchecked(_served - ToTicks(age)));
        return stamp.IsKnown && _raw >= _doubtUntil && age is >= 0 and <= OldestStamp;
    }

    /// <summary>What the served clock showed when a request came; without a stamp that is good, at the look.</summary>
    public NtpTimestamp Received(KernelStamp stamp) => TryMap(stamp, out var time) ? time : new(_served);

    /// <summary>What the served clock will show when a reply leaves: replies follow each other at the pace of the last batches.</summary>
    /// <param name="ordinal">How many replies of this batch leave before it.</param>
    public NtpTimestamp Departure(int ordinal) => new(unchecked(_served + ToTicks((ordinal + 1) * _pace * 5 / 8))); // the rest of the pace is receiving

    private (Instant<Raw> Raw, Instant<Utc> Realtime) Glance() => glance is null ? Clocks.Glance() : glance();

    /// <summary>Whether the system's clock gained or lost more than a slew explains.</summary>
    private bool HasStepped(Instant<Raw> raw, Instant<Utc> realtime)
    {
        long elapsed = raw.SinceEpoch.Nanoseconds - _raw, gained = realtime.SinceEpoch.Nanoseconds - _realtime - elapsed;
        return _realtime != 0 && Math.Abs(gained) > Slack + (elapsed / SlewShare);
    }

    /// <summary>Nanoseconds, at most a few seconds, in 2^-32 s.</summary>
    private static ulong ToTicks(long nanoseconds) => unchecked((ulong)((nanoseconds << 32) / 1_000_000_000));
}
