namespace TimeSuite.Ntp;

/// <summary>Why a datagram was not used. The order is that of the tests (RFC 5905 section 9.2 has the packet tests).</summary>
public enum Refusal
{
    TooShort,
    WrongMode,
    WrongVersion,
    BogusOrigin,
    Duplicate,
    Unsigned,
    OtherKey,
    WrongMac,
    CryptoNak,
    NtsUnprotected,
    NtsOtherId,
    NtsWrongSeal,
    NtsNak,
    KissRate,
    KissDenied,
    KissUnknown,
    NoStamps,
    Unsynchronized,
    InvalidStratum,
    RootDistance,
    ReferenceTime,
    TurnRound,
    WrongPair,

    // The reply is the server's and is good; the four instants are not. These leave no sample but the source is reachable.
    LocalOrder,
    DelayNegative,
    DelayTooLong,
}

/// <summary>Refusals for people.</summary>
public static class RefusalWords
{
    /// <summary>A sentence without its full stop.</summary>
    public static string Words(this Refusal refusal) => refusal switch
    {
        Refusal.TooShort => "shorter than an NTP header",
        Refusal.WrongMode => "not a server's reply",
        Refusal.WrongVersion => "a version we do not speak",
        Refusal.BogusOrigin => "answers no request of ours",
        Refusal.Duplicate => "answers a request that was answered already",
        Refusal.Unsigned => "not signed, though this source has a key",
        Refusal.OtherKey => "signed with another key than this source's",
        Refusal.WrongMac => "signed with the right key's number, but wrongly",
        Refusal.CryptoNak => "the server could not verify our request (crypto-NAK)",
        Refusal.NtsUnprotected => "not protected by NTS, though this source uses it",
        Refusal.NtsOtherId => "its unique id is not that of our NTS request",
        Refusal.NtsWrongSeal => "its NTS seal is not the server's",
        Refusal.NtsNak => "the server does not know our NTS cookie (NTSN)",
        Refusal.KissRate => "the server says we ask too often (RATE)",
        Refusal.KissDenied => "the server will not serve us (DENY or RSTR)",
        Refusal.KissUnknown => "a kiss code that means nothing to a client",
        Refusal.NoStamps => "receive or transmit timestamp is missing",
        Refusal.Unsynchronized => "the server is not synchronised",
        Refusal.InvalidStratum => "a stratum above 16",
        Refusal.RootDistance => "the server is 16 s or more from its reference clock",
        Refusal.ReferenceTime => "the server's clock was set later than it sent the reply",
        Refusal.TurnRound => "the reply left before the request came",
        Refusal.WrongPair => "the interleaved timestamp belongs to another exchange",
        Refusal.LocalOrder => "received before it was sent, by our stamps",
        Refusal.DelayNegative => "the round trip is negative by more than the stamps' doubt",
        Refusal.DelayTooLong => "the round trip is longer than allowed",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };
}
