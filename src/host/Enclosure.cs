using TimeSuite.Linux;

namespace TimeSuite.Host;

/// <summary>What a daemon may beside reading, if nobody else has seen to it.</summary>
/// <param name="Name">The daemon's.</param>
/// <param name="UsesTcp">Whether it binds and connects TCP sockets.</param>
/// <param name="Devices">Directories of devices that it writes to.</param>
public sealed record Enclosure(string Name, bool UsesTcp, params IReadOnlyList<string> Devices)
{
    /// <summary>What a daemon needs as it is configured.</summary>
    /// <param name="Logs">The directory of its logs; null: it has none.</param>
    /// <param name="Capabilities">Those that it has a use for; it does not get them by this.</param>
    public readonly record struct Needs(string? Logs, params IReadOnlyList<int> Capabilities);

    private static readonly string[] s_short = ["--help", "--version", "--end-slews"];

    /// <summary>
    /// Without systemd, whose unit does all this: gives up every capability that is not needed, gaining any, and writing outside of the daemon's own directories and its logs; and begins the program again, for
    /// all of that is a thread's and there are several by now. With systemd, and the second time, nothing is done.
    /// </summary>
    /// <remarks>It has to come first in Main: what follows would be done twice.</remarks>
    /// <param name="args">Main's.</param>
    /// <param name="needs">Finds in a configuration's file, which may be missing or wrong, what is needed.</param>
    public void Enter(string[] args, Func<string, Needs> needs)
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

        var (logs, capabilities) = needs(Value(args, "--config", "/etc/timesuite/timesuite.toml"));
        if (logs is not null)
        {
            directories.Add(logs);
        }

        Capabilities.ForbidNew();
        Capabilities.KeepOnly(capabilities);
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
