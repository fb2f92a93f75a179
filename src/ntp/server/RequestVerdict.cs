namespace TimeSuite.Ntp;

/// <summary>What became of one datagram at the server's port. The order is that of the tests, replies first.</summary>
public enum RequestVerdict : byte
{
    Answered,
    KissedDeny,
    KissedRate,
    KissedNtsNak,

    TooShort,
    NotARequest,
    ControlOrPrivate,
    WrongVersion,
    Malformed,
    Denied,
    RateLimited,
    CryptoNak,
    UnknownKey,
    WrongMacLength,
    WrongMac,
    NtsRequired,
    NtsMalformed,
    NtsNoKeys,

    // Counted by the engine: these come to no judgement.
    Truncated,
    ToMany,
    FromPortZero,
    NoTime,
}

/// <summary>Verdicts for people.</summary>
public static class RequestVerdictWords
{
    /// <summary>Whether there is a reply to be sent.</summary>
    public static bool IsReply(this RequestVerdict verdict) => verdict <= RequestVerdict.KissedNtsNak;

    /// <summary>A sentence without its full stop.</summary>
    public static string Words(this RequestVerdict verdict) => verdict switch
    {
        RequestVerdict.Answered => "answered with the time",
        RequestVerdict.KissedDeny => "answered with DENY: access is refused",
        RequestVerdict.KissedRate => "answered with RATE: asked too often",
        RequestVerdict.KissedNtsNak => "answered with NTSN: an NTS cookie or seal that is not ours",
        RequestVerdict.TooShort => "shorter than an NTP header",
        RequestVerdict.NotARequest => "not a request: a reply, a broadcast, or of no mode",
        RequestVerdict.ControlOrPrivate => "mode 6 or 7, which is never answered",
        RequestVerdict.WrongVersion => "a version we do not speak",
        RequestVerdict.Denied => "access is refused",
        RequestVerdict.Malformed => "neither extension fields nor a MAC behind the header",
        RequestVerdict.RateLimited => "asked too often",
        RequestVerdict.NtsRequired => "came without NTS from a network that has to use it",
        RequestVerdict.NtsMalformed => "fields of NTS that make no request",
        RequestVerdict.NtsNoKeys => "came with NTS while ntskeyd has given us no keys of cookies",
        RequestVerdict.CryptoNak => "a crypto-NAK instead of a MAC",
        RequestVerdict.UnknownKey => "a key id that the key file has not",
        RequestVerdict.WrongMacLength => "a MAC of a length that its key does not make",
        RequestVerdict.WrongMac => "a MAC that is not right",
        RequestVerdict.Truncated => "longer than the buffer",
        RequestVerdict.ToMany => "sent to a broadcast or multicast address, where others would answer too",
        RequestVerdict.FromPortZero => "from port 0, where no reply can go",
        RequestVerdict.NoTime => "our clock could not be read",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict)),
    };
}
