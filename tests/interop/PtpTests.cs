using TimeSuite.Ptp;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Ptp.V1;
using TimeSuite.Time;

namespace TimeSuite.Interop.Tests;

/// <summary>Debian's ptp4l as our master, over each transport and with each way to learn the delay, on a pair of interfaces of its own.</summary>
public sealed class PtpFollowTests
{
    private const double Ahead = 0.050, Tolerance = 0.001; // s: what the shadow starts with, and what a loaded machine does to software stamps

    [RootFact]
    public Task We_follow_ptp4l_over_ipv4_end_to_end() => FollowAsync("10.124.1", "udp4", "e2e", "-4 -E");

    [RootFact]
    public Task We_follow_ptp4l_over_ipv6_end_to_end() => FollowAsync("10.124.2", "udp6", "e2e", "-6 -E");

    [RootFact]
    public Task We_follow_ptp4l_over_ipv4_peer_to_peer() => FollowAsync("10.124.3", "udp4", "p2p", "-4 -P");

    [RootFact]
    public Task We_follow_ptp4l_over_ipv6_peer_to_peer() => FollowAsync("10.124.16", "udp6", "p2p", "-6 -P");

    [RootFact]
    public Task We_follow_ptp4l_on_ethernet_peer_to_peer() => FollowAsync("10.124.4", "ethernet", "p2p", "-2 -P");

    [RootFact]
    public Task We_follow_ptp4l_on_ethernet_end_to_end() => FollowAsync("10.124.5", "ethernet", "e2e", "-2 -E");

    /// <summary>So often that all of it waits for our Delay_Reqs.</summary>
    [RootTheory]
    [InlineData("10.124.14", "udp4", "-4 -E")]
    [InlineData("10.124.15", "udp6", "-6 -E")]
    public Task We_follow_ptp4l_that_sends_eight_syncs_a_second(string subnet, string transport, string options) =>
        FollowAsync(subnet, transport, "e2e", options, "sync-interval = -3\ndelay-interval = -3", "logSyncInterval -3", "logMinDelayReqInterval -3");

    [RootFact]
    public async Task A_master_of_an_arbitrary_time_scale_is_measured_but_not_believed()
    {
        using var stage = new Stage();
        using var network = new NamespacePair("10.124.6");
        using var suite = PtpStage.Start(stage, network, "announce-interval = -1");
        Ptp4l.Start(stage, network, "-4 -E", "logAnnounceInterval -1");

        var port = await PtpStage.UntilAsync(stage, suite, status => status.Ports[0] is { State: "slave", MeanPathDelay: not null } one ? one : null, "a slave that knows the delay");

        Assert.Null(port.Offset);
    }

    [RootFact]
    public async Task A_port_that_only_listens_finds_out_that_its_interface_is_another_one()
    {
        using var stage = new Stage();
        using var network = new NamespacePair("10.124.24");
        using var suite = PtpStage.Start(stage, network, "announce-interval = -1\narbitrary-timescale = \"utc\"");
        await PtpStage.UntilAsync(stage, suite, status => status.Ports[0].State == "listening" ? status : null, "a port that listens");
        network.Replug("10.124.24");
        Ptp4l.Start(stage, network, "-4 -E", "logAnnounceInterval -1");

        await PtpStage.UntilAsync(stage, suite, status => status.Ports[0] is { State: "slave", Offset: not null } ? status : null, "a slave on the new interface");
    }

    [RootFact]
    public Task We_follow_ptp4l_under_gptp() => FollowAsync("10.124.7", "ethernet", "p2p", "-2 -P", "profile = \"gptp\"\nmax-link-delay = \"1 ms\"", [.. s_gptp, "path_trace_enabled 1", "syncReceiptTimeout 3"]);

    [RootFact]
    public Task We_follow_ptp4l_in_the_automotive_profile() => FollowAsync(
        "10.124.8", "ethernet", "p2p", "-2 -P", "profile = \"automotive\"", [.. s_gptp, "BMCA noop", "masterOnly 1", "inhibit_announce 1", "asCapable true", "inhibit_delay_req 1"]);

