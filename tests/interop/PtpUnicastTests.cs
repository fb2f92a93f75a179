using TimeSuite.Rpc.Ptp.V1;
using TimeSuite.Time;

namespace TimeSuite.Interop.Tests;

/// <summary>Unicast negotiation with Debian's ptp4l, which calls it unicast_master_table and unicast_listen.</summary>
public sealed class PtpUnicastFollowTests
{
    private static readonly string[] s_listening = ["unicast_listen 1", "inhibit_multicast_service 1"];

    [RootFact]
    public Task We_follow_ptp4l_by_unicast_in_the_telecom_profile() => PtpFollowTests.FollowAsync(
        "10.124.31", null, null, "-4 -E", "profile = \"g8275.2\"\nunicast-masters = [\"10.124.31.2\"]\nunicast-duration = \"10 s\"", [.. s_listening, "domainNumber 44", "dataset_comparison G.8275.x"]);

    [RootFact]
    public Task We_follow_ptp4l_by_unicast_over_ipv6() => PtpFollowTests.FollowAsync(
        "10.124.32", null, null, "-6 -E", $"unicast-masters = [\"{NamespacePair.Ipv6Network}2\"]", s_listening);

    [RootFact]
    public async Task When_the_followed_ptp4l_dies_the_other_one_is_followed()
    {
        using var stage = new Stage();
        using var network = new NamespacePair("10.124.33");
        var third = network.Bridge("10.124.33");
        using var suite = PtpStage.Start(stage, network, """
            announce-interval = -1
            arbitrary-timescale = "utc"
            unicast-masters = ["10.124.33.2", "10.124.33.3"]
            """, $"\"{NamespacePair.BridgeInterface}\"");
        var better = Ptp4l.Start(stage, "better", network.Enter.Theirs, "-4 -E", ["logAnnounceInterval -1", "priority1 10", .. s_listening]);
        Ptp4l.Start(stage, "worse", third, "-4 -E", ["logAnnounceInterval -1", "priority1 20", .. s_listening]);

        var first = await PtpStage.UntilAsync(
            stage, suite, status => status.Ports[0] is { State: "slave", Offset: not null } port && port.UnicastMasters.All(master => master.AnnounceGranted) && status.Parent.Priority1 == 10 ? status : null, "the better one is followed");
        Assert.Equal([true, false], first.Ports[0].UnicastMasters.Select(master => master.SyncGranted));

        better.Stop(stage);
        var second = await PtpStage.UntilAsync(stage, suite, status => status.Ports[0] is { State: "slave", Offset: not null } && status.Parent.Priority1 == 20 ? status : null, "the other one is followed");
        Assert.True(second.Ports[0].UnicastMasters[1].SyncGranted);
        Assert.Equal(second.Ports[0].UnicastMasters[1].PortIdentity, second.Parent.PortIdentity);
    }
}

/// <summary>The same with the roles exchanged.</summary>
public sealed class PtpUnicastServeTests
{
    [RootFact]
    public Task Ptp4l_follows_us_by_unicast_in_the_telecom_profile() => PtpServeTests.ServeAsync(
        "10.124.34", null, null, "-4 -E -s", "profile = \"g8275.2\"", ["domainNumber 44", "dataset_comparison G.8275.x", .. Table("UDPv4 10.124.34.1")]);

    [RootFact]
    public Task Ptp4l_follows_us_by_unicast_over_ipv6_beside_multicast() => PtpServeTests.ServeAsync(
        "10.124.35", "udp6", null, "-6 -E -s", "serve-unicast = \"also\"", Table($"UDPv6 {NamespacePair.Ipv6Network}1"));

    private static string[] Table(string address) => ["unicast_master_table 1", "unicast_req_duration 10", "[unicast_master_table]", "table_id 1", "logQueryInterval -1", address];
}

/// <summary>Profiles that are neither: delays by unicast, power grids, and ports that do as the other end of the link does.</summary>
public sealed class PtpProfileTests
{
    private const string Power = "profile = \"power\"\npower-version = \"2011\""; // domain 0: Debian's ptp4l knows no 254

    [RootFact]
    public Task We_follow_ptp4l_in_the_enterprise_profile() => PtpFollowTests.FollowAsync("10.124.36", null, null, "-4 -E", "profile = \"enterprise\"");

    [RootFact]
    public Task Ptp4l_asks_us_for_delays_by_unicast() => PtpServeTests.ServeAsync("10.124.37", null, null, "-4 -E -s", "profile = \"enterprise\"", "hybrid_e2e 1");

    [RootFact]
    public Task We_follow_ptp4l_with_the_settings_of_power_grids() => PtpFollowTests.FollowAsync("10.124.38", null, null, "-2 -P", Power);

    [RootFact]
    public Task Ptp4l_follows_us_with_the_settings_of_power_grids() => PtpServeTests.ServeAsync("10.124.39", null, null, "-2 -P -s", Power);

