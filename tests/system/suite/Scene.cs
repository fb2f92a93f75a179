using System.Net;
using System.Net.Sockets;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests.Suite;

/// <summary>The stations of one test, in a folder that goes with it. Their logs go to the test's output, which is shown if it fails.</summary>
internal sealed class Scene(ITestOutputHelper output) : IDisposable
{
    private const UnixFileMode ForAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly string _folder = Directory.CreateTempSubdirectory("timesuite-system-").FullName;
    private readonly List<Station> _stations = [];

    /// <summary>A station that runs nothing yet.</summary>
    /// <param name="name">Of its folder.</param>
    /// <param name="toml">Its configuration.</param>
    /// <param name="clockdArguments">Beyond the usual.</param>
    public Station Add(string name, string toml, params string[] clockdArguments)
    {
        File.SetUnixFileMode(_folder, ForAll); // other users come as far as the sockets
        string folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        File.SetUnixFileMode(folder, ForAll);
        var station = new Station(name, folder, clockdArguments);
        station.Configure(toml);
        _stations.Add(station);
        return station;
    }

    /// <summary>A running station without error that serves time.</summary>
    /// <param name="port">Where it does.</param>
    public Station AddReference(out int port)
    {
        port = FreePort();
        var reference = Add("reference", $"""
            [serve]
            listen = ["127.0.0.1:{port}"]
            [local]
            stratum = 1
            """);
        reference.Start();
        return reference;
    }

    /// <summary>A [[source]] for the reference.</summary>
    public static string Source(int port) => $"""
        [[source]]
        server = "127.0.0.1"
        port = {port}
        min-poll = -2
        max-poll = 0

        """;

    /// <summary>A UDP port that nobody has just now.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public void Say(string line) => output.WriteLine(line);

    public void Dispose()
    {
        foreach (var station in _stations)
        {
            station.Dispose();
            output.WriteLine(station.Logs);
        }

        Directory.Delete(_folder, recursive: true);
    }
}
