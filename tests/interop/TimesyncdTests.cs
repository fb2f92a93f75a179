using System.Globalization;

namespace TimeSuite.Interop.Tests;

/// <summary>Debian's systemd-timesyncd as a client of ours. It asks port 123 and nothing else, so this takes a network of its own; its directories are its own too. It may set no clock, and says so.</summary>
public sealed class TimesyncdTests
{
    private const double Ahead = 0.250, Tolerance = 0.010; // s

    /// <summary>/run and /var/lib of its own; $1 is who is asked, the rest the command.</summary>
    private const string Alone = """
        mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/lib && mkdir -p -m 755 /run/systemd/timesyncd.conf.d /run/systemd/netif/links /var/lib/systemd || exit 1
        printf '[Time]\nNTP=\nNTP=%s\nFallbackNTP=\n' "$1" >/run/systemd/timesyncd.conf.d/test.conf
        chown -R nobody /run/systemd /var/lib/systemd
        shift
        exec "$@"
        """;

    [RootFact]
    public async Task It_takes_our_time()
    {
        using var stage = new Stage();
        using var network = new Namespace("10.123.92");
        using var server = new Suite(stage, "server", "250ms", """
            [serve]
            listen = ["0.0.0.0:123"]

            [local]
            stratum = 3
            """, network.Enter);

        await stage.UntilAsync(async () => await server.TrackingAsync() is { ClockdConnected: true } tracking ? tracking : null, "the server serves"); // who asks too early waits half a minute

        var timesyncd = stage.Start(
            "timesyncd",
            ["unshare", "--mount", "sh", "-c", Alone, "sh", $"{network.Inside}", "setpriv", "--reuid=nobody", "--clear-groups", "--inh-caps=-all", "--", Program],
            new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = $"{Libraries}:{Installation.PeerLibraries}", ["SYSTEMD_LOG_LEVEL"] = "debug", ["SYSTEMD_LOG_TARGET"] = "console" });

        string log = await stage.UntilAsync(
            () => Task.FromResult(timesyncd.Output is var text && text.Contains("Contacted time server", StringComparison.Ordinal) ? text : null),
            "timesyncd has taken an answer of ours");
        Assert.Contains($"Contacted time server {network.Inside}:123", log, StringComparison.Ordinal);
        Assert.Contains("Failed to call clock_adjtime(): Operation not permitted", log, StringComparison.Ordinal); // what it would have done, and may not
        Assert.InRange(double.Parse(Field(log, "offset").Replace("sec", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), Ahead - Tolerance, Ahead + Tolerance);
        Assert.Equal(("3", "4", "0"), (Field(log, "stratum"), Field(log, "mode"), Field(log, "leap")));
        var statistics = await server.Status.GetServerStatisticsAsync(new());
        Assert.True(statistics.Outcomes.Single(outcome => outcome.Name == "answered").Count >= 1);
    }

    private static string Program => Find("systemd-timesyncd", path => path.Contains("/lib/systemd/", StringComparison.Ordinal));

    private static string Libraries => Path.GetDirectoryName(Find("libsystemd-shared-*.so", _ => true))!;

    private static string Find(string name, Func<string, bool> isRight) => Directory.EnumerateFiles(Installation.Peer("root"), name, SearchOption.AllDirectories).First(isRight);

    /// <summary>A line of "NTP response:".</summary>
    private static string Field(string log, string name) =>
        log[log.LastIndexOf("NTP response:", StringComparison.Ordinal)..].Split('\n').Select(line => line.Split(':', 2)).First(parts => parts.Length == 2 && parts[0].Trim() == name)[1].Trim();
}
