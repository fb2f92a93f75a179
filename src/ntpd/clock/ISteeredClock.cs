using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Clock;

/// <summary>The clock that clockd steers, as anybody may read it.</summary>
internal interface ISteeredClock
{
    /// <summary>Whether it is the system's or a shadow; None before clockd has written its page.</summary>
    TimePageKind Kind { get; }

    /// <summary>For the discipline: what the clock shows now, and what it is still going to do by itself.</summary>
    /// <returns>False before clockd has written its page.</returns>
    bool TryRead(out LocalClock clock);

    /// <summary>What clockd publishes of the error now: with the phase that is still pending in it, and only if it believes in it.</summary>
    /// <param name="now">Now.</param>
    /// <param name="bound">Half-width of the interval around the clock's reading that holds true time.</param>
    /// <returns>False if the clock is not synchronised.</returns>
    bool TryReadBound(Instant<Raw> now, out Duration bound);
}
