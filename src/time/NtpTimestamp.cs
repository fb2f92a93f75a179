namespace TimeSuite.Time;

/// <summary>A 32.32 fixed-point NTP timestamp: seconds since the start of some 136-year era (RFC 5905 section 6).</summary>
/// <remarks>The era is not on the wire, so order and difference only mean something within 68 years.</remarks>
/// <param name="Bits">The wire value, unit 2^-32 s. Zero means "unknown".</param>
public readonly record struct NtpTimestamp(ulong Bits)
{
    /// <summary>Era 0 began 1900-01-01; Unix time began 70 years, 17 of them leap, later.</summary>
    private const long UnixEpochInEra0 = ((70L * 365) + 17) * 86_400;

    /// <summary>Whether a sender filled this field in.</summary>
    public bool IsKnown => Bits != 0;

    /// <summary>Signed time from <paramref name="earlier"/> to <paramref name="later"/>, right across an era boundary.</summary>
    public static Duration operator -(NtpTimestamp later, NtpTimestamp earlier)
    {
        long ticks = unchecked((long)(later.Bits - earlier.Bits)); // the wrap picks the nearer era
        return Duration.FromFixedPoint(seconds: ticks >> 32, fraction: unchecked((ulong)ticks << 32));
    }

    /// <summary>Drops the era, and the fraction below 2^-32 s.</summary>
    public static NtpTimestamp FromUtc(Instant<Utc> instant)
    {
        var since = instant.SinceEpoch;
        return new(unchecked((ulong)(since.WholeSeconds + UnixEpochInEra0) << 32 | since.Fraction >> 32));
    }

    /// <summary>The one instant of this timestamp in the 136 years that begin at <paramref name="notBefore"/>.</summary>
    /// <remarks>With the day of the program's build as the start, no clock has to be right for the era to be: a machine that wakes in 1970 reads 2037 well.</remarks>
    public Instant<Utc> ToUtc(Instant<Utc> notBefore)
    {
        ulong ahead = unchecked(Bits - FromUtc(notBefore).Bits); // from the start, less its own octets below 2^-32 s
        var start = notBefore.SinceEpoch;
        var floored = Duration.FromFixedPoint(start.WholeSeconds, start.Fraction & 0xFFFF_FFFF_0000_0000);
        return new(floored + Duration.FromFixedPoint((long)(ahead >> 32), ahead << 32));
    }

    /// <summary>The one instant of this timestamp that is less than 68 years from <paramref name="nearby"/>.</summary>
    public Instant<Utc> ToUtcNear(Instant<Utc> nearby) => nearby + (this - FromUtc(nearby)) - BelowResolution(nearby);

    private static Duration BelowResolution(Instant<Utc> instant) =>
        Duration.FromFixedPoint(0, instant.SinceEpoch.Fraction & 0xFFFF_FFFF);
}
