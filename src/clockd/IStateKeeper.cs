using TimeSuite.Policy;

namespace TimeSuite.Clockd;

/// <summary>Keeps what policy has to remember, beyond the death of clockd and beyond the boot.</summary>
public interface IStateKeeper
{
    /// <summary>Before the deed; survives kill -9.</summary>
    /// <exception cref="IOException">The deed must then not be done.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    void SaveRuntime(PolicyState state);

    /// <summary>For the next boot. Returns at once, and does not fail: time keeping goes on without it.</summary>
    void SaveToDisk(PolicyState state);
}
