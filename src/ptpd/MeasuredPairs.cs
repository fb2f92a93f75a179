using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>
/// What a port with software stamps tells of its Syncs and Delay_Reqs: a Sync with the newest Delay_Req before it, not more often than ntpd takes samples, and those of four seconds together. To
/// tell each by itself would cost more than PTP does, for it wakes a handful of threads in three processes, and in four seconds no oscillator moves by what software stamps could see.
/// </summary>
/// <param name="tell">Takes what is told.</param>
internal sealed class MeasuredPairs(Action<Measured> tell)
{
    /// <summary>So many Syncs of a new master are told at once: whoever knows nothing yet waits for them.</summary>
    private const int AtOnce = 16;

    /// <summary>ntpd's own: Syncs that follow each other faster tell it no more.</summary>
    private static readonly Duration Shortest = Duration.FromNanoseconds(200_000_000);

    /// <summary>Less than four seconds by what the Syncs of a master that sends one a second may be early.</summary>
    private static readonly Duration Together = Duration.FromNanoseconds(3_800_000_000);

    private readonly List<Measured> _held = [];
    private Measured.Delay? _delay;
    private Instant<Local>? _taken, _told;
    private int _count;

    public void Add(in DelayPair pair, Duration error) => _delay = new(pair, error);

    public void Add(in SyncPair pair, Duration error)
    {
        if (IsWithin(Shortest, _taken, pair.Received))
        {
            return;
        }

        _taken = pair.Received;
        if (_delay is { } delay)
        {
            _held.Add(delay);
            _delay = null;
        }

        _held.Add(new Measured.Sync(pair, error));
        if (_count < AtOnce || !IsWithin(Together, _told, pair.Received))
        {
            _count = Math.Min(_count + 1, AtOnce);
            _told = pair.Received;
            _held.ForEach(tell);
            _held.Clear();
        }
    }

    /// <summary>Another master: what was measured of the last one is not told any more.</summary>
    public void Clear()
    {
        (_delay, _taken, _told, _count) = (null, null, null, 0);
        _held.Clear();
    }

    private static bool IsWithin(Duration time, Instant<Local>? before, Instant<Local> now) => before is { } at && now >= at && now - at < time;
}
