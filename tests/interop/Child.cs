using System.Diagnostics;

namespace TimeSuite.Interop.Tests;

/// <summary>A process without the right to set any clock, its output in a file.</summary>
internal sealed class Child : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private readonly Process _process;
    private readonly string _log;

    /// <param name="log">Where standard output and error go.</param>
    /// <param name="command">Program and arguments.</param>
    /// <param name="environment">Added to ours.</param>
    public Child(string log, IEnumerable<string> command, IReadOnlyDictionary<string, string>? environment = null)
    {
        _log = log;

        // The shell replaces itself, and setpriv too: the process that is started is the one that is ended.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null", "sh", log, .. Installation.Unprivileged, .. command]);
        start.Environment["TIMESUITE_SECCOMP"] = "kill"; // what a daemon of ours may not do is not overlooked
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>What it has written so far.</summary>
    public string Output => File.Exists(_log) ? File.ReadAllText(_log) : "";

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code, or null if it still runs after that time.</returns>
    public async Task<int?> EndAsync(TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>SIGTERM, and SIGKILL to one that does not listen.</summary>
    /// <exception cref="InvalidOperationException">It has made a system call that is not in its list.</exception>
    public void Dispose()
    {
        const int badSystemCall = 128 + 31; // SIGSYS, as a shell has it
        bool isKilledByFilter = _process.HasExited && _process.ExitCode == badSystemCall;
        if (!_process.HasExited)
        {
            using var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {_process.Id} 2>/dev/null"]);
            kill.WaitForExit();
            if (!_process.WaitForExit(s_patience))
            {
                _process.Kill();
                _process.WaitForExit();
            }
        }

        _process.Dispose();
        if (isKilledByFilter)
        {
            throw new InvalidOperationException($"the program of {_log} made a system call that is not in its list: the kernel's log has its number (dmesg, type=1326)");
        }
    }
}
