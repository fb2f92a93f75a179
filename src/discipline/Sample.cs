using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>One crossing of the border between our oscillator and somebody's UTC: the two readings of one event's ends.</summary>
/// <param name="Local">Our end, on CLOCK_MONOTONIC_RAW: the departure of a request, the arrival of a reply, the edge of a pulse.</param>
/// <param name="Remote">Their end, on UTC.</param>
public readonly record struct Leg(Instant<Raw> Local, Instant<Utc> Remote);

/// <summary>A measurement against a source, the same shape for NTP, PTP and reference clocks.</summary>
/// <remarks>
/// With o = UTC minus raw time at that moment and one-way delays d1, d2 >= 0:
/// forward: Remote - Local = o + d1 (our request travels, then they look at their clock);
/// backward: Remote - Local = o - d2 (they look at their clock, then the reply travels).
/// NTP has both legs; one PTP Sync is a backward leg, its Delay_Req a forward one; a pulse is a backward leg whose delay is the
/// cable's. The legs stay apart because delays are positive and long-tailed: their half-sum throws that knowledge away.
/// </remarks>
public readonly record struct Sample
{
    /// <summary>For what a lone leg can exclude: no single delay is longer.</summary>
    private static readonly Duration LongestOneWay = Duration.FromSeconds(3L);

    /// <summary>From us to the source. Absent for one-way sources.</summary>
    public Leg? Forward { get; init; }

    /// <summary>From the source to us.</summary>
    public Leg? Backward { get; init; }

    /// <summary>How wrong each local stamp may be: half-width, not negative.</summary>
    public Duration StampError { get; init; }

    /// <summary>The source's own resolution (its precision), not negative.</summary>
    public Duration Resolution { get; init; }

    /// <summary>Round trip from the source to its reference clock (RFC 5905 section 7.3), not negative.</summary>
    public Duration RootDelay { get; init; }

    /// <summary>What the source itself says of its error against its reference clock, not negative.</summary>
    public Duration RootDispersion { get; init; }

    /// <summary>
    /// What our oscillator is known to lack, where the legs are so far apart in time that it would be seen in their difference: UTC gained per raw second. What the
    /// legs say of the rate is not changed by it: only <see cref="Delay"/>, <see cref="Middle"/> and what is thought impossible go by it.
    /// </summary>
    public FrequencyOffset Rate { get; init; }

    /// <summary>When the sample was complete: the later of the local stamps.</summary>
    public Instant<Raw> At => Backward is { } back ? back.Local : Forward!.Value.Local;

    /// <summary>Round trip less the source's own time, absent for one-way sources. Can be negative by the stamps' errors.</summary>
    public Duration? Delay => Forward is { } out1 && Backward is { } back
        ? Elapsed(back.Local - out1.Local) - (back.Remote - out1.Remote)
        : null;

    /// <summary>UTC at <see cref="At"/> if both ways took equally long; of a one-way source, if it took no time.</summary>
    public Instant<Utc> Middle
    {
        get
        {
            var early = Backward is { } back ? back.Remote : Forward!.Value.Remote;
            var late = Forward is { } forth ? forth.Remote + Elapsed(At - forth.Local) : early;
            return Backward is null ? late : early + (late - early).Half();
        }
    }

    /// <summary>
    /// UTC at <see cref="At"/> lies between these, whatever the delays were. Where stamps contradict each other (the round trip is negative: somebody's latency is not what he thinks), between them it may be too.
    /// </summary>
    internal (Instant<Utc> Earliest, Instant<Utc> Latest) Limits
    {
        get
        {
            var latest = Forward is { } forth ? forth.Remote + Elapsed(At - forth.Local) : Backward!.Value.Remote + LongestOneWay;
            var earliest = Backward is { } back ? back.Remote : latest - LongestOneWay;
            return earliest <= latest ? (earliest, latest) : (latest, earliest);
        }
    }

    /// <summary>What a length of raw time is in UTC, as far as <see cref="Rate"/> is known.</summary>
    internal Duration Elapsed(Duration raw) => Rate == FrequencyOffset.Zero ? raw : raw + raw.At(Rate);
}
