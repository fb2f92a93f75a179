namespace TimeSuite.Ptp;

/// <summary>The flag field (IEEE 1588-2019 table 37): the first octet on the wire in the high eight bits.</summary>
[Flags]
public enum PtpFlags : ushort
{
    None = 0,
    AlternateMaster = 0x0100,

    /// <summary>A Follow_Up or Pdelay_Resp_Follow_Up carries the stamp of this message.</summary>
    TwoStep = 0x0200,
    Unicast = 0x0400,
    ProfileSpecific1 = 0x2000,
    ProfileSpecific2 = 0x4000,

    /// <summary>The last minute of this UTC day has 61 s.</summary>
    Leap61 = 0x0001,

    /// <summary>The last minute of this UTC day has 59 s.</summary>
    Leap59 = 0x0002,

    /// <summary>TAI - UTC in the message is known to be right.</summary>
    UtcOffsetValid = 0x0004,

    /// <summary>The time is TAI; without it, an arbitrary scale.</summary>
    PtpTimescale = 0x0008,
    TimeTraceable = 0x0010,
    FrequencyTraceable = 0x0020,
    SynchronizationUncertain = 0x0040,
}
