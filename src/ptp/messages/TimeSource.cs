namespace TimeSuite.Ptp;

/// <summary>Where a grandmaster says its time comes from (IEEE 1588-2019 table 6): for people, not for a decision.</summary>
public enum TimeSource : byte
{
    AtomicClock = 0x10,
    Gnss = 0x20,
    TerrestrialRadio = 0x30,
    SerialTimeCode = 0x39,
    Ptp = 0x40,
    Ntp = 0x50,
    HandSet = 0x60,
    Other = 0x90,
    InternalOscillator = 0xA0,
}
