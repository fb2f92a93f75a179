using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>How the kernel's phase-locked loop is told to work off a phase. Pure arithmetic.</summary>
/// <remarks>
/// Each second the loop takes 1/2^(2 + tc) of what is left (kernel/time/ntp.c, second_overflow), so the first second is the fastest
/// and 95 % are gone after ln(20) times 2^(2 + tc) s, which is 3 of them.
/// </remarks>
/// <param name="TimeConstant">tc, 0 to <see cref="MaxTimeConstant"/>.</param>
/// <param name="Part">The most that may be handed to the kernel at a time; the rest follows second by second.</param>
public readonly record struct SlewPlan(int TimeConstant, Duration Part)
{
    /// <summary>MAXTC of the kernel.</summary>
    public const int MaxTimeConstant = 10;

    /// <summary>MAXPHASE of the kernel: a longer ADJ_OFFSET is cut.</summary>
    public static Duration MaxPart => Duration.FromNanoseconds(500_000_000);

    /// <summary>The smallest time constant that keeps to the rate limit, raised while 95 % still fit into the wanted duration.</summary>
    /// <param name="phase">To be worked off, either sign.</param>
    /// <param name="duration">Until 95 % are worked off; not negative; zero: as fast as the limit allows.</param>
    /// <param name="maxRate">Positive.</param>
    public static SlewPlan For(Duration phase, Duration duration, FrequencyOffset maxRate)
    {
        int tc = 0;
        var part = Duration.Min(phase.Magnitude, MaxPart); // a longer phase is worked off by parts, at the steady rate part / divisor
        double slowest = phase.Magnitude <= MaxPart ? duration.Seconds / 3 : duration.Seconds * (part.Seconds / phase.Magnitude.Seconds); // divisor, s
        while (tc < MaxTimeConstant && (part > Capacity(tc, maxRate) || Divisor(tc + 1) <= slowest))
        {
            tc++;
        }

        return new(tc, Duration.Min(MaxPart, Capacity(tc, maxRate)));
    }

    private static double Divisor(int tc) => 1 << (2 + tc); // s

    private static Duration Capacity(int tc, FrequencyOffset maxRate) => Duration.FromSeconds(Divisor(tc)).At(maxRate);
}
