using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <content>Whether a page is one. The file is ours, but disks and administrators are what they are.</content>
public partial struct TimePageReading
{
    private const long LongestBoot = 1L << 33, LongestPhase = 1L << 18, LongestBound = 1L << 40, LongestInterval = 1L << 18; // s
    private const long FarthestEnd = 1L << 53; // s: of a slew that hardly slews
    private const long Year2500 = 16_725_225_600; // s since 1970
    private const long FastestRate = 1L << 61; // 12.5 %; policy ends at 10
    private const ulong MostSteps = 1UL << 60;
    private const int LargestTimeConstant = 10, LargestTai = 60;

    /// <summary>Whether clockd can have written it: what is calculated from it does not overflow, and no clock that goes on from it is wild.</summary>
    /// <param name="now">Nothing in it is from later. Null: that is not looked at.</param>
    internal readonly bool IsPlausible(Instant<Raw>? now)
    {
        bool isShadow = Kind == TimePageKind.Shadow;
        return (isShadow || Kind == TimePageKind.System)
            && (Body.Flags & ~TimePageBody.SynchronizedFlag) == 0
            && Body.Leap is >= 0 and <= 2
            && Body.TaiOffset is >= 0 and <= LargestTai
            && Body.TimeConstant <= LargestTimeConstant
            && (isShadow ? Body.SegmentCount is > 0 and <= TimePageBody.MaxSegments : Body.SegmentCount == 0)
            && StepGeneration < MostSteps
            && Body.Frequency is >= -FastestRate and <= FastestRate
            && Body.BoundGrowth is >= 0 and <= FastestRate
            && IsPast(Body.AsOf, now) && IsPast(Body.Announced, now)
            && Interval.Sign > 0 && Body.Interval.Seconds <= LongestInterval
            && Body.Bound.Seconds is >= 0 and < LongestBound
            && Body.Sigma.Seconds is >= 0 and < LongestBound
            && Body.PendingPhase.Seconds is >= -LongestPhase and < LongestPhase
            && Body.Running.Seconds is >= -1 and <= 0
            && Body.SlewStarts.Seconds is >= 0 and < Year2500
            && IsSuspend(Body.Suspended)
            && AreLines(now);
    }

    private static bool IsPast(in PageTime raw, Instant<Raw>? now) =>
        raw.Seconds is >= 0 and < LongestBoot && (now is not { } latest || raw.Value <= latest.SinceEpoch);

    private static bool IsSuspend(in PageTime length) => length.Seconds is >= -1 and < LongestBoot; // -1: two clocks that were not read together

    private readonly bool AreLines(Instant<Raw>? now)
    {
        for (int index = 0; index < Body.SegmentCount; index++)
        {
            ref readonly var line = ref Body.Segments[index];
            bool starts = index == 0 ? IsPast(line.Start, now) : line.Start.Value >= Body.Segments[index - 1].Start.Value && line.Start.Seconds < FarthestEnd;
            if (!starts || line.Base.Seconds < 0 || line.Base.Seconds >= Year2500 + line.Start.Seconds // the one that ends a slew may lie far ahead
                || line.Rate is < -FastestRate or > FastestRate || line.Generation >= MostSteps || !IsSuspend(line.Suspended))
            {
                return false;
            }
        }

        return true;
    }
}
