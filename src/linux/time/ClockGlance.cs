using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>Three clocks of the kernel, read one right after the other. With no check that nothing came between.</summary>
/// <param name="Raw">CLOCK_MONOTONIC_RAW: neither slewed nor stepped.</param>
/// <param name="Steady">CLOCK_MONOTONIC since its start: slewed as the system's clock is, but never stepped.</param>
/// <param name="Realtime">The system's clock.</param>
/// <remarks>Steady is read first and Realtime last: they differ by a constant and the time that the reading took, whatever the slew, until there is a step.</remarks>
public readonly record struct ClockGlance(Instant<Raw> Raw, Duration Steady, Instant<Utc> Realtime);
