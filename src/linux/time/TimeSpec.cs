using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>struct timespec on a 64-bit machine: floored seconds and nanoseconds that are not negative.</summary>
internal struct TimeSpec
{
    public long tv_sec;
    public long tv_nsec;

    // 2^64 = WholeUnits * 10^9 + UnitsLeft: the fraction without a 128-bit division, which would cost more than reading the clock.
    private const ulong WholeUnits = 18_446_744_073, UnitsLeft = 709_551_616;

    /// <summary>The same length in fixed point, rounded up as <see cref="Duration.FromNanoseconds"/> does.</summary>
    public readonly Duration ToDuration()
    {
        ulong nanoseconds = (ulong)tv_nsec;
        return Duration.FromFixedPoint(tv_sec, (nanoseconds * WholeUnits) + (((nanoseconds * UnitsLeft) + 999_999_999) / 1_000_000_000));
    }

    public static TimeSpec From(Duration length) => new() { tv_sec = length.WholeSeconds, tv_nsec = length.NanosecondOfSecond };
}
