namespace TimeSuite.Ptp;

/// <summary>The masters that a port has heard of, and which of them count (IEEE 1588-2019 clause 9.3.2.4).</summary>
/// <remarks>
/// A master counts when it was heard <paramref name="threshold"/> times within four announce intervals, so that one stray message moves nobody. At most
/// <see cref="Limit"/> are remembered; a further one takes the place of one that was heard once (names without end push nobody out who has said more), of that which was silent longest, but never that of <em>the kept</em> master.
/// One that was given up twice or more within ten minutes of the last time is on probation when it comes back: it counts again once it was heard without a pause for twice as long each time, from
/// two windows to five minutes, as long as there is another that counts. So two masters, of which the better comes and goes, do not pull a clock to and fro.
/// </remarks>
/// <param name="threshold">Messages that are needed, 1 or 2: 2 by the standard, 1 for gPTP (IEEE 802.1AS-2020 clause 10.3.11).</param>
public sealed class ForeignMasters(int threshold)
{
    /// <summary>Masters that are remembered.</summary>
    public const int Limit = 16;

    private const int WindowIntervals = 4;

    /// <summary>So often a master may be given up without being on probation.</summary>
    private const int Forgiven = 1;

    private static readonly Duration s_memory = Duration.FromSeconds(600L), s_longestProbation = Duration.FromSeconds(300L);

    private readonly List<Entry> _heard = new(Limit);
    private readonly List<Loss> _losses = new(Limit);

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
                _heard[at] = new(candidate, sequence, now, _heard[at].Last, _heard[at].Since);
            }
        }
        else if (_heard.Count < Limit)
        {
            _heard.Add(new(candidate, sequence, now, null, now));
        }
        else
        {
            int least = -1;
            for (int i = 0; i < _heard.Count; i++)
            {
                if (_heard[i].Candidate.Sender != kept && (least < 0 || IsWorthLess(_heard[i], _heard[least])))
                {
                    least = i;
                }
            }

            _heard[least] = new(candidate, sequence, now, null, now);
        }
    }

    /// <summary>The best of those that count: Erbest.</summary>
    /// <returns>Null if none counts.</returns>
    public Candidate? Best(Instant<Boot> now, Duration interval, ComparisonRule rule)
    {
        Forget(now, interval);
        Candidate? best = null;
        bool isOnProbation = false;
        foreach (var entry in _heard)
        {
            if (!Counts(entry, now, interval))
            {
                continue;
            }

            bool isLess = IsOnProbation(entry, now, interval);
            if (best is not { } other || (isLess == isOnProbation ? DataSetComparison.Compare(entry.Candidate, other, rule).IsFirst() : isOnProbation))
            {
                (best, isOnProbation) = (entry.Candidate, isLess);
            }
        }

        return best;
    }

    /// <summary>All that are remembered, for people.</summary>
    public IEnumerable<(Candidate Candidate, Instant<Boot> Last, bool Counts)> All(Instant<Boot> now, Duration interval) =>
        _heard.Select(entry => (entry.Candidate, entry.Last, Counts(entry, now, interval)));

    /// <summary>Gives one up that was followed: its messages stayed out.</summary>
    public void GiveUp(PortIdentity sender, Instant<Boot> now)
    {
        Forget(sender);
        int at = _losses.FindIndex(loss => loss.Sender == sender);
        int times = 1;
        if (at >= 0)
        {
            times = now - _losses[at].At <= s_memory ? _losses[at].Times + 1 : 1;
            _losses.RemoveAt(at);
        }
        else if (_losses.Count == Limit)
        {
            _losses.RemoveAt(0); // that of longest ago
        }

        _losses.Add(new(sender, times, now));
    }

    /// <summary>Forgets one.</summary>
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

    private static bool IsWorthLess(in Entry one, in Entry other) => (one.Previous is null) == (other.Previous is null) ? one.Last < other.Last : one.Previous is null;

    private bool Counts(in Entry entry, Instant<Boot> now, Duration interval) =>
        threshold <= 1 || entry.Previous is { } previous && now - previous <= Window(interval);

    private bool IsOnProbation(in Entry entry, Instant<Boot> now, Duration interval)
    {
        foreach (var loss in _losses)
        {
            if (loss.Sender == entry.Candidate.Sender && loss.Times > Forgiven && now - loss.At <= s_memory)
            {
                return now - entry.Since < Duration.Min(Window(interval).Times(Math.ScaleB(1, Math.Min(loss.Times - Forgiven, 16))), s_longestProbation);
            }
        }

        return false;
    }

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

    private readonly record struct Entry(Candidate Candidate, ushort Sequence, Instant<Boot> Last, Instant<Boot>? Previous, Instant<Boot> Since);

    /// <param name="Sender">Who was given up.</param>
    /// <param name="Times">How often, each time within the memory of the one before.</param>
    /// <param name="At">The last time.</param>
    private readonly record struct Loss(PortIdentity Sender, int Times, Instant<Boot> At);
}
