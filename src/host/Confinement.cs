using System.Globalization;
using System.Runtime;
using System.Text;
using TimeSuite.Linux;

namespace TimeSuite.Host;

/// <summary>Closes a daemon to the system calls that are not in its list, seccomp/NAME.list, once it has started and before it hears of anybody.</summary>
public static class Confinement
{
    /// <summary>The option that says how.</summary>
    public const string Option = "--seccomp";

    /// <summary>What says how if the option is not there.</summary>
    public const string Variable = "TIMESUITE_SECCOMP";

    /// <summary>The hidden option that has a daemon try its own confinement.</summary>
    public const string SelfTest = "--self-test-confinement";

    /// <summary>The option in the help's form.</summary>
    public static Option Help { get; } = new(Option, "MODE", $"system calls that are not in the daemon's list: enforce (refused), kill, log or off (default: {Variable}, else enforce)");

    /// <summary>Why <see cref="SeccompMode.Off"/> is the mode, for the warning.</summary>
    public static string WhyOff => CompilesWhileItRuns ? "a build for development is never confined" : $"{Option} or {Variable} off";

    private const string NoLibrary = $"{SeccompFilter.Library} is not there, and nothing runs unconfined by accident; install it (package libseccomp2), or say {Option} off";

    private static bool CompilesWhileItRuns => JitInfo.GetCompiledMethodCount() > 0;

    /// <summary>How it is to be done.</summary>
    /// <returns>False with what is wrong.</returns>
    public static bool TryGetMode(CommandLine line, out SeccompMode mode, out string error)
    {
        ArgumentNullException.ThrowIfNull(line);
        string? word = line.Get(Option) ?? Environment.GetEnvironmentVariable(Variable);
        (mode, bool isKnown) = word switch
        {
            null or "" or "enforce" => (SeccompMode.Enforce, true),
            "kill" => (SeccompMode.Kill, true),
            "log" => (SeccompMode.Log, true),
            "off" => (SeccompMode.Off, true),
            _ => (SeccompMode.Enforce, false),
        };
        if (CompilesWhileItRuns)
        {
            mode = SeccompMode.Off; // so it maps code; what is shipped is compiled ahead
        }

        error = isKnown ? "" : $"{Option} (or {Variable}) is enforce, kill, log or off, and not '{word}'";
        return isKnown;
    }

    /// <summary>Closes all threads of this process, those to come included, for good.</summary>
    /// <param name="name">The daemon's.</param>
    /// <param name="mode">How.</param>
    /// <exception cref="CannotConfineException">It cannot be done here: why, and what would help.</exception>
    public static void Close(string name, SeccompMode mode)
    {
        if (mode == SeccompMode.Off)
        {
            return;
        }

        WarmUp();
        try
        {
            SeccompFilter.Install(Read(name), mode);
        }
        catch (DllNotFoundException)
        {
            throw new CannotConfineException(NoLibrary);
        }
        catch (System.ComponentModel.Win32Exception refused)
        {
            throw new CannotConfineException($"this kernel does not confine: {refused.Message}; {Option} off runs without");
        }
    }

    /// <summary>Closes, as <c>--seccomp enforce</c> does, tries what should be refused, and says what was, and which capabilities there are.</summary>
    /// <param name="name">The daemon's.</param>
    /// <param name="words">--json: in one line of JSON; --read=FILE, any number of times: a file to be tried beside what is always.</param>
    /// <returns>The exit code: 0, whatever was refused; the reader judges. 2: there is no filter to be had here.</returns>
    public static int Try(string name, IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        const string read = "--read=";
        bool json = words.Contains("--json");
        IReadOnlyList<ProbeOutcome> outcomes;
        try
        {
            FindLibrary();
            outcomes = ConfinementProbe.Run([.. words.Where(word => word.StartsWith(read, StringComparison.Ordinal)).Select(word => word[read.Length..])], () => Close(name, SeccompMode.Enforce));
        }
        catch (CannotConfineException impossible)
        {
            Console.Error.WriteLine($"{name}: {impossible.Message}");
            return CannotConfineException.ExitCode;
        }

        ulong held = Capabilities.Read().Permitted;
        var capabilities = Enumerable.Range(0, 64).Where(capability => (held >> capability & 1) == 1);
        var text = new StringBuilder();
        if (json)
        {
            var rows = outcomes.Select(outcome => string.Create(CultureInfo.InvariantCulture, $$"""{"try":"{{outcome.Name}}","errno":{{outcome.Errno}},"refused":{{(outcome.IsRefused ? "true" : "false")}},"by_filter":{{(outcome.IsByFilter ? "true" : "false")}}}"""));
            text.Append(CultureInfo.InvariantCulture, $$"""{"daemon":"{{name}}","capabilities":[{{string.Join(',', capabilities)}}],"outcomes":[{{string.Join(',', rows)}}]}""").Append('\n');
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"{"capabilities",-20} {string.Join(' ', capabilities.DefaultIfEmpty(-1)).Replace("-1", "none", StringComparison.Ordinal)}\n");
            foreach (var outcome in outcomes)
            {
                text.Append(CultureInfo.InvariantCulture, $"{outcome.Name,-20} {(outcome.IsRefused ? "refused" : "POSSIBLE"),-9} {outcome.Error}{(outcome.IsByFilter ? ", by the filter" : "")}\n");
            }
        }

        Console.Out.Write(text);
        return 0;
    }

    /// <summary>What the attempts need, too, to know the calls by their numbers.</summary>
    private static void FindLibrary()
    {
        if (!System.Runtime.InteropServices.NativeLibrary.TryLoad(SeccompFilter.Library, out _))
        {
            throw new CannotConfineException(NoLibrary);
        }
    }

    private static IReadOnlyList<SyscallRule> Read(string name) => SyscallList.Read(name, list =>
    {
        using var stream = System.Reflection.Assembly.GetEntryAssembly()!.GetManifestResourceStream($"seccomp/{list}.list")
            ?? throw new InvalidDataException($"seccomp/{list}.list is not in this program");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    /// <summary>What the runtime does only once and late: the first exception, a full collection, threads. Whatever it loads or maps for that is there then.</summary>
    private static void WarmUp()
    {
        try
        {
            throw new InvalidOperationException(nameof(WarmUp));
        }
        catch (InvalidOperationException exception)
        {
            _ = exception.ToString(); // reads the tables of the stack
        }

        var thread = new Thread(() => { });
        thread.Start();
        thread.Join();
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}

/// <summary>This kernel has no seccomp, or this machine no libseccomp. That does not become right by itself, so it is not tried again and again: the exit code is that of a mistake in the configuration.</summary>
public sealed class CannotConfineException(string message) : IOException(message)
{
    /// <summary>As RestartPreventExitStatus= of the units.</summary>
    public const int ExitCode = Daemon.WrongConfiguration;
}
