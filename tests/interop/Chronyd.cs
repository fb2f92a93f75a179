namespace TimeSuite.Interop.Tests;

/// <summary>Debian's chronyd. It never touches the clock (-x, and it lacks the right); as a server it serves CLOCK_REALTIME.</summary>
internal sealed class Chronyd
{
    private readonly Stage _stage;
    private readonly string _name, _socket;
    private readonly bool _isNewer;

    private Chronyd(Stage stage, string name, int port, bool isNewer, IEnumerable<string> directives, IReadOnlyList<string>? enter = null)
    {
        (_stage, _name, Port, _isNewer) = (stage, name, port, isNewer);
        string folder = stage.Folder(name), configuration = Path.Combine(folder, "chrony.conf");
        _socket = Path.Combine(folder, "chronyd.sock");
        File.WriteAllLines(configuration, [$"port {port}", "cmdport 0", $"bindcmdaddress {_socket}", $"pidfile {folder}/chronyd.pid", .. directives]);
        stage.Start(name, [.. enter ?? [], Installation.Peer(isNewer ? "newer/chronyd" : "root/usr/sbin/chronyd"), "-x", "-d", .. User, "-f", configuration], Environment);
    }

    /// <summary>Where it serves; 0 if it does not.</summary>
    public int Port { get; }

    private static Dictionary<string, string> Environment => new() { ["LD_LIBRARY_PATH"] = Installation.PeerLibraries };

    private static string[] User => System.Environment.IsPrivilegedProcess ? ["-u", "root"] : ["-U", "-u", System.Environment.UserName];

    /// <summary>A server on both loopback addresses.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="name">Of its log.</param>
    /// <param name="isReference">Claims stratum 1; otherwise it is unsynchronised and says so.</param>
    /// <param name="more">Directives.</param>
    public static Chronyd Serve(Stage stage, string name = "chronyd", bool isReference = true, params string[] more) => new(
        stage, name, Stage.FreePort(), isNewer: false,
        ["allow", "bindaddress 127.0.0.1", "bindaddress ::1", .. isReference ? new[] { "local stratum 1" } : [], .. more]);

    /// <summary>A server on the loopback address of a network namespace.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="enter">Stands before its command.</param>
    public static Chronyd ServeWithin(Stage stage, IReadOnlyList<string> enter) => new(stage, "chronyd", 123, isNewer: false, ["allow", "bindaddress 127.0.0.1", "local stratum 1"], enter);

    /// <summary>The same of at least 4.6.1: it has AEAD 30.</summary>
    public static Chronyd ServeNewer(Stage stage, params string[] more) => new(stage, "chronyd", Stage.FreePort(), isNewer: true, ["allow", "bindaddress 127.0.0.1", "local stratum 1", .. more]);

    /// <summary>A client of one server.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="server">The rest of chrony's "server" directive.</param>
    /// <param name="isNewer">At least 4.6.1.</param>
    public static Chronyd Follow(Stage stage, string server, bool isNewer = false) => new(stage, "chronyd", port: 0, isNewer, [$"server {server}"]);

    /// <summary>chronyd -Q: one measurement, printed. More directives may follow the server.</summary>
    /// <returns>Seconds by which the server is ahead of CLOCK_REALTIME.</returns>
    public static async Task<double> QueryAsync(Stage stage, string server, params string[] more)
    {
        string output = await stage.RunAsync(
            "chronyd -Q",
            [Installation.Peer("root/usr/sbin/chronyd"), "-Q", "-x", "-t", "20", .. User, $"server {server}", "port 0", "cmdport 0", "bindcmdaddress /", $"pidfile {stage.Folder("query")}/chronyd.pid", .. more],
            Environment);
        var match = System.Text.RegularExpressions.Regex.Match(output, @"System clock wrong by (-?\d+\.\d+) seconds");
        stage.Require(match.Success, "chronyd -Q found no offset");
        return double.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Asks it: chronyc -c, one report.</summary>
    /// <returns>The fields of the first line, null if it does not answer or has nothing to say.</returns>
    public async Task<string[]?> AskAsync(params string[] command)
    {
        if (!File.Exists(_socket))
        {
            return null;
        }

        var chronyc = _stage.Start(
            $"chronyc-{_name}", [Installation.Peer(_isNewer ? "newer/chronyc" : "root/usr/bin/chronyc"), "-h", _socket, "-c", "-n", .. command], Environment, mayEnd: true);
        int? exitCode = await chronyc.EndAsync(TimeSpan.FromSeconds(10));
        string line = chronyc.Output.Split('\n')[0];
        return exitCode == 0 && line.Length > 0 ? line.Split(',') : null;
    }
}
