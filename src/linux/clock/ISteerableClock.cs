using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>What all the clocks that concern clockd showed at one moment.</summary>
/// <param name="Raw">CLOCK_MONOTONIC_RAW.</param>
/// <param name="Boot">CLOCK_BOOTTIME.</param>
/// <param name="Realtime">CLOCK_REALTIME.</param>
/// <param name="Suspended">How long the machine has been suspended since boot.</param>
public readonly record struct Moment(Instant<Raw> Raw, Instant<Boot> Boot, Instant<Utc> Realtime, Duration Suspended)
{
    /// <summary>Reads the kernel's clocks; raw and realtime belong together to a fraction of a microsecond.</summary>
    public static Moment Now()
    {
        var pair = Clocks.Read();
        return new(pair.Raw, Clocks.Boot(), pair.Realtime, Clocks.Suspended());
    }
}

/// <summary>A phase to work off.</summary>
/// <param name="Phase">Positive advances the clock.</param>
/// <param name="Duration">Until 95 % of it is worked off; zero: as fast as <paramref name="MaxRate"/> allows.</param>
/// <param name="MaxRate">Positive; never exceeded.</param>
public readonly record struct Slew(Duration Phase, Duration Duration, FrequencyOffset MaxRate);

/// <summary>What a clock does.</summary>
public readonly record struct ClockState
{
    /// <summary>What it shows.</summary>
    public Instant<Utc> Time { get; init; }

    /// <summary>Rate correction in force, without the slew.</summary>
    public FrequencyOffset Frequency { get; init; }

    /// <summary>Phase still to be worked off; positive: the clock will be advanced.</summary>
    public Duration PendingPhase { get; init; }

    /// <summary>What the clock is still going to do until its next full second beside <see cref="PendingPhase"/>, which leaves that out; positive advances it.</summary>
    public Duration Running { get; init; }

    /// <summary>How far from where the two lead the clock may end: the kernel notices a full second late. Not negative.</summary>
    public Duration Doubt { get; init; }

    /// <summary>How far the clock is, or comes to be, from where it will be when all is worked off, at most. Not negative.</summary>
    public Duration Unfinished => Duration.Max(PendingPhase.Magnitude, (PendingPhase + Running).Magnitude) + Doubt;

    /// <summary>Of the kernel's loop, log2 s, 0 to 10; 0 for a clock without one.</summary>
    public int TimeConstant { get; init; }

    /// <summary>When the slew asked for last began or begins.</summary>
    public Instant<Utc> SlewStarts { get; init; }
}

/// <summary>A clock that clockd steers: the kernel's or the shadow. It obeys; whether it should was decided before.</summary>
public interface ISteerableClock
{
    TimePageKind Kind { get; }

    /// <summary>The segments of a shadow clock for the time page; none for the kernel's.</summary>
    IReadOnlyList<ClockSegment> Segments { get; }

    ClockState Read(Moment now);

    /// <summary>Sets the rate and, if there is a slew, has the clock move by its phase from now on and no further: it replaces what is pending.</summary>
    void Steer(FrequencyOffset frequency, Slew? slew, Moment now);

    /// <summary>Lets go of the phase that is still pending.</summary>
    void EndSlew(Moment now);

    /// <summary>Jumps; what was pending is dropped.</summary>
    /// <param name="offset">Positive moves the clock forward.</param>
    /// <param name="generation">Number of this step.</param>
    /// <param name="now">Now.</param>
    void StepBy(Duration offset, ulong generation, Moment now);

    /// <summary>Tells programs that ask the clock itself.</summary>
    void Announce(in Announcement announcement);

    /// <summary>To be called once a second while phase is pending.</summary>
    /// <returns>False if somebody else has interfered with the slew; what was pending is then dropped.</returns>
    bool Tick(Moment now);
}
