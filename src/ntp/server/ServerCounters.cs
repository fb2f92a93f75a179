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

    /// <summary>Of the replies, those that could not be sent: no way back, no room, forbidden. The engine counts them.</summary>
    public ulong Unsent { get; set; }

    /// <summary>Datagrams to which there was a reply.</summary>
    public ulong Replies => Sum(replied: true);

    /// <summary>Datagrams that got silence.</summary>
    public ulong Dropped => Sum(replied: false);

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
        Unsent += other.Unsent;
    }

    private ulong Sum(bool replied)
    {
        ulong sum = 0;
        for (int index = 0; index < _byVerdict.Length; index++)
        {
            sum += ((RequestVerdict)index).IsReply() == replied ? _byVerdict[index] : 0;
        }

        return sum;
    }
}
