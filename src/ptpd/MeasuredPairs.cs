using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>What a port with software stamps tells of its Syncs and Delay_Reqs: a Sync with the newest Delay_Req before it, not more often than ntpd takes samples. To tell all of them would cost several times what PTP itself costs.</summary>
/// <param name="tell">Takes what is told.</param>
internal sealed class MeasuredPairs(Action<Measured> tell)
{
    /// <summary>ntpd's own: Syncs that follow each other faster tell it no more.</summary>
    private static readonly Duration Shortest = Duration.FromNanoseconds(200_000_000);

    private Measured.Delay? _delay;
    private Instant<Local>? _told;

    public void Add(in DelayPair pair, Duration error) => _delay = new(pair, error);

    public void Add(in SyncPair pair, Duration error)
    {
        if (_told is { } told && pair.Received - told < Shortest && pair.Received >= told)
        {
            return;
        }

        _told = pair.Received;
        if (_delay is { } delay)
        {
            tell(delay);
            _delay = null;
        }

        tell(new Measured.Sync(pair, error));
    }

    /// <summary>Another master: what was measured of the last one is not told any more.</summary>
    public void Clear() => (_delay, _told) = (null, null);
}