    [RootFact]
    public async Task Pmc_reads_our_data_sets_and_changes_none()
    {
        using var stage = new Stage();
        using var network = new NamespacePair("10.124.9");
        using var suite = PtpStage.Start(stage, network, "domain = 5");
        var status = await PtpStage.UntilAsync(stage, suite, status => status.Ports[0].State == "listening" ? status : null, "a port that listens");

        string output = await stage.RunAsync(
            "pmc", [.. network.Enter.Theirs, Installation.Peer("root/usr/sbin/pmc"), "-4", "-b", "1", "-d", "5", "-i", NamespacePair.Interface, "GET DEFAULT_DATA_SET", "GET PORT_DATA_SET", "SET PRIORITY1 3", "GET PRIORITY1"]);

        Assert.Matches($@"clockIdentity +{System.Text.RegularExpressions.Regex.Escape(status.ClockIdentity)}", output);
        Assert.Matches(@"slaveOnly +1", output);
        Assert.Matches(@"clockClass +255", output);
        Assert.Matches(@"domainNumber +5", output);
        Assert.Matches(@"portState +LISTENING", output);
        Assert.Contains("MANAGEMENT_ERROR_STATUS", output, StringComparison.Ordinal);
        Assert.Matches(@"RESPONSE MANAGEMENT PRIORITY1\s+priority1 +128", output);
    }

    /// <summary>linuxptp's gPTP.cfg, but for what software stamps take.</summary>
    internal static readonly string[] s_gptp =
        ["transportSpecific 0x1", "ptp_dst_mac 01:80:C2:00:00:0E", "p2p_dst_mac 01:80:C2:00:00:0E", "neighborPropDelayThresh 1000000", "follow_up_info 1", "assume_two_step 1", "logSyncInterval -3"];

    internal static async Task FollowAsync(string subnet, string? transport, string? delay, string options, string more = "", params string[] settings)
    {
        using var stage = new Stage();
        using var network = new NamespacePair(subnet);
        using var suite = PtpStage.Start(stage, network, $"""
            {(transport is null ? "" : $"transport = \"{transport}\"")}
            {(delay is null ? "" : $"delay = \"{delay}\"")}
            announce-interval = -1
            arbitrary-timescale = "utc"
            {more}
            """);
        Ptp4l.Start(stage, network, options, ["logAnnounceInterval -1", .. settings]);

        var status = await PtpStage.UntilAsync(stage, suite, status => status.Ports[0] is { State: "slave", Offset: not null } ? status : null, "a slave with an offset");

        // ntpd may be steering by it already: what is left of the 50 ms is no more than they were.
        Assert.InRange(status.Ports[0].Offset.ToDomain().Seconds, -Tolerance, Ahead + Tolerance);
        Assert.InRange(status.Ports[0].MeanPathDelay.ToDomain().Seconds, 0, Tolerance);
        Assert.Equal(1u, status.Parent.StepsRemoved);
        Assert.NotEqual(status.ClockIdentity, status.Parent.Grandmaster);
        Assert.All(status.Ports[0].Masters, master => Assert.True(master.Followed)); // none in the automotive profile: nothing is announced
        // A stamp that lay about for long on a loaded machine cannot be mapped and is no fault; everything else would be one.
        Assert.Empty(status.Ports[0].Counts.Where(count => count.Count > 0 && count.Name.StartsWith("dropped", StringComparison.Ordinal) && count.Name is not ("dropped: NotNow" or "dropped: NoStamp")).Select(count => $"{count.Count} {count.Name}"));

        // ptp4l's clock is CLOCK_REALTIME: ours comes to it, by ntpd's selection and clockd, and claims no more than is true.
        await suite.SettleAsync(Duration.FromNanoseconds(200_000), TimeSpan.FromSeconds(2));
        var source = Assert.Single(await suite.SourcesAsync());
        Assert.Equal((Rpc.Ntp.V1.Source.Types.Mode.Ptp, $"ptp:{NamespacePair.Interface}", Rpc.Ntp.V1.Verdict.Selected), (source.Mode, source.Name, source.Verdict));
    }
}

