using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Clock;

/// <summary>Reads the clock that clockd steers, through its time page and without asking it. Safe from any thread.</summary>
/// <param name="path">/run/timesuite/clockd/clock.</param>
internal sealed class SteeredClock(string path) : ISteeredClock, IDisposable
{
    private readonly Lock _opening = new();
    private readonly List<TimePage> _replaced = []; // another thread may be reading one
    private TimePage? _page;

    public TimePageKind Kind => TryReadPage(out var page) ? page.Kind : TimePageKind.None;

    public bool TryRead(out LocalClock clock)
    {
        clock = default;
        return TryReadPage(out var page)
            && TryRead(page, page.Kind == TimePageKind.System ? Clocks.Read() : new(Clocks.Raw(), default, default), Clocks.Suspended(), out clock);
    }

    /// <summary>What a page says of its clock.</summary>
    /// <param name="page">The page.</param>
    /// <param name="now">The kernel's clocks; of a shadow's page only the raw one counts.</param>
    /// <param name="suspended">How long the host has been suspended since boot.</param>
    /// <param name="clock">What the clock shows, and what it is still going to do by itself.</param>
    /// <returns>False if the page knows nothing of this instant.</returns>
    public static bool TryRead(in TimePageReading page, in ClockTriple now, Duration suspended, out LocalClock clock)
    {
        clock = default;
        if (page.Kind == TimePageKind.System)
        {
            clock = new LocalClock
            {
                At = now.Raw,
                Reading = now.Realtime,
                PendingPhase = KernelPending(page, now),
                Frequency = page.Frequency,
                ReadError = now.HalfWidth,
            };
            return true;
        }

        if (!page.TryMap(now.Raw, suspended, out var reading, out _))
        {
            return false;
        }

        clock = new LocalClock { At = now.Raw, Reading = reading, PendingPhase = ShadowPending(page, now.Raw, reading, suspended), Frequency = page.Frequency };
        return true;
    }

    /// <summary>What the clock shows at this moment, found as quickly as can be.</summary>
    /// <param name="raw">Now.</param>
    /// <param name="realtime">The system's clock now.</param>
    /// <param name="time">What it shows.</param>
    public bool TryShow(Instant<Raw> raw, Instant<Utc> realtime, out Instant<Utc> time)
    {
        time = realtime;
        var page = Volatile.Read(ref _page);
        return page?.Kind == TimePageKind.System
            || (TryReadPage(out var reading) && (reading.Kind == TimePageKind.System || reading.TryMap(raw, Clocks.Suspended(), out time, out _)));
    }

    public bool TryReadBound(Instant<Raw> now, out Duration bound)
    {
        bool synchronized = TryReadPage(out var page) && page.IsSynchronizedAt(now, Clocks.Suspended());
        bound = synchronized ? page.BoundAt(now) : default;
        return synchronized;
    }

    public bool TryReadPage(out TimePageReading reading)
    {
        reading = default;
        var page = Volatile.Read(ref _page);
        if (page is null)
        {
            lock (_opening)
            {
                if (_page is null && !TimePage.TryOpen(path, out _page))
                {
                    return false;
                }

                page = _page;
            }
        }

        return page.TryRead(out reading);
    }

    /// <summary>Takes the page that is there now: clockd was started anew, and its directory may have been removed before.</summary>
    /// <returns>Whether it is another file than the one that was read until now.</returns>
    public bool Reopen()
    {
        lock (_opening)
        {
            var former = _page;
            if (former is null || !TimePage.TryOpen(path, out var present))
            {
                return false; // none was open yet, or there is none: the old one ages, and its bound with it
            }

            if (present.IsSameAs(former))
            {
                present.Dispose();
                return false;
            }

            _replaced.Add(former);
            Volatile.Write(ref _page, present);
            return true;
        }
    }

    public void Dispose()
    {
        _page?.Dispose();
        _replaced.ForEach(page => page.Dispose());
    }

    /// <summary>The page says what was to be done when it was written; with each full second of its clock the kernel takes a part of the rest and does it in that second.</summary>
    private static Duration KernelPending(in TimePageReading page, in ClockTriple now)
    {
        var written = now.Realtime - (now.Raw - page.AsOf); // by this clock, but for what was slewed since
        long seconds = now.Realtime.SinceEpoch.WholeSeconds - written.SinceEpoch.WholeSeconds;
        double left = UntilFullSecond(now.Realtime);
        if (seconds <= 0)
        {
            return page.PendingPhase + page.Running.Times(Math.Min(left / UntilFullSecond(written), 1));
        }

        double share = Math.ScaleB(1, -(2 + page.TimeConstant)); // of what is left at a full second
        return page.PendingPhase.Times(Math.Pow(1 - share, seconds - 1) * (1 - share + (share * left)));
    }

    /// <returns>Above 0 to 1 s.</returns>
    private static double UntilFullSecond(Instant<Utc> time) => 1 - (time.SinceEpoch - Duration.FromSeconds(time.SinceEpoch.WholeSeconds)).Seconds;

    /// <summary>How much further the planned end is than the base rate would take the clock by then.</summary>
    private static Duration ShadowPending(in TimePageReading page, Instant<Raw> now, Instant<Utc> reading, Duration suspended)
    {
        var segments = page.Segments();
        if (segments is not [.., var last] || last.Start <= now)
        {
            return Duration.Zero;
        }

        var rest = last.Start - now;
        return last.Map(last.Start, suspended) - (reading + rest + rest.At(ClockSegment.FromTicks(last.RateTicks)));
    }
}
