using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>What the raw oscillator and the system's clock showed at one moment.</summary>
/// <param name="Raw">Middle of the two raw readings around the other.</param>
/// <param name="Realtime">CLOCK_REALTIME, exact.</param>
/// <param name="HalfWidth">The raw instant of <paramref name="Realtime"/> is no further than this from <paramref name="Raw"/>.</param>
public readonly record struct ClockTriple(Instant<Raw> Raw, Instant<Utc> Realtime, Duration HalfWidth)
{
    /// <summary>The same.</summary>
    public ClockPair<Utc> Pair => new(Raw, Realtime, HalfWidth);
}

/// <summary>What the raw oscillator and some other clock showed at one moment.</summary>
/// <typeparam name="TScale">The other clock's.</typeparam>
/// <param name="Raw">Of the raw oscillator.</param>
/// <param name="Shown">By the other clock, exact.</param>
/// <param name="HalfWidth">The raw instant of <paramref name="Shown"/> is no further than this from <paramref name="Raw"/>.</param>
public readonly record struct ClockPair<TScale>(Instant<Raw> Raw, Instant<TScale> Shown, Duration HalfWidth)
    where TScale : struct, ITimescale;
