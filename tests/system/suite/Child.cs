using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace TimeSuite.System.Tests.Suite;

/// <summary>A program that runs: never with the right to set a clock. Ends with this object, by its own process id.</summary>
internal sealed partial class Child : IDisposable
{
    private static readonly Lazy<bool> s_cannotSteer = new(AssertCannotSteer);

    private readonly Process _process;
    private readonly StringBuilder _output = new(), _errors = new();

    private Child(Process process) => _process = process;

    public int Pid => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>Standard error so far: a daemon's log.</summary>
    public string Log => Text(_errors);

    /// <summary>Standard output so far.</summary>
    public string Output => Text(_output);

    /// <summary>Proportional set size now, octets.</summary>
    public long Pss => 1024 * long.Parse(
        PssLine().Match(File.ReadAllText(FormattableString.Invariant($"/proc/{Pid}/smaps_rollup"))).Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>Processor time that it has used, all threads.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts one of ours.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="without">Capabilities that it does not get beside CAP_SYS_TIME, as setpriv(1) names them. Only root can take any.</param>
    public static Child Start(string program, IReadOnlyList<string> arguments, params string[] without) => StartWithin([], program, arguments, without);

    /// <summary>Starts one of ours somewhere else.</summary>
    /// <param name="enter">A command that becomes the one after it, with its arguments, e.g. <c>ip netns exec NAME</c>.</param>
    /// <param name="program">As for <see cref="Start"/>.</param>
    /// <param name="arguments">As for <see cref="Start"/>.</param>
    /// <param name="without">As for <see cref="Start"/>.</param>
    public static Child StartWithin(IReadOnlyList<string> enter, string program, IReadOnlyList<string> arguments, params string[] without)
    {
        Assert.True(s_cannotSteer.Value);
        return Run(enter, program, arguments, without);
    }

    public void Send(Signal signal) => Native.Send(Pid, signal);

    /// <summary>kill -9, and waits until it is gone.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <returns>The exit code; null if it did not end in time.</returns>
    public Task<int?> EndAsync(TimeSpan limit) => _process.EndAsync(limit);

    /// <exception cref="InvalidOperationException">It has made a system call that is not in its list.</exception>
    public void Dispose()
    {
        const int badSystemCall = 128 + 31; // SIGSYS, as a shell has it
        bool isKilledByFilter = _process.HasExited && _process.ExitCode == badSystemCall;
        string command = string.Join(' ', _process.StartInfo.ArgumentList);
        _process.EndNow(); // also one that is stopped
        if (isKilledByFilter)
        {
            throw new InvalidOperationException($"a system call was made that is not in the list; the kernel's log has its number (dmesg, type=1326): {command}");
        }
    }

    private static Child Run(IReadOnlyList<string> enter, string program, IReadOnlyList<string> arguments, IReadOnlyList<string> without)
    {
        string caps = string.Join(',', without.Prepend("sys_time").Select(name => "-" + name));
        IReadOnlyList<string> unable = Native.OwnUid == 0
            ? [$"--bounding-set={caps}", $"--inh-caps={caps}"]
            : ["--no-new-privs"]; // an ordinary user has no say in the bounding set, but this makes it mean nothing
        IReadOnlyList<string> command = [.. enter, "env", "--default-signal=HUP", "setpriv", .. unable, "--", Repository.Program(program), .. arguments]; // each becomes the next: the process id stays
        var start = new ProcessStartInfo(command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Remove("JOURNAL_STREAM");
        start.Environment.Remove("NOTIFY_SOCKET");
        start.Environment["TIMESUITE_SECCOMP"] = "kill"; // what a daemon may not do is not overlooked
        var child = new Child(new Process { StartInfo = start });
        child._process.OutputDataReceived += (_, line) => Add(child._output, line.Data);
        child._process.ErrorDataReceived += (_, line) => Add(child._errors, line.Data);
        child._process.Start();
        child._process.StandardInput.Close();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    private static bool AssertCannotSteer()
    {
        using var child = Run([], "clock-error", ["--assert-cannot-steer"], []);
        child._process.WaitForExit();
        return child._process.ExitCode == 0 ? true : throw new InvalidOperationException($"children could set the clock of this machine: {child.Log}");
    }

    private static void Add(StringBuilder text, string? line)
    {
        lock (text)
        {
            _ = line is null ? text : text.Append(line).Append('\n');
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    [GeneratedRegex(@"^Pss:\s+(\d+) kB", RegexOptions.Multiline)]
    private static partial Regex PssLine();
}
