namespace TimeSuite.Ntp;

/// <summary>What an association has seen. Counters only: nothing depends on them.</summary>
public sealed class AssociationCounters
{
    private readonly ulong[] _refused = new ulong[Enum.GetValues<Refusal>().Length];

    /// <summary>Requests.</summary>
    public ulong Sent { get; internal set; }

    /// <summary>Replies that passed the packet tests.</summary>
    public ulong Received { get; internal set; }

    /// <summary>Exchanges reported.</summary>
    public ulong Measured { get; internal set; }

    /// <summary>Datagrams that were not used, whatever the reason.</summary>
    public ulong Refused { get; private set; }

    /// <summary>The reason of the last one.</summary>
    public Refusal? LastRefusal { get; private set; }

    /// <summary>Datagrams that were not used for this reason.</summary>
    public ulong RefusedFor(Refusal reason) => _refused[(int)reason];

    internal void Count(Refusal reason)
    {
        _refused[(int)reason]++;
        Refused++;
        LastRefusal = reason;
    }
}
