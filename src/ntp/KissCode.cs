namespace TimeSuite.Ntp;

/// <summary>Why a server will not serve: its reference id at stratum 0, the value being the four letters (RFC 5905 section 7.4).</summary>
/// <remarks>Only these mean anything to a client; any other value is possible on the wire and is ignored.</remarks>
public enum KissCode : uint
{
    /// <summary>DENY: the server refuses this client for good.</summary>
    Deny = 0x4445_4E59,

    /// <summary>RSTR: refused by the server's policy.</summary>
    Restrict = 0x5253_5452,

    /// <summary>RATE: asked too often.</summary>
    Rate = 0x5241_5445,

    /// <summary>NTSN: the cookie is of no use (RFC 8915 section 5.7).</summary>
    NtsNak = 0x4E54_534E,
}
