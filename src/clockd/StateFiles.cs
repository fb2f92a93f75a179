using System.Text;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Policy;

namespace TimeSuite.Clockd;

/// <summary>Keeps what policy has to remember, beyond the death of clockd and beyond the boot.</summary>
public interface IStateKeeper
{
    /// <summary>Before the deed; survives kill -9.</summary>
    /// <exception cref="IOException">Or UnauthorizedAccessException: the deed must then not be done.</exception>
    void SaveRuntime(PolicyState state);

    /// <summary>For the next boot. Returns at once, and does not fail: time keeping goes on without it.</summary>
    void SaveToDisk(PolicyState state);
}

/// <summary>Keeps the state in a file of this boot, on tmpfs, at once, and in one for the next boot, on disk, soon.</summary>
public sealed class StateFiles(string runtimeFile, string diskFile, AuditTrail audit) : IStateKeeper
{
    private const int LongestFile = 1 << 16;

    private Task _writing = Task.CompletedTask;

    /// <summary>What this boot, or this clockd, begins with.</summary>
    public PolicyState Load(ClockPolicy policy, Guid boot, bool ranBefore, Moment now)
    {
        var state = policy.Begin(boot, Read(runtimeFile, now), Read(diskFile, now), ranBefore, now.Boot, now.Realtime, out bool isLost);
        if (isLost)
        {
            audit.Say(LogLevel.Warning, "what this boot has used of its permits is not known: all of them are taken as used up for a day");
        }

        return state;
    }

    public void SaveRuntime(PolicyState state) => Save(runtimeFile, state, isDurable: false);

    public void SaveToDisk(PolicyState state) => _writing = _writing.ContinueWith(_ => WriteToDisk(state), TaskScheduler.Default);

    /// <summary>Waits until all is on disk.</summary>
    public void Flush() => _writing.Wait();

    private void WriteToDisk(PolicyState state)
    {
        try
        {
            Save(diskFile, state, isDurable: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            audit.Say(LogLevel.Warning, $"the state was not saved to disk: {failure.Message}");
        }
    }

    private static void Save(string path, PolicyState state, bool isDurable) =>
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(StateText.Write(state)), UnixFileMode.UserRead | UnixFileMode.UserWrite, isDurable);

    private Found Read(string path, Moment now)
    {
        var outcome = AtomicFile.Read(path, LongestFile, out byte[] content);
        if (StateText.TryRead(Encoding.UTF8.GetString(content), out var state) || outcome == FileOutcome.Absent)
        {
            return new(state, IsBad: false);
        }

        audit.Say(LogLevel.Warning, $"{path} makes no sense: set aside as {AtomicFile.SetAside(path, now.Realtime)}");
        return new(null, IsBad: true);
    }
}
