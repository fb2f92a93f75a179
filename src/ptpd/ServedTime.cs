using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>What our ports serve as masters: the clock that clockd steers, on the scale that we announce. That is TAI; in a boundary clock whose master serves another scale, that one.</summary>
/// <param name="clock">The clock.</param>
/// <param name="arbitraryIsUtc">What a master's arbitrary scale is; else nobody knows, and nothing is handed on.</param>
internal sealed class ServedTime(SuiteClock clock, bool arbitraryIsUtc) : ILocalTime
{
    private readonly StepRecord _steps = new();

    /// <summary>Whose ports they are.</summary>
    public PtpInstance? Instance { get; set; }

    /// <summary>How much the served scale is ahead of UTC; null: that is not known.</summary>
    public Duration? AheadOfUtc => Instance switch
    {
        null => null,
        { IsGrandmaster: false } follower when (follower.Time.Flags & PtpFlags.PtpTimescale) == 0 => arbitraryIsUtc ? Duration.Zero : null,
        var instance => clock.TaiMinusUtc() is { } known ? Duration.FromSeconds((long)known) : instance.IsGrandmaster ? null : instance.Time.TaiMinusUtc,
    };

    /// <summary>
    /// Whether a leap second happens now, or so nearly that the clock and TAI - UTC may not agree on whether it has happened: the kernel repeats a second at midnight, and clockd tells of it in the
    /// second after that. For that long nothing is served; one second of wrong time would be far worse.
    /// </summary>
    internal static bool LeapIsAtHand(Instant<Utc> time, LeapSecond leap)
    {
        if (leap == LeapSecond.None)
        {
            return false;
        }

        const long day = 86_400, around = 3; // s
        long second = time.SinceEpoch.WholeSeconds % day;
        return second < around || second >= day - around;
    }

    /// <inheritdoc/>
    public Instant<Local>? Now => new(Linux.Clocks.Raw().SinceEpoch);

    /// <inheritdoc/>
    public (uint Count, Duration Sum) Steps => _steps.Steps;

    /// <inheritdoc/>
    public bool TryToTai(Instant<Local> stamp, out Instant<Tai> time)
    {
        time = default;
        if (!clock.MayServe(out _, out var leap) || !clock.TryShow(stamp, out var utc) || LeapIsAtHand(utc, leap) || AheadOfUtc is not { } ahead)
        {
            return false;
        }

        time = new(utc.SinceEpoch + ahead);
        if (clock.Steered is { } steered)
        {
            _steps.Note(steered.Steps, steered.Frequency, stamp, time);
        }

        return true;
    }
}
