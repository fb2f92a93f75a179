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

    /// <summary>Starts one of ours.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="without">Capabilities that it does not get beside CAP_SYS_TIME, as setpriv(1) names them. Only root can take any.</param>
    public static Child Start(string program, IReadOnlyList<string> arguments, params string[] without)
    {
        Assert.True(s_cannotSteer.Value);
        return Run(program, arguments, without);
    }

    public void Send(Signal signal) => Native.Send(Pid, signal);

    /// <summary>kill -9, and waits until it is gone.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <returns>The exit code; null if it did not end in time.</returns>
    public async Task<int?> EndAsync(TimeSpan limit)
    {
        using var time = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(time.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill(); // also of one that is stopped
        }

        _process.Dispose();
    }

    private static Child Run(string program, IReadOnlyList<string> arguments, IReadOnlyList<string> without)
    {
        var start = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (Native.OwnUid == 0)
        {
            string caps = string.Join(',', without.Prepend("sys_time").Select(name => "-" + name));
            start.FileName = "setpriv"; // becomes the program: the process id stays
            start.ArgumentList.Add($"--bounding-set={caps}");
            start.ArgumentList.Add($"--inh-caps={caps}");
            start.ArgumentList.Add("--");
            start.ArgumentList.Add(Repository.Program(program));
        }
        else
        {
            start.FileName = "setpriv";
            start.ArgumentList.Add("--no-new-privs"); // an ordinary user has no say in the bounding set, but this makes it mean nothing
            start.ArgumentList.Add("--");
            start.ArgumentList.Add(Repository.Program(program));
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Remove("JOURNAL_STREAM");
        start.Environment.Remove("NOTIFY_SOCKET");
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
        using var child = Run("clock-error", ["--assert-cannot-steer"], []);
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
