namespace TimeSuite.Ntp;

/// <summary>What became of one datagram at the server's port. The order is that of the tests, replies first.</summary>
public enum Verdict : byte
{
    Answered,
    KissedDeny,
    KissedRate,

    TooShort,
    NotARequest,
    ControlOrPrivate,
    WrongVersion,
    Denied,
    Malformed,
    RateLimited,
    NtsRequired,
    CryptoNak,
    UnknownKey,
    WrongMacLength,
    WrongMac,

    // Those who call the step see these two; it does not return them.
    Truncated,
    NoTime,
}

/// <summary>Verdicts for people.</summary>
public static class VerdictWords
{
    /// <summary>Whether there is a reply to be sent.</summary>
    public static bool IsReply(this Verdict verdict) => verdict <= Verdict.KissedRate;

    /// <summary>A sentence without its full stop.</summary>
    public static string Words(this Verdict verdict) => verdict switch
    {
        Verdict.Answered => "answered with the time",
        Verdict.KissedDeny => "answered with DENY: access is refused",
        Verdict.KissedRate => "answered with RATE: asked too often",
        Verdict.TooShort => "shorter than an NTP header",
        Verdict.NotARequest => "not a client's request: a reply, a broadcast or a symmetric peer's",
        Verdict.ControlOrPrivate => "mode 6 or 7, which is never answered",
        Verdict.WrongVersion => "a version we do not speak",
        Verdict.Denied => "access is refused",
        Verdict.Malformed => "neither extension fields nor a MAC behind the header",
        Verdict.RateLimited => "asked too often",
        Verdict.NtsRequired => "came without NTS from a network that has to use it",
        Verdict.CryptoNak => "a crypto-NAK instead of a MAC",
        Verdict.UnknownKey => "a key id that the key file has not",
        Verdict.WrongMacLength => "a MAC of a length that its key does not make",
        Verdict.WrongMac => "a MAC that is not right",
        Verdict.Truncated => "longer than the buffer",
        Verdict.NoTime => "our clock could not be read",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict)),
    };
}
