using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>Offset and delay for people, by the last messages: the median of the last delays, and the last Sync. Who steers has better (src/discipline).</summary>
internal sealed class PathEstimate
{
    private const int Kept = 9;

    private readonly Duration[] _delays = new Duration[Kept], _sorted = new Duration[Kept];
    private SyncPair? _sync;
    private int _count;

    /// <summary>Both halves were had so often that the offset means something.</summary>
    public const int Enough = 3;

    /// <summary>Delays that were measured since the master was chosen.</summary>
    public int Measured => _count;

    /// <summary>Of the path to the master; null: not known.</summary>
    public Duration? MeanPathDelay { get; private set; }

    /// <summary>Of the stamping clock, which need not be a clock that anybody steers, from the master's time.</summary>
    public Duration? Offset => _sync is { } sync && MeanPathDelay is { } delay ? Down(sync) - delay : null;

    /// <summary>When the last Sync came.</summary>
    public Instant<Local>? At => _sync?.Received;

    /// <summary>By the master's clock, when the last Sync came here.</summary>
    public Instant<Tai>? MastersTime => _sync is { } sync && MeanPathDelay is { } delay ? sync.Sent + delay : null;

    public void Clear() => (_sync, _count, MeanPathDelay) = (null, 0, null);

    public void Add(in SyncPair pair) => _sync = pair;

    public void Add(in DelayPair pair)
    {
        if (_sync is { } sync)
        {
            Add((Down(sync) + (pair.Received.SinceEpoch - pair.Sent.SinceEpoch)).Half());
        }
    }

    /// <summary>A delay of the path, however it was measured.</summary>
    public void Add(Duration delay)
    {
        _delays[_count % Kept] = delay;
        _count = _count == 2 * Kept - 1 ? Kept : _count + 1;
        int held = Math.Min(_count, Kept);
        var sorted = _sorted.AsSpan(0, held);
        _delays.AsSpan(0, held).CopyTo(sorted);
        sorted.Sort();
        MeanPathDelay = sorted[held / 2];
    }

    private static Duration Down(in SyncPair sync) => sync.Received.SinceEpoch - sync.Sent.SinceEpoch;
}
