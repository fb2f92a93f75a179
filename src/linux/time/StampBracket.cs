using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>Why a kernel stamp could not be carried over to the raw clock.</summary>
public enum StampRefusal
{
    /// <summary>It was carried over.</summary>
    None,

    /// <summary>The stamp is not between the two readings: an old packet, or the clock was stepped back and forth.</summary>
    Outside,

    /// <summary>Between the two readings the system's clock moved against the raw one by more than a steady rate explains: it was stepped.</summary>
    Moved,
}

/// <summary>A kernel stamp on the raw clock.</summary>
/// <param name="At">Where the stamp lies.</param>
/// <param name="Error">How wrong that may be: half-width, not negative.</param>
public readonly record struct RawStamp(Instant<Raw> At, Duration Error);

/// <summary>Carries kernel stamps (CLOCK_REALTIME) over to CLOCK_MONOTONIC_RAW, between two readings of both. Pure arithmetic.</summary>
/// <param name="Before">A reading before the event.</param>
/// <param name="After">A reading after it, in time before the stamp is used.</param>
/// <param name="SteadyRate">As of <see cref="StampBracket{TScale}"/>.</param>
public readonly record struct StampBracket(ClockTriple Before, ClockTriple After, FrequencyOffset SteadyRate = default)
{
    /// <summary>Beyond this the clock was stepped, or slewed so fast that a stamp is not worth having.</summary>
    public static Duration MaxMovement => Duration.FromNanoseconds(50_000);

    /// <inheritdoc cref="StampBracket{TScale}.Movement"/>
    public Duration Movement => Bracket.Movement;

    private StampBracket<Utc> Bracket => new(Before.Pair, After.Pair, SteadyRate);

    /// <inheritdoc cref="StampBracket{TScale}.Map"/>
    public StampRefusal Map(Instant<Utc> stamp, out RawStamp mapped) => Bracket.Map(stamp, out mapped);
}

/// <summary>Carries stamps of a clock over to CLOCK_MONOTONIC_RAW, between two readings of both. Pure arithmetic.</summary>
/// <remarks>
/// Another daemon may slew the system's clock by up to 8 % or step it. With o = shown - raw at each end, the raw instant of a stamp
/// in between is interpolated; its error is the wider of the two readings' half-widths and all of the change of o that the
/// steady rate does not explain: whenever in between the slew ran, o stays between its ends.
/// </remarks>
/// <typeparam name="TScale">Of the clock that stamps.</typeparam>
/// <param name="Before">A reading before the event.</param>
/// <param name="After">A reading after it, in time before the stamp is used.</param>
/// <param name="SteadyRate">How much faster the clock is known to run than the raw one, e.g. the kernel's frequency correction.
/// Zero if not known: then a long bracket costs error.</param>
public readonly record struct StampBracket<TScale>(ClockPair<TScale> Before, ClockPair<TScale> After, FrequencyOffset SteadyRate = default)
    where TScale : struct, ITimescale
{
    /// <summary>What the clock gained on the raw one between the two readings beyond the steady rate: positive, it ran faster.</summary>
    public Duration Movement => Gain - Width.At(SteadyRate);

    private Duration Width => After.Raw - Before.Raw;

    private Duration Gain => After.Shown - Before.Shown - Width;

    /// <summary>Finds the raw instant of a stamp.</summary>
    /// <param name="stamp">By the clock, as it was taken.</param>
    /// <param name="mapped">The instant and its error, if the result is <see cref="StampRefusal.None"/>.</param>
    public StampRefusal Map(Instant<TScale> stamp, out RawStamp mapped)
    {
        mapped = default;
        var moved = Movement.Magnitude;
        if (Width.Sign < 0 || moved > StampBracket.MaxMovement)
        {
            return StampRefusal.Moved;
        }

        if (stamp < Before.Shown || stamp > After.Shown)
        {
            return StampRefusal.Outside;
        }

        var elapsed = stamp - Before.Shown;
        var whole = After.Shown - Before.Shown;
        double share = whole.Sign > 0 ? elapsed.Seconds / whole.Seconds : 0; // 0 to 1
        mapped = new(Before.Raw + (elapsed - Gain.Times(share)), Duration.Max(Before.HalfWidth, After.HalfWidth) + moved);
        return StampRefusal.None;
    }
}
