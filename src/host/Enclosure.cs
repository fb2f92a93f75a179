using TimeSuite.Linux;

namespace TimeSuite.Host;

/// <summary>What a daemon may beside reading, if nobody else has seen to it.</summary>
/// <param name="Name">The daemon's.</param>
/// <param name="Capabilities">Those that it can have a use for; it does not get them by this.</param>
/// <param name="UsesTcp">Whether it binds and connects TCP sockets.</param>
/// <param name="Devices">Directories of devices that it writes to.</param>
public sealed record Enclosure(string Name, IReadOnlyList<int> Capabilities, bool UsesTcp, params IReadOnlyList<string> Devices)
{
    private static readonly string[] s_short = ["--help", "--version", "--end-slews"];

    /// <summary>
    /// Without systemd, whose unit does all this: gives up every capability that is not needed, gaining any, and writing outside of the daemon's own directories and its logs; and begins the program again, for
    /// all of that is a thread's and there are several by now. With systemd, and the second time, nothing is done.
    /// </summary>
    /// <remarks>It has to come first in Main: what follows would be done twice.</remarks>
    /// <param name="args">Main's.</param>
    /// <param name="logs">Finds the directory of its logs in a configuration; null: it has none.</param>
    public void Enter(string[] args, Func<string, string?>? logs = null)
    {
        if (ProgramAgain.IsSecondTime() || IsUnit() || args.Intersect(s_short).Any())
        {
            return;
        }

        string runtime = Value(args, "--runtime-dir", "/run/timesuite"), state = Value(args, "--state-dir", "/var/lib/timesuite");
        List<string> directories = [Path.GetFullPath(Path.Combine(runtime, Name)), Path.GetFullPath(Path.Combine(state, Name))];
        try
        {
            directories.ForEach(Daemon.MakeDirectory); // a rule is for what is there
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return; // it will say so itself
        }

        string config = Value(args, "--config", "/etc/timesuite/timesuite.toml");
        if (File.Exists(config) && logs?.Invoke(config) is { } written)
        {
            directories.Add(written);
        }

        Linux.Capabilities.ForbidNew();
        Linux.Capabilities.KeepOnly(Capabilities);
        Landlock.Restrict(directories, Devices, UsesTcp);
        ProgramAgain.Begin(); // where that is forbidden, it counts for this thread and those that it starts: all but the finalizer's
    }

    /// <summary>Whether systemd has started this very process as a service.</summary>
    private static bool IsUnit() =>
        Environment.GetEnvironmentVariable("SYSTEMD_EXEC_PID") == Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Value(string[] args, string name, string otherwise)
    {
        int index = Array.FindLastIndex(args, arg => arg == name || arg.StartsWith(name + "=", StringComparison.Ordinal));
        return index < 0 ? otherwise : args[index].Length > name.Length ? args[index][(name.Length + 1)..] : index + 1 < args.Length ? args[index + 1] : otherwise;
    }
}
