namespace TimeSuite.Ntp;

/// <summary>How many datagrams came to which end. One for each thread: the owner counts, others may look on and add up.</summary>
public sealed class ServerCounters
{
    private readonly ulong[] _byVerdict = new ulong[Enum.GetValues<RequestVerdict>().Length];

    /// <summary>Of those answered, in interleaved mode.</summary>
    public ulong Interleaved { get; internal set; }

    /// <summary>Of those answered, with a MAC.</summary>
    public ulong Authenticated { get; internal set; }

    /// <summary>Of those answered, beyond the rate limit: what it leaks.</summary>
    public ulong Leaked { get; internal set; }

    /// <summary>Of the replies, those that NTS protects.</summary>
    public ulong Nts { get; internal set; }

    public ulong this[RequestVerdict verdict] => _byVerdict[(int)verdict];

    /// <summary>Datagrams to which there was a reply.</summary>
    public ulong Replies => this[RequestVerdict.Answered] + this[RequestVerdict.KissedDeny] + this[RequestVerdict.KissedRate];

    /// <summary>Datagrams that got silence.</summary>
    public ulong Dropped
    {
        get
        {
            ulong all = 0;
            foreach (ulong count in _byVerdict)
            {
                all += count;
            }

            return all - Replies;
        }
    }

    /// <summary>One more. The step counts what it judges; this is for what never came to it.</summary>
    public void Count(RequestVerdict verdict) => _byVerdict[(int)verdict]++;

    /// <summary>Takes another thread's into these.</summary>
    public void Add(ServerCounters other)
    {
        for (int index = 0; index < _byVerdict.Length; index++)
        {
            _byVerdict[index] += other._byVerdict[index];
        }

        Interleaved += other.Interleaved;
        Authenticated += other.Authenticated;
        Leaked += other.Leaked;
        Nts += other.Nts;
    }
}
