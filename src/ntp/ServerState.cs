namespace TimeSuite.Ntp;

/// <summary>What a server says of itself in every reply: the system variables of RFC 5905 section 11.1.</summary>
public readonly record struct ServerState
{
    public required LeapIndicator Leap { get; init; }

    /// <summary>1 to 15; 16: unsynchronised, which is 0 on the wire.</summary>
    public required int Stratum { get; init; }

    /// <summary>Resolution of our clock, log2 s.</summary>
    public required sbyte Precision { get; init; }

    public ReferenceId ReferenceId { get; init; }

    /// <summary>When our clock was last set or corrected.</summary>
    public NtpTimestamp ReferenceTime { get; init; }

    public Duration RootDelay { get; init; }

    /// <summary>As it was at <see cref="AsOf"/>; it grows from there.</summary>
    public Duration RootDispersion { get; init; }

    /// <summary>When <see cref="RootDispersion"/> was true. Unknown: it does not grow.</summary>
    public NtpTimestamp AsOf { get; init; }

    /// <summary>How fast the dispersion grows; default is PHI, 15 ppm (RFC 5905 section 7.2).</summary>
    public FrequencyOffset Growth { get; init; } = FrequencyOffset.FromPpm(15);

    public ServerState()
    {
    }

    /// <summary>Nobody should follow us: leap 3, no stratum, no reference id (letters there would read as a kiss).</summary>
    public static ServerState Unsynchronized(sbyte precision) =>
        new() { Leap = LeapIndicator.Unsynchronized, Stratum = 16, Precision = precision };

    /// <summary>The claim of error at <paramref name="at"/>.</summary>
    public Duration RootDispersionAt(NtpTimestamp at) =>
        AsOf.IsKnown ? RootDispersion + Duration.Max(at - AsOf, Duration.Zero).At(Growth) : RootDispersion;
}