/// <summary>The same with the roles exchanged: ptp4l follows our grandmaster, whose shadow clock is ahead.</summary>
public sealed class PtpServeTests
{
    private const double Ahead = 50e6, Tolerance = 1e6, Usual = 1e5; // ns

    [RootFact]
    public Task Ptp4l_follows_us_over_ipv4_end_to_end() => ServeAsync("10.124.11", "udp4", "e2e", "-4 -E -s");

    [RootFact]
    public Task Ptp4l_follows_us_over_ipv6_peer_to_peer() => ServeAsync("10.124.12", "udp6", "p2p", "-6 -P -s");

    [RootFact]
    public Task Ptp4l_follows_us_over_ipv6_end_to_end() => ServeAsync("10.124.17", "udp6", "e2e", "-6 -E -s");

    [RootFact]
    public Task Ptp4l_follows_us_under_gptp() => ServeAsync(
        "10.124.18", "ethernet", "p2p", "-2 -P", "profile = \"gptp\"\nmax-link-delay = \"1 ms\"", [.. PtpFollowTests.s_gptp, "path_trace_enabled 1", "syncReceiptTimeout 3", "gmCapable 0", "priority1 255", "summary_interval -3"]);

    [RootFact]
    public Task Ptp4l_follows_us_in_the_automotive_profile() => ServeAsync(
        "10.124.19", "ethernet", "p2p", "-2 -P -s", "profile = \"automotive\"", [.. PtpFollowTests.s_gptp, "BMCA noop", "inhibit_announce 1", "asCapable true", "ignore_source_id 1", "summary_interval -3"]);

    [RootFact]
    public Task Ptp4l_follows_us_on_ethernet_end_to_end() => ServeAsync("10.124.13", "ethernet", "e2e", "-2 -E -s");

    /// <summary>Its clock is kept by NTP, ptp4l's is the true one: what is left is how wrong ours is, and what the path of ptp4l's own measurement may hide.</summary>
    [RootFact]
    public async Task What_ptp4l_measures_of_a_grandmaster_that_is_kept_by_ntp_is_within_what_that_announces()
    {
        using var stage = new Stage();
        using var network = new NamespacePair("10.124.23");
        var reference = Chronyd.ServeWithin(stage, network.Enter.Ours);
        using var suite = PtpStage.Start(stage, network, $"""
            role = "serve"
            announce-interval = -1
            sync-interval = -2
            delay-interval = -2

            [leap]
            file = "{PtpStage.LeapFile(stage)}"

            {Suite.Source("127.0.0.1", reference.Port)}
            """);
        var slave = Ptp4l.Start(stage, network, "-4 -E -s", "logAnnounceInterval -1", "logSyncInterval -2", "logMinDelayReqInterval -2", "summary_interval -2");

        await PtpStage.UntilAsync(stage, suite, status => status.Ports[0].State == "master" && Announced(status) < 0.005 ? status : null, "a master that claims to be within 5 ms");
        int before = slave.Offsets.Count;
        var offsets = await stage.UntilAsync(() => Task.FromResult(slave.Offsets.Count >= before + 12 ? slave.Offsets.Skip(before).ToList() : null), "twelve offsets of ptp4l");

        var last = await PtpStage.UntilAsync(stage, suite, status => Announced(status) is null ? null : status, "what is announced at the end");
        double announced = Announced(last)!.Value * 1e9;
        double hidden = slave.Delays.Skip(before).Max();
        Assert.InRange(offsets.Order().ElementAt(offsets.Count / 2), -announced - hidden, announced + hidden);
    }

    /// <summary>s; null: nothing is.</summary>
    private static double? Announced(PtpStatus status) => ((ClockAccuracy)status.Parent.Quality.Accuracy).Bound()?.Seconds;

