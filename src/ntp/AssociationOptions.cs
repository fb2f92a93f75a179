namespace TimeSuite.Ntp;

/// <summary>How to talk to one server. Does not change during the life of an association.</summary>
public sealed record AssociationOptions
{
    /// <summary>The shortest and the longest interval that an association can have: 2^-4 and 2^17 s.</summary>
    public static readonly Duration ShortestPoll = Duration.FromSeconds(0.0625), LongestPoll = Duration.FromSeconds(1L << 17);

    /// <summary>The server's timestamps mean the 136 years that begin here: the day of the build.</summary>
    public required Instant<Utc> Floor { get; init; }

    /// <summary>3 or 4: what our requests say.</summary>
    public int Version { get; init; } = 4;

    /// <summary>Shortest interval between polls; default 64 s.</summary>
    public Duration MinPoll { get; init; } = Duration.FromSeconds(1L << 6);

    /// <summary>Longest interval between polls that nobody forces on us; default 1,024 s. Below a second it is a wish, for the poll controller to grant where the server is near.</summary>
    public Duration MaxPoll { get; init; } = Duration.FromSeconds(1L << 10);

    /// <summary>Ask every 2 s until four samples are there, at the start and whenever the server comes back.</summary>
    public bool Iburst { get; init; } = true;

    /// <summary>At each poll, ask up to four times until one sample is there; never more often than <see cref="MinPoll"/> on average.</summary>
    public bool Burst { get; init; }

    /// <summary>RFC 9769. A server that does not know it answers in basic mode, and that is fine.</summary>
    public bool Interleaved { get; init; }

    /// <summary>Samples of a longer round trip are refused.</summary>
    public Duration MaxDelay { get; init; } = Duration.FromSeconds(3L);

    /// <summary>How long a good reply waits for the kernel's stamp of its request. Zero: not at all; right when stamps are not asked for.</summary>
    public Duration StampPatience { get; init; }

    /// <summary>Starts silent until <see cref="Association.SetOnline"/>.</summary>
    public bool Offline { get; init; }

    /// <summary>Limits an interval to the range of these options, which itself is limited to what an association can have.</summary>
    public Duration Clamp(Duration interval) => Duration.Min(
        Duration.Max(interval, Duration.Max(MinPoll, ShortestPoll)),
        Duration.Min(Duration.Max(Duration.Max(MaxPoll, MinPoll), s_second), LongestPoll));

    private static readonly Duration s_second = Duration.FromSeconds(1L);
}
