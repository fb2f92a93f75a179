using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>A length of time as the page holds it: floored seconds and a fraction of 2^-64 s.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PageTime
{
    public long Seconds;
    public ulong Fraction;

    public readonly Duration Value => Duration.FromFixedPoint(Seconds, Fraction);

    public static PageTime From(Duration value) => new() { Seconds = value.WholeSeconds, Fraction = value.Fraction };
}

/// <summary>64 octets.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PageSegment
{
    public PageTime Start;
    public PageTime Base;
    public long Rate;
    public ulong Generation;
    public PageTime Suspended;
}

[InlineArray(TimePageBody.MaxSegments)]
internal struct PageSegments
{
    private PageSegment _first;
}

/// <summary>What the sequence of the page guards, 704 octets. include/timesuite_clock.h documents each field; the two change together.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimePageBody
{
    public const int MaxSegments = 8;
    public const uint SynchronizedFlag = 1;

    public uint Kind;
    public uint Flags;
    public int Leap;
    public int TaiOffset;
    public uint TimeConstant;
    public uint SegmentCount;
    public ulong StepGeneration;
    public long Frequency;
    public long BoundGrowth;
    public PageTime AsOf;
    public PageTime Announced;
    public PageTime Interval;
    public PageTime Bound;
    public PageTime PendingPhase;
    public PageTime SlewStarts;
    public PageTime Suspended;
    public PageTime Sigma;
    public PageTime Running;
    public PageSegments Segments;
}
