using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>What a clock may be off by and may go on to gain, if samples that nobody believes yet are right: of a source that is suddenly elsewhere, or of a rate that has changed.</summary>
/// <param name="Size">Not negative.</param>
/// <param name="Rate">Of its growth, s/s, not negative.</param>
internal readonly record struct Suspicion(Duration Size, double Rate)
{
    /// <param name="size">How far the newest sample is elsewhere, not negative.</param>
    /// <param name="believed">When the newest sample came that is believed.</param>
    /// <param name="heard">When the newest one came.</param>
    /// <param name="at">Now.</param>
    public static Suspicion Of(Duration size, Instant<Raw> believed, Instant<Raw> heard, Instant<Raw> at)
    {
        double rate = size.Seconds / Math.Max((heard - believed).Seconds, 1e-3);
        return rate > DelayEstimator.WildestRate ? new(size, 0) : new(size + Duration.FromSeconds(rate * Math.Max((at - heard).Seconds, 0)), rate); // beyond any rate, it is no rate
    }
}
