using System.Text;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Policy;

namespace TimeSuite.Clockd;

/// <summary>Keeps the state on tmpfs, at once, and on disk, soon.</summary>
/// <param name="runtimeFile">Of this boot.</param>
/// <param name="diskFile">For the next boot.</param>
/// <param name="audit">Hears of what is found broken.</param>
public sealed class StateFiles(string runtimeFile, string diskFile, AuditTrail audit) : IStateKeeper
{
    private const int LongestFile = 1 << 16;

    private Task _writing = Task.CompletedTask;

    /// <summary>What is known of this boot, or a fresh state with what outlives a boot.</summary>
    /// <param name="policy">Says what "used up" means: a file that cannot be read hands out nothing.</param>
    /// <param name="boot">This boot.</param>
    /// <param name="ranBefore">Whether a clockd has steered this clock in this boot: then a file has to be there.</param>
    /// <param name="now">Now.</param>
    public PolicyState Load(ClockPolicy policy, Guid boot, bool ranBefore, Moment now)
    {
        var runtime = Read(runtimeFile, now, out bool runtimeIsBad);
        var disk = Read(diskFile, now, out bool diskIsBad);
        if (runtime?.Boot == boot || (disk?.Boot == boot && !runtimeIsBad))
        {
            return runtime?.Boot == boot ? runtime : disk!; // somebody emptied the runtime directory
        }

        bool isLost = runtimeIsBad || ranBefore;
        var lastLeap = disk?.LeapAt ?? (isLost || diskIsBad ? now.Realtime : default);
        var fresh = new PolicyState { Boot = boot, LeapAt = lastLeap, SavedTime = disk?.SavedTime ?? default };
        if (isLost)
        {
            audit.Say(LogLevel.Warning, "clockd", "what this boot has used of its permits is not known: all of them are taken as used up for a day");
        }

        return isLost ? policy.UsedUp(fresh, now.Boot) : fresh;
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
            audit.Say(LogLevel.Warning, "clockd", $"the state was not saved to disk: {failure.Message}");
        }
    }

    private static void Save(string path, PolicyState state, bool isDurable) =>
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(StateText.Write(state)), UnixFileMode.UserRead | UnixFileMode.UserWrite, isDurable);

    private PolicyState? Read(string path, Moment now, out bool isBad)
    {
        var outcome = AtomicFile.Read(path, LongestFile, out byte[] content);
        bool isGood = StateText.TryRead(Encoding.UTF8.GetString(content), out var state);
        isBad = !isGood && outcome != FileOutcome.Absent;
        if (isBad)
        {
            audit.Say(LogLevel.Warning, "clockd", $"{path} makes no sense: set aside as {AtomicFile.SetAside(path, now.Realtime)}");
        }

        return state;
    }
}
