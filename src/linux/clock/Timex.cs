using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>struct timex of linux/timex.h on a 64-bit machine: 208 octets, the kernel's names, so that adjtimex(2) reads as documentation.</summary>
[StructLayout(LayoutKind.Explicit, Size = 208)]
[SuppressMessage("Design", "CA1051", Justification = "a structure of the kernel, passed by reference")]
[SuppressMessage("Naming", "CA1707", Justification = "the kernel's names")]
public struct Timex
{
    /// <summary>ADJ_ bits: what to set.</summary>
    [FieldOffset(0)] public uint modes;

    /// <summary>Phase to work off: ns with STA_NANO, else us.</summary>
    [FieldOffset(8)] public long offset;

    /// <summary>Rate correction, ppm with 16 fraction bits.</summary>
    [FieldOffset(16)] public long freq;

    /// <summary>us; the kernel adds 500 each second.</summary>
    [FieldOffset(24)] public long maxerror;

    /// <summary>us.</summary>
    [FieldOffset(32)] public long esterror;

    /// <summary>STA_ bits.</summary>
    [FieldOffset(40)] public int status;

    /// <summary>PLL time constant for ADJ_TIMECONST, TAI-UTC for ADJ_TAI.</summary>
    [FieldOffset(48)] public long constant;

    /// <summary>us.</summary>
    [FieldOffset(56)] public long precision;

    /// <summary>500 shifted left by 16, always: what tells that this layout is right.</summary>
    [FieldOffset(64)] public long tolerance;

    [FieldOffset(72)] public long seconds;

    /// <summary>ns with ADJ_NANO or STA_NANO, else us.</summary>
    [FieldOffset(80)] public long subseconds;

    /// <summary>us in a tick of 1/100 s.</summary>
    [FieldOffset(88)] public long tick;

    [FieldOffset(96)] public long ppsfreq;
    [FieldOffset(104)] public long jitter;
    [FieldOffset(112)] public int shift;
    [FieldOffset(120)] public long stabil;
    [FieldOffset(128)] public long jitcnt;
    [FieldOffset(136)] public long calcnt;
    [FieldOffset(144)] public long errcnt;
    [FieldOffset(152)] public long stbcnt;

    /// <summary>TAI-UTC in seconds, read only here.</summary>
    [FieldOffset(160)] public int tai;

    public const uint ADJ_OFFSET = 0x0001, ADJ_FREQUENCY = 0x0002, ADJ_MAXERROR = 0x0004, ADJ_ESTERROR = 0x0008, ADJ_STATUS = 0x0010,
        ADJ_TIMECONST = 0x0020, ADJ_TAI = 0x0080, ADJ_SETOFFSET = 0x0100, ADJ_MICRO = 0x1000, ADJ_NANO = 0x2000, ADJ_TICK = 0x4000;

    public const int STA_PLL = 0x0001, STA_INS = 0x0010, STA_DEL = 0x0020, STA_UNSYNC = 0x0040, STA_FREQHOLD = 0x0080, STA_NANO = 0x2000;
}