    [RootFact]
    public Task Our_automatic_port_measures_peer_delays_when_ptp4l_does() => PtpFollowTests.FollowAsync("10.124.40", "udp4", "auto", "-4 -P");

    [RootFact]
    public Task The_automatic_port_of_ptp4l_measures_peer_delays_when_we_do() => PtpServeTests.ServeAsync("10.124.41", "udp4", "p2p", "-4 -A -s");

    [RootFact]
    public async Task Pmc_reads_what_linuxptp_tells_of_a_clock_from_ours()
    {
        using var stage = new Stage();
        using var network = new NamespacePair("10.124.42");
        using var suite = PtpStage.Start(stage, network, "");
        var status = await PtpStage.UntilAsync(stage, suite, status => status.Ports[0].State == "listening" ? status : null, "a port that listens");
        string[] ids =
        [
            "CLOCK_DESCRIPTION", "USER_DESCRIPTION", "DEFAULT_DATA_SET", "CURRENT_DATA_SET", "PARENT_DATA_SET", "TIME_PROPERTIES_DATA_SET", "PORT_DATA_SET", "PRIORITY1", "PRIORITY2", "DOMAIN", "SLAVE_ONLY",
            "LOG_ANNOUNCE_INTERVAL", "ANNOUNCE_RECEIPT_TIMEOUT", "LOG_SYNC_INTERVAL", "VERSION_NUMBER", "CLOCK_ACCURACY", "TRACEABILITY_PROPERTIES", "TIMESCALE_PROPERTIES", "DELAY_MECHANISM", "LOG_MIN_PDELAY_REQ_INTERVAL",
            "TIME_STATUS_NP", "GRANDMASTER_SETTINGS_NP", "PORT_DATA_SET_NP", "PORT_PROPERTIES_NP", "PORT_STATS_NP", "SYNCHRONIZATION_UNCERTAIN_NP",
        ];

        // pmc waits for a second and no longer, which is not always enough on a loaded machine.
        int run = 0;
        string output = await stage.UntilAsync(
            async () =>
            {
                string answers = await stage.RunAsync($"pmc-{++run}", [.. network.Enter.Theirs, Installation.Peer("root/usr/sbin/pmc"), "-4", "-b", "1", "-i", NamespacePair.Interface, .. ids.Select(id => $"GET {id}")]);
                return ids.All(id => answers.Contains($"RESPONSE MANAGEMENT {id} ", StringComparison.Ordinal)) ? answers : null;
            },
            "an answer to each");

        Assert.DoesNotContain("ERROR", output, StringComparison.Ordinal);
        Assert.Matches(@"productDescription +TimeSuite;ptpd;", output);
        Assert.Matches(@"interface +eth0", output);
        Assert.Matches(@"timestamping +SOFTWARE", output);
        Assert.Matches(@"protocolAddress +(1 )?10\.124\.42\.1", output);
        Assert.Matches(@"rx_Management +[1-9][0-9]{0,3}\s", output); // and not as many as with the octets the other way round
        Assert.Matches($@"gmIdentity +{System.Text.RegularExpressions.Regex.Escape(status.ClockIdentity)}", output);

        // And who asks on the host gets the same, by the same names in the same order. pmc does not part the version's two nibbles, and looks for SLAVE_ONLY in another bit than the standard's.
        using var channel = suite.OpenPtpStatus();
        var management = new PtpManagement.PtpManagementClient(channel);
        foreach (string id in ids)
        {
            var reply = await management.GetManagedAsync(new() { Name = id }, deadline: DateTime.UtcNow.AddSeconds(5));
            var ours = reply.Values[0].Fields.Where(field => !(field.Name == "minorVersionNumber" || (id == "TIMESCALE_PROPERTIES" && field.Name == "timeSource"))).ToList(); // which pmc does not show
            var theirs = Shown(output, id);
            Assert.Equal(theirs.Select(field => field.Name), ours.Select(field => field.Name));
            Assert.All(theirs.Zip(ours), pair => Assert.True(pair.First.Value == pair.Second.Value || pair.First.Name == "versionNumber" || id is "PORT_STATS_NP" or "SLAVE_ONLY", $"{id}: {pair.First}, and ours is {pair.Second.Value}"));
        }
    }

    /// <summary>The lines of one answer: two tabs, a name, spaces, a value.</summary>
    private static List<(string Name, string Value)> Shown(string output, string id)
    {
        int start = output.IndexOf($"RESPONSE MANAGEMENT {id} ", StringComparison.Ordinal);
        return [.. output[start..].Split('\n').Skip(1).TakeWhile(line => line.StartsWith("\t\t", StringComparison.Ordinal)).Select(line => line.Trim().Split(' ', 2)).Select(parts => (parts[0], parts.Length > 1 ? parts[1].Trim() : ""))];
    }
}
