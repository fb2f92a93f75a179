using TimeSuite.Time;
using Wire = TimeSuite.Rpc.Time.V1;

namespace TimeSuite.Rpc;

/// <summary>Where the vocabulary of the wire and that of the code meet; exact in both directions.</summary>
public static class WireMapping
{
    private const long Reach = 1L << 33; // s, 272 years: no length that a peer may send means more

    public static Wire.Duration ToWire(this Duration value) => new() { Seconds = value.WholeSeconds, Fraction = value.Fraction };

    public static Wire.Duration ToWire<TScale>(this Instant<TScale> value) where TScale : struct, ITimescale => value.SinceEpoch.ToWire();

    public static Duration ToDomain(this Wire.Duration value) => Duration.FromFixedPoint(value.Seconds, value.Fraction);

    public static Instant<TScale> ToInstant<TScale>(this Wire.Duration value) where TScale : struct, ITimescale => new(value.ToDomain());

    public static Wire.LeapSecond ToWire(this LeapSecond value) => value switch
    {
        LeapSecond.Insert => Wire.LeapSecond.Insert,
        LeapSecond.Delete => Wire.LeapSecond.Delete,
        _ => Wire.LeapSecond.None,
    };

    /// <returns>False for a number that no version of the protocol defines.</returns>
    public static bool TryToDomain(this Wire.LeapSecond value, out LeapSecond leap)
    {
        (bool known, leap) = value switch
        {
            Wire.LeapSecond.None => (true, LeapSecond.None),
            Wire.LeapSecond.Insert => (true, LeapSecond.Insert),
            Wire.LeapSecond.Delete => (true, LeapSecond.Delete),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>For what a peer sends: any numbers may be in it.</summary>
    /// <returns>False if absent or longer than anything that is meant.</returns>
    public static bool TryToDomain(this Wire.Duration? value, out Duration length)
    {
        bool isInReach = value is { Seconds: >= -Reach and <= Reach };
        length = isInReach ? value!.ToDomain() : default;
        return isInReach;
    }

    /// <returns>False if a length is missing (sigma may be) or out of reach. A leap second that nobody defines becomes one that policy refuses.</returns>
    public static bool TryToDomain(this Clock.V1.Announce value, out Announcement announcement)
    {
        bool isRead = TryToDomain(value.Bound, out var bound) & TryToDomain(value.Sigma ?? new(), out var sigma) & TryToDomain(value.Interval, out var interval);
        announcement = new()
        {
            Synchronized = value.Synchronized,
            Bound = bound,
            Sigma = sigma,
            Growth = FrequencyOffset.FromPpb(value.BoundGrowthPpb),
            Interval = interval,
            Leap = value.Leap.TryToDomain(out var leap) ? leap : (LeapSecond)(-1),
            TaiOffset = value.HasTaiOffsetS ? value.TaiOffsetS : null,
        };
        return isRead;
    }
}
