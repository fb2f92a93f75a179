namespace TimeSuite.Ptp;

/// <summary>The low four bits of the first octet (IEEE 1588-2019 table 36). 4 to 7, E and F are reserved.</summary>
public enum MessageType : byte
{
    Sync = 0x0,
    DelayReq = 0x1,
    PdelayReq = 0x2,
    PdelayResp = 0x3,
    FollowUp = 0x8,
    DelayResp = 0x9,
    PdelayRespFollowUp = 0xA,
    Announce = 0xB,
    Signaling = 0xC,
    Management = 0xD,
}

/// <summary>What the standard says of each type.</summary>
public static class MessageTypes
{
    /// <summary>Whether such a message is stamped when it is sent and received: port 319 of UDP; else 320.</summary>
    public static bool IsEvent(this MessageType type) => type <= MessageType.PdelayResp;

    /// <summary>Octets of the header and the body, TLVs left out; 0 for a reserved type.</summary>
    public static int Size(this MessageType type) => type switch
    {
        MessageType.Sync or MessageType.DelayReq or MessageType.FollowUp or MessageType.Signaling => 44,
        MessageType.PdelayReq or MessageType.PdelayResp or MessageType.PdelayRespFollowUp or MessageType.DelayResp => 54,
        MessageType.Announce => 64,
        MessageType.Management => 48,
        _ => 0,
    };

    /// <summary>The control field that version 1 looked at; version 2 ignores it but still says what to write (table 42).</summary>
    public static byte Control(this MessageType type) => type switch
    {
        MessageType.Sync => 0,
        MessageType.DelayReq => 1,
        MessageType.FollowUp => 2,
        MessageType.DelayResp => 3,
        MessageType.Management => 4,
        _ => 5,
    };
}
