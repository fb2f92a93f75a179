using TimeSuite.Linux;
using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>The clock that clockd steers, seen through its time page: what a grandmaster serves, and what a software-stamped offset is counted against.</summary>
/// <param name="page">/run/timesuite/clockd/clock.</param>
/// <param name="leapFile">leap-seconds.list.</param>
/// <param name="isLocalReference">[local]: this clock is served as it is while nothing synchronises it.</param>
internal sealed class SuiteClock(string page, string leapFile, bool isLocalReference) : IDisposable
{
    private TimePage? _page;
    private LeapSeconds? _table;
    private Instant<Utc>? _tableRead;

    /// <summary>Whether the clock may be served, how far off it may be, and what happens at the end of the day.</summary>
    /// <param name="bound">Null: nobody knows; [local] lets it be served all the same.</param>
    /// <param name="leap">Of UTC.</param>
    public bool MayServe(out Duration? bound, out LeapSecond leap)
    {
        (bound, leap) = (null, LeapSecond.None);
        if (!TryRead(out var reading))
        {
            return false;
        }

        var now = Clocks.Raw();
        bool synchronized = reading.IsSynchronizedAt(now, Clocks.Suspended());
        bound = synchronized ? reading.BoundAt(now) : null;
        leap = !synchronized ? LeapSecond.None : reading.Leap != LeapSecond.None ? reading.Leap : Table()?.AtEndOfDay(Clocks.Realtime()) ?? LeapSecond.None;
        return synchronized || isLocalReference;
    }

    /// <summary>Which clock clockd steers; null: it is not there yet.</summary>
    public TimePageKind? Kind => TryRead(out var reading) ? reading.Kind : null;

    /// <summary>Steps of it since the machine started, whoever made them, and how much faster than the bare oscillator it is made to run.</summary>
    public (ulong Steps, FrequencyOffset Frequency)? Steered => TryRead(out var reading) ? (reading.StepGeneration, reading.Frequency) : null;

    /// <summary>TAI - UTC in s: by the clock's own page, else by the table; null if neither says it.</summary>
    public int? TaiMinusUtc() => TryRead(out var reading) ? TaiMinusUtc(reading) : null;

    /// <summary>What the clock shows at a stamp of the bare oscillator, whether it is synchronised or not.</summary>
    public bool TryShow(Instant<Local> stamp, out Instant<Utc> time)
    {
        time = default;
        if (!TryRead(out var reading))
        {
            return false;
        }

        var raw = new Instant<Raw>(stamp.SinceEpoch);
        if (reading.Kind != TimePageKind.System)
        {
            return reading.TryMap(raw, Clocks.Suspended(), out time, out _);
        }

        var now = Clocks.Read();
        time = now.Realtime + (raw - now.Raw);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _page?.Dispose();

    private bool TryRead(out TimePageReading reading)
    {
        reading = default;
        return (_page is not null || TimePage.TryOpen(page, out _page)) && _page.TryRead(out reading);
    }

    private int? TaiMinusUtc(in TimePageReading reading)
    {
        if (reading.TaiOffset is { } told)
        {
            return told;
        }

        return Table()?.TaiMinusUtc(Clocks.Realtime());
    }

    /// <summary>Read anew once a day: a package may have brought another.</summary>
    private LeapSeconds? Table()
    {
        var now = Clocks.Realtime();
        if (_tableRead is not { } last || now - last > Duration.FromSeconds(86_400L) || now < last)
        {
            (_table, _tableRead) = (LeapSecondsFile.Read(leapFile, out _), now);
        }

        return _table;
    }
}
