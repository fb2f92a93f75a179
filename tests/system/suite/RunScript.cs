using System.Diagnostics;
using System.Text;

namespace TimeSuite.System.Tests.Suite;

/// <summary>build/run.sh, in a directory and on a port of its own. Ends with this object, and its children with it.</summary>
internal sealed class RunScript : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    /// <param name="directory">Where it puts what it runs.</param>
    /// <param name="port">Of the reference.</param>
    /// <param name="arguments">Its own: SECONDS CONFIG.</param>
    public RunScript(string directory, int port, params string[] arguments)
    {
        var start = new ProcessStartInfo(Repository.File("build/run.sh"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TIMESUITE_RUN_DIR"] = directory;
        start.Environment["TIMESUITE_RUN_PORT"] = $"{port}";
        start.Environment["TIMESUITE_SECCOMP"] = "kill";
        _process = new() { StartInfo = start };
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.Append(line.Data).Append('\n');
            }
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Pid => _process.Id;

    /// <summary>Standard error so far.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    /// <summary>Process ids of what it has started and what is still there.</summary>
    public int[] Children => [.. File.ReadAllText($"/proc/{Pid}/task/{Pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];

    /// <summary>Whether it has started all and does nothing but watch. A child that has not come to its own program yet does not end with the shell.</summary>
    public bool Watches(int daemons) =>
        Children is var children && children.Length == daemons + 1 && Arguments(children[^1]) is [var program, .., "watch"] && program.EndsWith("/timectl", StringComparison.Ordinal);

    public void Send(Signal signal) => Native.Send(Pid, signal);

    /// <returns>The exit code; null if it did not end in time.</returns>
    public Task<int?> EndAsync(TimeSpan limit) => _process.EndAsync(limit);

    public void Dispose() => _process.EndNow();

    /// <returns>What the process was started with; none if it has ended.</returns>
    private static string[] Arguments(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").TrimEnd('\0').Split('\0');
        }
        catch (IOException)
        {
            return [];
        }
    }
}
