using System.Text;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Policy;

namespace TimeSuite.Clockd;

/// <summary>Keeps the state on tmpfs, at once, and on disk, soon.</summary>
/// <param name="runtimeFile">Of this boot.</param>
/// <param name="diskFile">For the next boot.</param>
/// <param name="log">For what is found broken.</param>
public sealed partial class StateFiles(string runtimeFile, string diskFile, ILogger log) : IStateKeeper
{
    private const int LongestFile = 1 << 16;

    private readonly Lock _oneAtATime = new();
    private PolicyState? _unwritten;

    /// <summary>What is known of this boot, or a fresh state with what outlives a boot.</summary>
    /// <param name="policy">Says what "used up" means: a file that cannot be read hands out nothing.</param>
    /// <param name="boot">This boot.</param>
    /// <param name="ranBefore">Whether a clockd has steered this clock in this boot: then a file has to be there.</param>
    /// <param name="now">Now.</param>
    public PolicyState Load(ClockPolicy policy, Guid boot, bool ranBefore, Moment now)
    {
        var runtime = Read(runtimeFile, now, out bool runtimeIsBad);
        var disk = Read(diskFile, now, out bool diskIsBad);
        if (runtime?.Boot == boot)
        {
            return runtime;
        }

        if (disk?.Boot == boot && !runtimeIsBad)
        {
            return disk; // somebody emptied the runtime directory
        }

        var fresh = new PolicyState { Boot = boot, LeapAt = disk?.LeapAt ?? default, SavedTime = disk?.SavedTime ?? default };
        if (runtimeIsBad || ranBefore)
        {
            LogUsedUp();
            var worst = policy.UsedUp(fresh, now.Boot, now.Realtime);
            return disk is null ? worst : worst with { LeapAt = disk.LeapAt };
        }

        return diskIsBad ? fresh with { LeapAt = now.Realtime } : fresh;
    }

    public void SaveRuntime(PolicyState state) => Save(runtimeFile, state, isDurable: false);

    public void SaveToDisk(PolicyState state)
    {
        Volatile.Write(ref _unwritten, state);
        ThreadPool.QueueUserWorkItem(_ => Flush());
    }

    /// <summary>Writes what was last to be saved to disk, if it is not there yet. Slow.</summary>
    public void Flush()
    {
        lock (_oneAtATime)
        {
            try
            {
                if (Interlocked.Exchange(ref _unwritten, null) is { } state)
                {
                    Save(diskFile, state, isDurable: true);
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                LogNotSaved(failure.Message);
            }
        }
    }

    private static void Save(string path, PolicyState state, bool isDurable) =>
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(StateText.Write(state)), UnixFileMode.UserRead | UnixFileMode.UserWrite, isDurable);

    private PolicyState? Read(string path, Moment now, out bool isBad)
    {
        var outcome = AtomicFile.Read(path, LongestFile, out byte[] content);
        if (outcome == FileOutcome.Read && StateText.TryRead(Encoding.UTF8.GetString(content), out var state))
        {
            isBad = false;
            return state;
        }

        isBad = outcome != FileOutcome.Absent;
        if (isBad)
        {
            LogSetAside(path, AtomicFile.SetAside(path, now.Realtime));
        }

        return null;
    }

    [LoggerMessage(LogLevel.Warning, "{File} makes no sense: set aside as {Aside}")]
    private partial void LogSetAside(string file, string aside);

    [LoggerMessage(LogLevel.Warning, "what this boot has used of its permits is not known: all of them are taken as used up for a day")]
    private partial void LogUsedUp();

    [LoggerMessage(LogLevel.Warning, "the state was not saved to disk: {Reason}")]
    private partial void LogNotSaved(string reason);
}
