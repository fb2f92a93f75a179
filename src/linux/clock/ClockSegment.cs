using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>A stretch of a shadow clock's time: from an instant of the raw oscillator on, a straight line.</summary>
/// <param name="Start">From when it holds.</param>
/// <param name="Base">What the clock shows then.</param>
/// <param name="RateTicks">How much faster than the raw oscillator it runs, signed, unit 2^-64 s/s; magnitude below 2^62.</param>
/// <param name="Suspended">How long the machine had been suspended then; what is added later is added to the clock.</param>
/// <param name="Generation">Steps since boot up to and with this segment.</param>
public readonly record struct ClockSegment(Instant<Raw> Start, Instant<Utc> Base, long RateTicks, Duration Suspended, ulong Generation)
{
    /// <summary>BOOTTIME and MONOTONIC cannot be read together; less than this is no suspend.</summary>
    private static readonly Duration s_leastSuspend = Duration.FromNanoseconds(10_000_000);

    /// <summary>What the clock shows at <paramref name="at"/>, by this line.</summary>
    /// <param name="at">At or after <see cref="Start"/>.</param>
    /// <param name="suspended">How long the machine has been suspended since boot.</param>
    public Instant<Utc> Map(Instant<Raw> at, Duration suspended)
    {
        var elapsed = at - Start;
        var slept = suspended - Suspended;
        return Base + elapsed + Gain(elapsed, RateTicks) + (slept < s_leastSuspend ? Duration.Zero : slept);
    }

    /// <summary>Unit 2^-64 s/s.</summary>
    public static long ToTicks(FrequencyOffset rate) => checked((long)Math.ScaleB(rate.Fraction, 64));

    public static FrequencyOffset FromTicks(long ticks) => FrequencyOffset.FromFraction(Math.ScaleB(ticks, -64));

    /// <summary>What a rate gains in a time, exact to 2^-64 s. The C header does the same in the same steps.</summary>
    internal static Duration Gain(Duration elapsed, long rateTicks)
    {
        Int128 gain = ((Int128)elapsed.WholeSeconds * rateTicks) + (((Int128)elapsed.Fraction * rateTicks) >> 64);
        return Duration.FromFixedPoint((long)(gain >> 64), unchecked((ulong)gain));
    }

    /// <summary>Whether the machine slept between two readings of how long it has slept.</summary>
    internal static bool Slept(Duration before, Duration now) => (now - before).Magnitude >= s_leastSuspend;
}
