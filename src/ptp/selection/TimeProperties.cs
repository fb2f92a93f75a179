namespace TimeSuite.Ptp;

/// <summary>What the flags and the offset of an Announce say of the time (IEEE 1588-2019 clause 8.2.4).</summary>
/// <param name="UtcOffset">TAI - UTC, s. Meaningless unless <see cref="PtpFlags.UtcOffsetValid"/> is in <paramref name="Flags"/>.</param>
/// <param name="Flags">Those of time: leap seconds, validity, scale, traceability.</param>
/// <param name="Source">For people.</param>
public readonly record struct TimeProperties(short UtcOffset, PtpFlags Flags, TimeSource Source)
{
    private const PtpFlags OfTime = PtpFlags.Leap61 | PtpFlags.Leap59 | PtpFlags.UtcOffsetValid | PtpFlags.PtpTimescale
        | PtpFlags.TimeTraceable | PtpFlags.FrequencyTraceable | PtpFlags.SynchronizationUncertain;

    /// <summary>TAI - UTC if the master vouches for it.</summary>
    public Duration? TaiMinusUtc => (Flags & (PtpFlags.UtcOffsetValid | PtpFlags.PtpTimescale)) == (PtpFlags.UtcOffsetValid | PtpFlags.PtpTimescale) ? Duration.FromSeconds((long)UtcOffset) : null;

    /// <summary>From an Announce.</summary>
    public static TimeProperties Of(in PtpHeader header, in AnnounceBody body) => new(body.UtcOffset, header.Flags & OfTime, body.TimeSource);
}