    internal static async Task ServeAsync(string subnet, string? transport, string? delay, string options, string more = "", params string[] settings)
    {
        using var stage = new Stage();
        using var network = new NamespacePair(subnet);
        using var suite = PtpStage.Start(stage, network, $"""
            role = "serve"
            {(transport is null ? "" : $"transport = \"{transport}\"")}
            {(delay is null ? "" : $"delay = \"{delay}\"")}
            announce-interval = -1
            {more}

            [leap]
            file = "{PtpStage.LeapFile(stage)}"

            [local]
            stratum = 1
            """);
        var slave = Ptp4l.Start(stage, network, options, ["logAnnounceInterval -1", "logMinPdelayReqInterval -1", .. settings]);

        var offsets = await stage.UntilAsync(() => Task.FromResult(slave.Offsets.Count >= 3 ? slave.Offsets : null), "three offsets of ptp4l");

        // ptp4l's clock is CLOCK_REALTIME, and it takes TAI - UTC from our Announce, where there is one: what is left is what our shadow is ahead.
        double expected = -Ahead - (settings.Contains("inhibit_announce 1") ? 37e9 : 0);
        Assert.All(offsets, offset => Assert.InRange(offset, expected - Tolerance, expected + Tolerance));
        Assert.InRange(offsets.Order().ElementAt(offsets.Count / 2), expected - Usual, expected + Usual);
    }
}

/// <summary>Between two ptp4l: one is our master, the other our slave.</summary>
public sealed class PtpBoundaryTests
{
    private const double Tolerance = 1e6; // ns

    private static readonly string[] s_bridged = [.. PtpFollowTests.s_gptp, "path_trace_enabled 1", "syncReceiptTimeout 3"];

    [RootFact]
    public Task The_time_of_one_ptp4l_comes_to_the_other_through_our_boundary_clock_which_goes_on_without_it() => BetweenAsync("", "-4 -E", ["priority1 10"], ["slaveOnly 1"]);

    /// <summary>The grandmaster is better than our clock by nothing, and worse by its identity.</summary>
    [RootFact]
    public Task A_boundary_clock_does_not_take_the_place_of_a_grandmaster_that_is_as_good() => BetweenAsync("transport = \"udp6\"", "-6 -E", ["clockIdentity fffffe.ffff.fffffe"], ["slaveOnly 1"]);

    [RootFact]
    public Task The_time_of_one_ptp4l_comes_to_the_other_through_our_boundary_clock_on_ethernet_peer_to_peer() =>
        BetweenAsync("transport = \"ethernet\"\ndelay = \"p2p\"", "-2 -P", ["priority1 10"], ["slaveOnly 1"]);

    [RootFact]
    public Task The_time_of_one_ptp4l_comes_to_the_other_through_our_gptp_bridge() =>
        BetweenAsync("profile = \"gptp\"\nmax-link-delay = \"1 ms\"", "-2 -P", [.. s_bridged, "priority1 10"], [.. s_bridged, "gmCapable 0", "priority1 255", "summary_interval -3"]);

    [RootFact]
    public Task The_time_comes_from_one_transport_and_delay_mechanism_to_the_other_where_each_port_has_its_own() => BetweenAsync(
        $"delay = \"e2e\"\n[[ptp-port]]\ninterface = \"{NamespacePair.SecondInterface}\"\ntransport = \"ethernet\"\ndelay = \"p2p\"", "-4 -E", ["priority1 10"], ["slaveOnly 1"], behindUs: "-2 -P");

