using System.Diagnostics;

namespace TimeSuite;

/// <summary>Network namespaces <c>timesuite-PID-…</c> of test runs that were killed: nobody else would remove them.</summary>
/// <remarks>One file, linked into each test project that makes such namespaces.</remarks>
internal static class StaleNamespaces
{
    private static readonly Lazy<int> s_swept = new(() => Sweep(list: Ip("netns", "list")));

    /// <summary>Removes them, once in each run.</summary>
    public static void SweepOnce() => _ = s_swept.Value;

    /// <summary>Those whose process is gone, out of what <c>ip netns list</c> prints.</summary>
    public static IEnumerable<string> In(string list) => list.Split('\n')
        .Select(line => line.Split(' ')[0])
        .Where(name => name.Split('-') is ["timesuite", var pid, _, ..] && int.TryParse(pid, out int id) && !Directory.Exists($"/proc/{id}"));

    private static int Sweep(string list) => In(list).ToList().Sum(name => Ip("netns", "del", name).Length);

    private static string Ip(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit(); // another run may sweep the same: a failure is none
        return output;
    }
}
