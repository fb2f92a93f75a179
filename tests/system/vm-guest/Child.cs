using System.Diagnostics;
using System.Globalization;
using TimeSuite.Linux;
using TimeSuite.Time;

namespace TimeSuite.System.VmGuest;

/// <summary>A daemon, as root or as a user of its own, and its log.</summary>
internal sealed class Child : IDisposable
{
    private readonly List<string> _log = [];
    private readonly Process _process;

    /// <param name="user">A uid. Any but root's has no right over the clock, whatever it executes.</param>
    /// <param name="program">With its arguments.</param>
    public Child(int user, params IEnumerable<string> program)
        : this(user == 0 ? [.. program] : [.. AsUser(user, "--clear-groups", "-all"), .. program])
    {
    }

    private Child(string[] line)
    {
        var start = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.FileName = line[0];
        start.Environment["TIMESUITE_SECCOMP"] = "kill"; // what a daemon may not do is not overlooked
        line.Skip(1).ToList().ForEach(start.ArgumentList.Add);
        _process = new() { StartInfo = start };
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>A daemon with a group beside its own, and with some capabilities.</summary>
    /// <param name="user">Its uid.</param>
    /// <param name="group">The other group.</param>
    /// <param name="capabilities">As setpriv(1) writes them, e.g. net_raw.</param>
    /// <param name="program">With its arguments.</param>
    public static Child With(int user, int group, string[] capabilities, params IEnumerable<string> program) => new(
        [.. AsUser(user, string.Create(CultureInfo.InvariantCulture, $"--groups={group}"), string.Join(",+", ["-all", .. capabilities])), .. program]);

    /// <summary>The same without any capability, in another network namespace.</summary>
    /// <param name="place">How a program is started there.</param>
    /// <param name="user">Its uid.</param>
    /// <param name="group">The other group.</param>
    /// <param name="program">With its arguments.</param>
    public static Child At(IEnumerable<string> place, int user, int group, params IEnumerable<string> program) => new(
        [.. place, .. AsUser(user, string.Create(CultureInfo.InvariantCulture, $"--groups={group}"), "-all"), .. program]);

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>What it logged so far, on one line.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return string.Join(" | ", _log);
            }
        }
    }

    /// <summary>How often a text stands in the log.</summary>
    public int Count(string text)
    {
        lock (_log)
        {
            return _log.Count(line => line.Contains(text, StringComparison.Ordinal));
        }
    }

    /// <summary>Waits until a text stands in the log so many times.</summary>
    public void WaitForLog(string text, double seconds, int times = 1)
    {
        var end = Clocks.Raw() + Duration.FromSeconds(seconds);
        while (Count(text) < times)
        {
            Check.That(Clocks.Raw() < end && !_process.HasExited, $"not in the log {times} times within {seconds} s: '{text}'; the log: {Log}");
            GuestClock.Sleep(Duration.FromSeconds(0.02));
        }
    }

    /// <summary>Waits for its end; fails the check unless it ends by itself, and well.</summary>
    public void EndsWell() => Ends(0);

    /// <summary>Waits for its end; fails the check unless it ends by itself with this status.</summary>
    public void Ends(int status)
    {
        bool isOver = _process.WaitForExit(TimeSpan.FromSeconds(30));
        Check.That(isOver && _process.ExitCode == status, Log);
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    private static string[] AsUser(int user, string groups, string capabilities)
    {
        string id = user.ToString(CultureInfo.InvariantCulture);
        return ["/bin/setpriv", "--reuid", id, "--regid", id, groups, $"--inh-caps={capabilities}", $"--ambient-caps={capabilities}", $"--bounding-set={capabilities}", "--"];
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            _log.Add(line.Data ?? "");
        }
    }
}