    private static async Task BetweenAsync(string ours, string options, string[] first, string[] last, string? behindUs = null)
    {
        using var stage = new Stage();
        using var network = new NamespacePair("10.124.21");
        var behind = network.Extend("10.124.22");
        using var suite = PtpStage.Start(stage, network, $"""
            role = "boundary"
            announce-interval = -1
            arbitrary-timescale = "utc"
            {ours}

            [leap]
            file = "{PtpStage.LeapFile(stage)}"
            """, $"\"{NamespacePair.Interface}\", \"{NamespacePair.SecondInterface}\"");
        var grandmaster = Ptp4l.Start(stage, "grandmaster", network.Enter.Theirs, options, ["logAnnounceInterval -1", .. first]);
        var slave = Ptp4l.Start(stage, "slave", behind, behindUs ?? options, ["logAnnounceInterval -1", .. last]);

        var status = await UntilAsync(stage, suite, "slave", "master");
        await suite.SettleAsync(Duration.FromNanoseconds(500_000), TimeSpan.FromSeconds(1));
        await ThreeOffsetsAsync(stage, slave);
        Assert.Equal(1u, status.Parent.StepsRemoved);
        Assert.Equal(behindUs is null ? 1 : 2, status.Ports.Select(port => (port.Transport, port.DelayMechanism)).Distinct().Count());
        await UntilAsync(stage, suite, "slave", "master"); // still, with a time of its own

        grandmaster.Stop(stage);
        var alone = await UntilAsync(stage, suite, "master", "master");
        Assert.Equal(status.ClockIdentity, alone.Parent.Grandmaster);
        await ThreeOffsetsAsync(stage, slave);
    }

    private static Task<PtpStatus> UntilAsync(Stage stage, Suite suite, params string[] states) =>
        PtpStage.UntilAsync(stage, suite, status => status.Ports.Select(port => port.State).SequenceEqual(states) ? status : null, string.Join(" and ", states));

    /// <summary>Both ptp4l have one clock.</summary>
    private static async Task ThreeOffsetsAsync(Stage stage, Ptp4l slave)
    {
        int before = slave.Offsets.Count;
        var offsets = await stage.UntilAsync(() => Task.FromResult(slave.Offsets.Count >= before + 3 ? slave.Offsets.Skip(before).ToList() : null), "three offsets of the slave behind us");
        Assert.All(offsets, offset => Assert.InRange(offset, -Tolerance, Tolerance));
    }
}

/// <summary>What both have in common: a suite whose ptpd is on our end of the pair.</summary>
internal static class PtpStage
{
    public static Suite Start(Stage stage, NamespacePair network, string settings, string interfaces = $"\"{NamespacePair.Interface}\"", string name = "suite")
    {
        var suite = new Suite(stage, name, "50ms", $"""
            [ptp]
            interfaces = [{interfaces}]
            {settings}
            """, network.Enter.Ours);
        suite.StartPtp(network.Enter.Ours);
        return suite;
    }

    /// <summary>One that is good until 2030: the machine's own may have expired.</summary>
    public static string LeapFile(Stage stage)
    {
        string leap = Path.Combine(stage.Folder("leap"), "leap-seconds.list");
        File.WriteAllText(leap, "#@\t4102444800\n3692217600\t37\n");
        return leap;
    }

    /// <summary>At the other end, one whose ptpd serves CLOCK_REALTIME.</summary>
    public static Suite Serve(Stage stage, NamespacePair network, string settings)
    {
        var suite = new Suite(stage, "server", "0ms", $"""
            [ptp]
            interfaces = ["{NamespacePair.Interface}"]
            role = "serve"
            {settings}

            [leap]
            file = "{LeapFile(stage)}"

            [local]
            stratum = 1
            """, network.Enter.Theirs);
        suite.StartPtp(network.Enter.Theirs);
        return suite;
    }

    /// <summary>Waits for a state of ptpd.</summary>
    public static async Task<T> UntilAsync<T>(Stage stage, Suite suite, Func<PtpStatus, T?> probe, string what)
        where T : class
    {
        using var channel = suite.OpenPtpStatus();
        var client = new Rpc.Ptp.V1.Ptp.PtpClient(channel);
        PtpStatus? last = null;
        return await stage.UntilAsync(async () => probe(last = await client.GetPtpStatusAsync(new(), deadline: DateTime.UtcNow.AddSeconds(5))), what);
    }
}
