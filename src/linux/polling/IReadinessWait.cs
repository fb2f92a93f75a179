using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>Waits for many descriptors at once, level-triggered, for one thread; only <see cref="Wake"/> is for others too.</summary>
public interface IReadinessWait : IDisposable
{
    /// <summary>Begins to watch for input and errors.</summary>
    /// <param name="descriptor">Whoever owns it keeps it open as long as it is watched.</param>
    /// <param name="token">Comes back in each <see cref="PollEvent"/>; any number but <see cref="long.MinValue"/>.</param>
    /// <param name="isShared">Others watch it too: one of them is to be woken, not all, where that can be had.</param>
    void Add(Descriptor descriptor, long token, bool isShared = false);

    /// <summary>Waits until something is ready, <see cref="Wake"/> is called, or the time is over.</summary>
    /// <param name="timeout">Rounded up to a millisecond; null waits for ever.</param>
    /// <param name="events">Filled from the start; what does not fit comes with the next call.</param>
    /// <returns>How many events; zero now and then for no reason.</returns>
    int Wait(Duration? timeout, Span<PollEvent> events);

    /// <summary>Ends the wait that is going on, or the next one. From any thread.</summary>
    void Wake();
}
