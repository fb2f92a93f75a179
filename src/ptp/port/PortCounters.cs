namespace TimeSuite.Ptp;

/// <summary>Why a message was not used.</summary>
public enum Drop
{
    /// <summary>No PTP message of version 2, or TLVs that run over its end.</summary>
    Malformed,
    OtherDomain,

    /// <summary>Another standard's messages, by the sdoId.</summary>
    OtherSdo,

    /// <summary>Sent by this instance, and come back.</summary>
    Own,

    /// <summary>An Announce from a master or of a grandmaster that is not on the list.</summary>
    NotAcceptable,

    /// <summary>An Announce that has this instance in its path, or has come too far.</summary>
    Loop,

    /// <summary>Sync and the like of a port that is not our master.</summary>
    NotOurMaster,

    /// <summary>An answer to no question of ours, or a second one.</summary>
    Unmatched,

    /// <summary>An event message without a receive stamp.</summary>
    NoStamp,

    /// <summary>Not for a port in this state, or of this delay mechanism.</summary>
    NotNow,

    /// <summary>A correction or a time that cannot be.</summary>
    Implausible,

    /// <summary>Management or unicast requests beyond what is answered in a second.</summary>
    TooOften,

    /// <summary>A request without room for its answer.</summary>
    TooShort,

    /// <summary>Not sealed where it has to be, or with a seal that is wrong or of an unknown key.</summary>
    NotAuthentic,

    /// <summary>Rightly sealed, but sent before.</summary>
    Replayed,

    /// <summary>Syncs of a master whose time has jumped.</summary>
    Jumped,
}

/// <summary>What a port has sent, received and dropped since it was made.</summary>
public sealed class PortCounters
{
    private const int MostReasons = 32;

    private readonly long[] _received = new long[16], _sent = new long[16], _dropped = new long[MostReasons];

    /// <summary>Event messages whose transmit stamp did not come.</summary>
    public long StampsLost { get; internal set; }

    /// <summary>Times that no Announce of the master came in time.</summary>
    public long AnnounceTimeouts { get; internal set; }

    /// <summary>Times that no Sync of the master came in time.</summary>
    public long SyncTimeouts { get; internal set; }

    /// <summary>Requests for unicast messages that were granted.</summary>
    public long Granted { get; private set; }

    /// <summary>Those that were denied.</summary>
    public long Denied { get; private set; }

    public long Received(MessageType type) => _received[(int)type & 0xF];

    public long Sent(MessageType type) => _sent[(int)type & 0xF];

    public long Dropped(Drop reason) => _dropped[(int)reason];

    internal void CountReceived(MessageType type) => _received[(int)type & 0xF]++;

    internal void CountSent(MessageType type) => _sent[(int)type & 0xF]++;

    internal void CountUnicast(bool isGranted) => (Granted, Denied) = isGranted ? (Granted + 1, Denied) : (Granted, Denied + 1);

    internal void Count(Drop reason) => _dropped[(int)reason]++;
}
