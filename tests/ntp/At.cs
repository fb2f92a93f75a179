namespace TimeSuite.Ntp.Tests;

/// <summary>Instants and lengths as the tests write them.</summary>
internal static class At
{
    /// <summary>2023-11-14T22:13:20Z: where raw time 0 lies on the servers of these tests, unless they say otherwise.</summary>
    public static readonly Instant<Utc> Epoch = new(Duration.FromSeconds(1_700_000_000L));

    public static readonly Instant<Utc> Floor = new(Duration.FromSeconds(1_600_000_000L));

    public static Duration Seconds(double seconds) => Duration.FromSeconds(seconds);

    public static Instant<Raw> Raw(double seconds) => new(Duration.FromSeconds(seconds));

    public static Instant<Utc> Utc(double secondsAfterEpoch) => Epoch + Duration.FromSeconds(secondsAfterEpoch);

    public static NtpTimestamp Ntp(double secondsAfterEpoch) => NtpTimestamp.FromUtc(Utc(secondsAfterEpoch));

    public static Stamp Daemon(double seconds) => new(Raw(seconds), StampSource.Daemon, Duration.Zero);

    public static Stamp Kernel(double seconds) => new(Raw(seconds), StampSource.Kernel, Duration.Zero);
}
