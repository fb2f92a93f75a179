using System.Globalization;
using System.Text.Json;

namespace TimeSuite.Interop.Tests;

/// <summary>Our server, on a shadow clock that is 250 ms ahead, answers others: what they find is what it was given.</summary>
public sealed class ServerTests
{
    private const double Ahead = 0.250, Tolerance = 0.010; // s

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Chronyd_queries_it(string address)
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        using var server = await Suite.ServeAsync(stage, "server", "250ms", port);

        double offset = await Chronyd.QueryAsync(stage, $"{address} port {port} iburst");

        Assert.InRange(offset, Ahead - Tolerance, Ahead + Tolerance);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Ntpdig_of_ntpsec_accepts_it(string address)
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        using var server = await Suite.ServeAsync(stage, "server", "250ms", port);

        var answer = await Ntpdig.QueryAsync(stage, address, port);

        Assert.InRange(answer.GetProperty("offset").GetDouble(), Ahead - Tolerance, Ahead + Tolerance);
        Assert.Equal(1, answer.GetProperty("stratum").GetInt32());
        Assert.Equal("no-leap", answer.GetProperty("leap").GetString());
        Assert.Equal(address, answer.GetProperty("ip").GetString());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Chronyd_follows_it_in_interleaved_mode(string address)
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        using var server = await Suite.ServeAsync(stage, "server", "250ms", port);
        var chronyd = Chronyd.Follow(stage, $"{address} port {port} xleave iburst minpoll -2 maxpoll -2");

        // mode, state, address, stratum, poll, reach, ...
        var source = await stage.UntilAsync(
            async () => await chronyd.AskAsync("sources") is { Length: >= 8 } line && line[1] == "*" && line[5] == "377" ? line : null,
            "chronyd has selected our server and had eight answers to the last eight requests");
        var data = NtpData.From(await chronyd.AskAsync("ntpdata", address));

        Assert.Equal("1", source[3]);
        stage.Require(data is not null, "chronyc ntpdata answers");
        stage.Require(data!.Interleaved, $"the last reply was interleaved: {data}");
        stage.Require(data.Tests == "1111111111", $"all of chrony's tests are passed: {data}");
        stage.Require(data.Good >= data.Received - 1, $"no reply but the one that changes to interleaved mode is lost: {data}");
    }
}

/// <summary>ntpsec's client.</summary>
internal static class Ntpdig
{
    /// <summary>It has no option for the port, so it is run with a resolver that gives it ours.</summary>
    private const string WithPort = """
        import runpy, socket, sys
        program, port = sys.argv[1], int(sys.argv[2])
        resolve = socket.getaddrinfo
        socket.getaddrinfo = lambda host, service, *rest: resolve(host, port, *rest)
        sys.argv[1:3] = []
        runpy.run_path(program, run_name="__main__")
        """;

    /// <summary>With which Python finds ntpsec's library.</summary>
    public static IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["PYTHONPATH"] = Installation.Peer("root/usr/lib/python3/dist-packages"),
        ["PYTHONDONTWRITEBYTECODE"] = "1",
        ["LD_LIBRARY_PATH"] = Installation.PeerLibraries,
    };

    /// <returns>Its answer: time, offset (server minus CLOCK_REALTIME, s), precision, ip, stratum, leap.</returns>
    public static async Task<JsonElement> QueryAsync(Stage stage, string address, int port)
    {
        string output = await stage.RunAsync(
            "ntpdig",
            [Installation.Peer("python3"), "-c", WithPort, Installation.Peer("root/usr/bin/ntpdig"), port.ToString(CultureInfo.InvariantCulture), "-j", "-p", "3", "-t", "5", address],
            Environment);
        stage.Require(output.StartsWith('{'), "ntpdig answers in JSON and complains of nothing");
        using var document = JsonDocument.Parse(output);
        return document.RootElement.Clone();
    }
}
