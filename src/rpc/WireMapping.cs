using TimeSuite.Time;
using Wire = TimeSuite.Rpc.Time.V1;

namespace TimeSuite.Rpc;

/// <summary>Where the vocabulary of the wire and that of the code meet; exact in both directions.</summary>
public static class WireMapping
{
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
}
