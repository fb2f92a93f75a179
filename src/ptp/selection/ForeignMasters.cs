namespace TimeSuite.Ptp;

/// <summary>The masters that a port has heard of, and which of them count (IEEE 1588-2019 clause 9.3.2.4).</summary>
/// <remarks>
/// A master counts when it was heard <paramref name="threshold"/> times within four announce intervals, so that one stray message moves nobody. At most
/// <see cref="Limit"/> are remembered; a further one takes the place of that which was silent longest, but never that of <em>the kept</em> master.
/// </remarks>
/// <param name="threshold">Messages that are needed, 1 or 2: 2 by the standard, 1 for gPTP (IEEE 802.1AS-2020 clause 10.3.11).</param>
public sealed class ForeignMasters(int threshold)
{
    /// <summary>Masters that are remembered.</summary>
    public const int Limit = 16;

    private const int WindowIntervals = 4;

    private readonly List<Entry> _heard = new(Limit);

    /// <summary>Masters that are remembered now, counted or not.</summary>
    public int Count => _heard.Count;

    /// <summary>Takes an Announce into account.</summary>
    /// <param name="candidate">What it said.</param>
    /// <param name="sequence">Of the message: a duplicate is not heard twice.</param>
    /// <param name="now">When it came.</param>
    /// <param name="interval">Between the Announces of this network.</param>
    /// <param name="kept">The master that is followed now: its entry is not given away.</param>
    public void Hear(in Candidate candidate, ushort sequence, Instant<Boot> now, Duration interval, PortIdentity? kept)
    {
        Forget(now, interval);
        int at = Find(candidate.Sender);
        if (at >= 0)
        {
            if (_heard[at].Sequence != sequence)
            {
                _heard[at] = new(candidate, sequence, now, _heard[at].Last);
            }
        }
        else if (_heard.Count < Limit)
        {
            _heard.Add(new(candidate, sequence, now, null));
        }
        else
        {
            int oldest = -1;
            for (int i = 0; i < _heard.Count; i++)
            {
                if (_heard[i].Candidate.Sender != kept && (oldest < 0 || _heard[i].Last < _heard[oldest].Last))
                {
                    oldest = i;
                }
            }

            _heard[oldest] = new(candidate, sequence, now, null);
        }
    }

    /// <summary>The best of those that count: Erbest.</summary>
    /// <returns>Null if none counts.</returns>
    public Candidate? Best(Instant<Boot> now, Duration interval, ComparisonRule rule)
    {
        Forget(now, interval);
        Candidate? best = null;
        foreach (var entry in _heard)
        {
            if (Counts(entry, now, interval) && (best is not { } other || DataSetComparison.Compare(entry.Candidate, other, rule).IsFirst()))
            {
                best = entry.Candidate;
            }
        }

        return best;
    }

    /// <summary>All that are remembered, for people.</summary>
    public IEnumerable<(Candidate Candidate, Instant<Boot> Last, bool Counts)> All(Instant<Boot> now, Duration interval) =>
        _heard.Select(entry => (entry.Candidate, entry.Last, Counts(entry, now, interval)));

    /// <summary>Forgets one whose Announces stayed out.</summary>
    public void Forget(PortIdentity sender)
    {
        int at = Find(sender);
        if (at >= 0)
        {
            _heard.RemoveAt(at);
        }
    }

    /// <summary>Forgets all: the port was started anew.</summary>
    public void Clear() => _heard.Clear();

    private void Forget(Instant<Boot> now, Duration interval)
    {
        for (int i = _heard.Count - 1; i >= 0; i--)
        {
            if (now - _heard[i].Last > Window(interval))
            {
                _heard.RemoveAt(i);
            }
        }
    }

    private bool Counts(in Entry entry, Instant<Boot> now, Duration interval) =>
        threshold <= 1 || entry.Previous is { } previous && now - previous <= Window(interval);

    private int Find(PortIdentity sender)
    {
        for (int i = 0; i < _heard.Count; i++)
        {
            if (_heard[i].Candidate.Sender == sender)
            {
                return i;
            }
        }

        return -1;
    }

    private static Duration Window(Duration interval) => interval.Times(WindowIntervals);

    private readonly record struct Entry(Candidate Candidate, ushort Sequence, Instant<Boot> Last, Instant<Boot>? Previous);
}
