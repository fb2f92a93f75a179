using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>How a hardware clock is read against the system's, the best first. See ioctl(2) and the kernel's ptp.rst.</summary>
public enum PhcMethod
{
    /// <summary>PTP_SYS_OFFSET_PRECISE: both clocks at the same moment, by the hardware.</summary>
    Precise,

    /// <summary>PTP_SYS_OFFSET_EXTENDED: the system's clock right before and after the device's register.</summary>
    Extended,

    /// <summary>PTP_SYS_OFFSET: the system's clock before and after the whole of the driver's reading.</summary>
    Plain,
}

/// <summary>What a hardware clock, the bare oscillator and the system's clock showed at one moment.</summary>
/// <param name="Phc">The hardware clock, exact.</param>
/// <param name="Raw">CLOCK_MONOTONIC_RAW.</param>
/// <param name="Realtime">CLOCK_REALTIME.</param>
/// <param name="HalfWidth">The moment of <paramref name="Phc"/> is no further than this from the other two.</param>
/// <param name="Method">How it was read.</param>
public readonly record struct PhcReading(Instant<Phc> Phc, Instant<Raw> Raw, Instant<Utc> Realtime, Duration HalfWidth, PhcMethod Method)
{
    /// <summary>Without the system's clock.</summary>
    public ClockPair<Phc> Pair => new(Raw, Phc, HalfWidth);
}

/// <summary>One look at a hardware clock between two looks at the system's.</summary>
/// <param name="Before">CLOCK_REALTIME.</param>
/// <param name="Phc">The hardware clock.</param>
/// <param name="After">CLOCK_REALTIME.</param>
internal readonly record struct PhcLook(Duration Before, Duration Phc, Duration After)
{
    public Duration HalfWidth => (After - Before).Half();

    public Duration Middle => Before + HalfWidth;

    /// <summary>Of the hardware clock from the system's, within <see cref="HalfWidth"/>.</summary>
    public Duration Offset => Phc - Middle;

    /// <summary>Chooses from several looks in a row: the narrowest of those that most of them do not contradict. So one that was held up, or that went back, is not taken.</summary>
    /// <returns>-1 if none is any good.</returns>
    public static int Best(ReadOnlySpan<PhcLook> looks)
    {
        int best = -1;
        for (int i = 0; i < looks.Length; i++)
        {
            if (looks[i].HalfWidth.Sign < 0 || (best >= 0 && looks[i].HalfWidth >= looks[best].HalfWidth))
            {
                continue; // the system's clock was stepped meanwhile, or there is a better one
            }

            int agree = 0;
            foreach (var other in looks)
            {
                agree += (other.Offset - looks[i].Offset).Magnitude <= other.HalfWidth + looks[i].HalfWidth ? 1 : 0;
            }

            best = 2 * agree > looks.Length ? i : best;
        }

        return best;
    }
}
