using System.Diagnostics;

namespace TimeSuite.Interop.Tests;

/// <summary>What the tests run: our binaries, as published, and the peers, as unpacked. Each is looked for once; what is missing is a sentence.</summary>
internal static class Installation
{
    private static readonly Lazy<string> s_suite = new(FindSuite), s_peers = new(UnpackPeers), s_libraries = new(FindLibraries);

    /// <summary>One of our programs: Native AOT, from out/bin.</summary>
    public static string Suite(string program) => Path.Combine(s_suite.Value, program);

    /// <summary>A file among the peers, e.g. <c>root/usr/sbin/chronyd</c>.</summary>
    public static string Peer(string path) => Path.Combine(s_peers.Value, path);

    /// <summary>LD_LIBRARY_PATH for the peers.</summary>
    public static string PeerLibraries => s_libraries.Value;

    private static string FindSuite()
    {
        string bin = Repository.File("out/bin");
        foreach (string program in new[] { "clockd", "ntpd", "clock-error" })
        {
            if (!File.Exists(Path.Combine(bin, program)))
            {
                throw new InvalidOperationException($"{bin}/{program} is missing: run `make publish` first (`make test` does)");
            }
        }

        // The same way as every daemon here is started: what this cannot do, they cannot.
        var (exitCode, output) = Run([.. Unprivileged, Path.Combine(bin, "clock-error"), "--assert-cannot-steer"]);
        return exitCode == 0 ? bin : throw new InvalidOperationException($"refusing to start daemons where a clock could be set: {output}");
    }

    private static string UnpackPeers()
    {
        var (exitCode, output) = Run(["/bin/sh", Repository.File("build/peers.sh")]);
        return exitCode == 0 ? Repository.File("out/peers") : throw new InvalidOperationException($"no peers to test against: {output.Trim()}");
    }

    private static string FindLibraries() =>
        Directory.EnumerateFiles(Peer("root/usr/lib"), "libntpc.so.*", SearchOption.AllDirectories).Select(file => Path.GetDirectoryName(Path.GetDirectoryName(file))!).First();

    /// <summary>What stands before every command: root's right to set clocks goes, out of the bounding set too; nobody else has it.</summary>
    public static IReadOnlyList<string> Unprivileged { get; } =
        Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set=-sys_time", "--inh-caps=-sys_time", "--"] : ["setpriv", "--no-new-privs", "--"];

    private static (int ExitCode, string Output) Run(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Result + errors);
    }
}
