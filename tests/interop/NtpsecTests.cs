namespace TimeSuite.Interop.Tests;

/// <summary>ntpsec's ntpd as a client of ours. It knows no port but 123, so each has a network of its own. It may set no clock, and is told not to try.</summary>
public sealed class NtpsecTests
{
    private const string Network = "10.123.94", Secret = "000102030405060708090A0B0C0D0E0F";

    [RootFact]
    public Task It_follows_us() => FollowsUsAsync(option: "", authentication: "none");

    [RootFact]
    public Task It_follows_us_by_a_key() => FollowsUsAsync(option: "key 7", authentication: "ok");

    private static async Task FollowsUsAsync(string option, string authentication)
    {
        using var stage = new Stage();
        using var network = new NamespacePair(Network);
        string folder = stage.Folder("ntpsec"), keys = Path.Combine(folder, "ours.keys"), theirs = Path.Combine(folder, "ntp.keys"), config = Path.Combine(folder, "ntp.conf");
        File.WriteAllText(keys, $"7 AES128 HEX:{Secret}\n");
        File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(theirs, $"7 AES-128 {Secret}\n");
        File.WriteAllText(config, $"""
            disable ntp
            server {Network}.1 iburst minpoll 3 maxpoll 3 {option}
            restrict default
            restrict 127.0.0.1
            keys {theirs}
            trustedkey 7

            """);
        using var server = new Suite(stage, "server", "250ms", $"""
            [serve]
            listen = ["0.0.0.0:123"]

            [keys]
            file = "{keys}"

            [local]
            stratum = 3
            """, network.Enter.Ours);
        await stage.UntilAsync(async () => await server.TrackingAsync() is { ClockdConnected: true } tracking ? tracking : null, "the server serves");
        stage.Start(
            "ntpsec",
            [.. network.Enter.Theirs, "setpriv", "--bounding-set=-sys_time", "--inh-caps=-sys_time", "--", Installation.Peer("root/usr/sbin/ntpd"), "-n", "-c", config, "-f", Path.Combine(folder, "drift")],
            Ntpdig.Environment);

        // index, association, status, configured, reachable, authentication, condition
        var line = await stage.UntilAsync(
            async () => (await AskAsync(stage, network, "associations")).Split('\n').Select(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)).FirstOrDefault(
                fields => fields is [_, _, _, "yes", "yes", _, "sys.peer", ..]),
            "ntpsec has chosen our server");

        Assert.Equal(authentication, line[5]);
        var statistics = await server.Status.GetServerStatisticsAsync(new());
        ulong answered = statistics.Outcomes.Single(outcome => outcome.Name == "answered").Count;
        Assert.Equal((answered, option.Length > 0 ? answered : 0), (Total(statistics), statistics.Authenticated));
    }

    private static ulong Total(Rpc.Ntp.V1.ServerStatistics statistics) => statistics.Outcomes.Aggregate(0UL, (sum, outcome) => sum + outcome.Count);

    private static async Task<string> AskAsync(Stage stage, NamespacePair network, string command)
    {
        var ntpq = stage.Start(
            "ntpq", [.. network.Enter.Theirs, Installation.Peer("python3"), Installation.Peer("root/usr/bin/ntpq"), "-c", command, "127.0.0.1"], Ntpdig.Environment, mayEnd: true);
        await ntpq.EndAsync(TimeSpan.FromSeconds(20));
        return ntpq.Output; // nothing of use if ntpsec is not up yet
    }
}
