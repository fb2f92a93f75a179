using TimeSuite.Linux;
using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>The clock that clockd steers, seen through its time page: what a grandmaster serves, and what a software-stamped offset is counted against.</summary>
/// <param name="page">/run/timesuite/clockd/clock.</param>
internal sealed class SuiteClock(string page) : ILocalTime, IDisposable
{
    private TimePage? _page;
    private LeapSeconds? _table;
    private Instant<Utc>? _tableRead;

    /// <summary>Whether the clock is synchronised, so that it may be served, and how far off it may be.</summary>
    public bool TryReadBound(out Duration bound, out LeapSecond leap)
    {
        var now = Clocks.Raw();
        bool synchronized = TryRead(out var reading) && reading.IsSynchronizedAt(now, Clocks.Suspended()) && TaiMinusUtc(reading) is not null;
        (bound, leap) = synchronized ? (reading.BoundAt(now), reading.Leap) : default;
        return synchronized;
    }

    /// <summary>TAI - UTC in s: by the clock's own page, else by the system's table; null if neither says it.</summary>
    public int? TaiMinusUtc() => TryRead(out var reading) ? TaiMinusUtc(reading) : null;

    /// <inheritdoc/>
    public bool TryToTai(Instant<Local> stamp, out Instant<Tai> time)
    {
        bool known = TryReadBound(out _, out _) & TryShow(stamp, out time);
        return known;
    }

    /// <summary>What the clock shows at a stamp, whether it is synchronised or not.</summary>
    public bool TryShow(Instant<Local> stamp, out Instant<Tai> time)
    {
        time = default;
        if (!TryRead(out var reading) || TaiMinusUtc(reading) is not { } offset)
        {
            return false;
        }

        var raw = new Instant<Raw>(stamp.SinceEpoch);
        Instant<Utc> utc;
        if (reading.Kind == TimePageKind.System)
        {
            var now = Clocks.Read();
            utc = now.Realtime + (raw - now.Raw);
        }
        else if (!reading.TryMap(raw, Clocks.Suspended(), out utc, out _))
        {
            return false;
        }

        time = new(utc.SinceEpoch + Duration.FromSeconds((long)offset));
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

        var now = Clocks.Realtime();
        if (_tableRead is not { } last || now - last > Duration.FromSeconds(86_400L) || now < last)
        {
            (_table, _tableRead) = (LeapSecondsFile.Read(LeapSecondsFile.SystemPath, out _), now);
        }

        return _table?.TaiMinusUtc(now);
    }
}
