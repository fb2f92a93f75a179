using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.Host;

/// <summary>What every daemon is given to run with.</summary>
/// <param name="Arguments">Its command line.</param>
/// <param name="RuntimeDirectory">Of this daemon: /run/timesuite/NAME.</param>
/// <param name="StateDirectory">Of this daemon: /var/lib/timesuite/NAME.</param>
/// <param name="ConfigFile">timesuite.toml.</param>
/// <param name="Loggers">Makes its logs.</param>
/// <param name="LogLevel">The knob of the log.</param>
/// <param name="Handed">Sockets that the service manager has opened for it.</param>
/// <param name="Stop">Fires at SIGTERM and SIGINT.</param>
public sealed record DaemonContext(
    CommandLine Arguments, string RuntimeDirectory, string StateDirectory, string ConfigFile,
    ILoggerFactory Loggers, LogLevelControl LogLevel, ListenFds Handed, CancellationToken Stop)
{
    /// <summary>Raised at SIGHUP, on a thread of the pool.</summary>
    public event Action? Reload;

    /// <summary>/run/timesuite, where the other daemons' directories are.</summary>
    public string SuiteRuntimeDirectory => Path.GetDirectoryName(RuntimeDirectory)!;

    /// <summary>No system call from here on that is not in the daemon's list. To be done when all is loaded that it needs, and before it listens to anybody.</summary>
    /// <exception cref="CannotConfineException">It cannot be done here.</exception>
    public required Action Close { get; init; }

    internal void RaiseReload() => Reload?.Invoke();
}

/// <summary>What a daemon does before and after its work: arguments, directories, log, signals, exit code.</summary>
public static partial class Daemon
{
    internal const int WrongConfiguration = 2; // or arguments, or no confinement: what does not become right by itself

    private static readonly Duration s_turnsAway = Duration.FromSeconds(1L);

    private static readonly Option[] Common =
    [
        new("--config", "FILE", "configuration (default /etc/timesuite/timesuite.toml)"),
        new("--runtime-dir", "DIR", "where the suite's sockets are (default /run/timesuite)"),
        new("--state-dir", "DIR", "what outlives a reboot (default /var/lib/timesuite)"),
        Confinement.Help,
        new("--log-level", "LEVEL", "debug, info, warning or error (default: the configuration's)"),
        new("--version", null, "print the version and end"),
        new("--help", null, "print this and end"),
    ];

    /// <summary>The suite's version.</summary>
    public static string Version { get; } = typeof(Daemon).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Runs a daemon until it is told to stop.</summary>
    /// <param name="args">Main's.</param>
    /// <param name="name">E.g. clockd.</param>
    /// <param name="purpose">One line for the help.</param>
    /// <param name="options">What it understands beyond the common options.</param>
    /// <param name="body">Its work; returns the exit code.</param>
    /// <returns>0; 1 if it could not do its work; 2 for wrong arguments or configuration, or where it cannot be confined.</returns>
    public static async Task<int> RunAsync(string[] args, string name, string purpose, IReadOnlyList<Option> options, Func<DaemonContext, Task<int>> body)
    {
        IReadOnlyList<Option> all = [.. options, .. Common];
        if (args is [Confinement.SelfTest, .. var rest])
        {
            return Confinement.Try(name, rest);
        }

        if (!CommandLine.TryParse(args, all, out var line, out string? error) || !Confinement.TryGetMode(line, out var mode, out error))
        {
            await Console.Error.WriteLineAsync($"{name}: {error}");
            return Refused(WrongConfiguration, ListenFds.FromEnvironment());
        }

        if (line.Has("--help") || line.Has("--version"))
        {
            await Console.Out.WriteAsync(line.Has("--help") ? CommandLine.Help(name, purpose, all) : $"{name} {Version}\n");
            return 0;
        }

        // Our handlers never block, so what a socket delivers is handled on the thread that heard of it; read once, at the first socket.
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        Umask.OwnerOnly();
        HugePages.Forbid();
        CoreDumps.Forbid(); // keys come into some of these memories, and none is another's to write in: not by /proc/self/mem either
        using var loggers = LogOutput.Open(line.Get("--log-level", "info"), out var level);
        var log = loggers.CreateLogger(name);
        if (AppArmorProfile.Fault(name) is { } fault)
        {
            LogNoProfile(log, fault);
        }

        using var stop = new CancellationTokenSource();
        var context = new DaemonContext(
            line,
            Path.GetFullPath(Path.Combine(line.Get("--runtime-dir", "/run/timesuite"), name)), // sockets want absolute paths
            Path.GetFullPath(Path.Combine(line.Get("--state-dir", "/var/lib/timesuite"), name)),
            line.Get("--config", "/etc/timesuite/timesuite.toml"),
            loggers, level, ListenFds.FromEnvironment(), stop.Token)
        {
            Close = () =>
            {
                Confinement.Close(name, mode);
                LogConfined(log, mode);
            },
        };

        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopOn);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopOn);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            context.RaiseReload();
        });
        try
        {
            MakeDirectory(context.RuntimeDirectory, "--runtime-dir");
            MakeDirectory(context.StateDirectory, "--state-dir");
            return Refused(await body(context), context.Handed);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            // The machine's fault or the administrator's, not a bug: a sentence, no stack.
            LogCannotRun(log, name, exception.Message);
            return exception is CannotConfineException ? Refused(CannotConfineException.ExitCode, context.Handed) : 1;
        }

        void StopOn(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    // Who waits at its sockets would have a daemon that will not run started again at once.
    private static int Refused(int exitCode, ListenFds handed)
    {
        if (exitCode == WrongConfiguration)
        {
            handed.TurnAway(s_turnsAway);
        }

        return exitCode;
    }

    /// <exception cref="IOException">It cannot be made: which, and which option says another.</exception>
    private static void MakeDirectory(string path, string option)
    {
        try
        {
            MakeDirectory(path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"the directory {path} cannot be made ({refused.Message}); make it, or name another one with {option}", refused);
        }
    }

    /// <summary>The directory is for this daemon to write and for all to pass through: the sockets in it have modes of their own.</summary>
    public static void MakeDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            MakeDirectory(parent);
        }

        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }

    private static void LogConfined(ILogger log, SeccompMode mode)
    {
        if (mode == SeccompMode.Off)
        {
            LogUnconfined(log, Confinement.WhyOff);
        }
        else if (mode != SeccompMode.Enforce)
        {
            LogConfinedOtherwise(log, mode);
        }
    }

    [LoggerMessage(LogLevel.Warning, "NOT CONFINED: this daemon may make every system call ({Why}). Whoever breaks into it can do more than it ever needs")]
    private static partial void LogUnconfined(ILogger log, string why);

    [LoggerMessage(LogLevel.Warning, "{Fault}")]
    private static partial void LogNoProfile(ILogger log, string fault);

    [LoggerMessage(LogLevel.Information, "System calls that are not in the list: {Mode}")]
    private static partial void LogConfinedOtherwise(ILogger log, SeccompMode mode);

    [LoggerMessage(LogLevel.Error, "{Name} cannot run: {Reason}")]
    private static partial void LogCannotRun(ILogger log, string name, string reason);
}
