using System.Diagnostics;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Ptp.V1;
using TimeSuite.Time;

namespace TimeSuite.Interop.Tests;

/// <summary>IEEE 1588.1 between two of our hosts: nobody else speaks it.</summary>
public sealed class CsptpTests
{
    [RootFact]
    public Task A_client_follows_a_server_over_ipv4() => FollowAsync("10.124.31", "10.124.31.2", "udp4");

    [RootFact]
    public Task A_client_follows_a_server_over_ipv6() => FollowAsync("10.124.43", $"{NamespacePair.Ipv6Network}2", "udp6");

    [RootFact]
    public async Task A_server_that_is_not_there_is_given_up_for_the_next_one()
    {
        using var stage = new Stage();
        using var network = new NamespacePair("10.124.32");
        using var server = PtpStage.Serve(stage, network, "profile = \"csptp\"");
        using var client = PtpStage.Start(stage, network, "profile = \"csptp\"\nunicast-masters = [\"10.124.32.77\", \"10.124.32.2\"]\nsync-interval = -2");

        var status = await PtpStage.UntilAsync(stage, client, status => status.Ports[0] is { State: "slave", Offset: not null } ? status : null, "a slave of the second server");

        Assert.NotEqual(status.ClockIdentity, status.Parent.Grandmaster);
    }

    private static async Task FollowAsync(string subnet, string address, string transport)
    {
        using var stage = new Stage();
        using var network = new NamespacePair(subnet);
        using var server = PtpStage.Serve(stage, network, $"profile = \"csptp\"\ntransport = \"{transport}\"");
        using var client = PtpStage.Start(stage, network, $"profile = \"csptp\"\ntransport = \"{transport}\"\nunicast-masters = [\"{address}\"]\nsync-interval = -2");

        var served = await PtpStage.UntilAsync(stage, server, status => status.Ports[0].State == "master" ? status : null, "a server");
        var status = await PtpStage.UntilAsync(stage, client, status => status.Ports[0] is { State: "slave", Offset: not null } ? status : null, "a client that has an offset");

        Assert.Equal((served.ClockIdentity, 37, 1u), (status.Parent.Grandmaster, status.Parent.UtcOffsetS, status.Parent.StepsRemoved));
        var master = Assert.Single(status.Ports[0].Masters);
        Assert.Equal((served.ClockIdentity, true), (master.Grandmaster, master.Followed));
        await client.SettleAsync(Duration.FromNanoseconds(200_000), TimeSpan.FromSeconds(2)); // to the server's clock, which is CLOCK_REALTIME, by ntpd's selection
        var source = Assert.Single(await client.SourcesAsync());
        Assert.Equal((Rpc.Ntp.V1.Source.Types.Mode.Ptp, Rpc.Ntp.V1.Verdict.Selected), (source.Mode, source.Verdict));
    }
}

/// <summary>Sealed messages between two of our hosts: Debian's ptp4l of 2021 knows no seals.</summary>
public sealed class PtpSealTests
{
    private const string Seals = "announce-interval = -1\nauthentication = \"required\"\nauthentication-key = 7\nauthentication-association = 1";

    [RootFact]
    public Task Who_has_the_key_is_followed_and_who_has_not_is_not_even_heard() => SealedAsync("AES128");

    /// <summary>What computes these seals is a library, which has to be there before a daemon closes its list of system calls.</summary>
    [RootFact]
    public Task Nor_is_who_has_another_key_for_seals_by_sha256() => SealedAsync("SHA256-128");

    private static async Task SealedAsync(string type)
    {
        using var stage = new Stage();
        using var network = new NamespacePair("10.124.33");
        string right = Keys(stage, "right", $"1 7 {type} HEX:000102030405060708090a0b0c0d0e0f"), wrong = Keys(stage, "wrong", $"1 7 {type} HEX:ff0102030405060708090a0b0c0d0e0f");
        using var server = PtpStage.Serve(stage, network, $"{Seals}\nauthentication-keys = \"{right}\"");
        using var friend = PtpStage.Start(stage, network, $"{Seals}\nauthentication-keys = \"{right}\"");
        using var stranger = PtpStage.Start(stage, network, $"{Seals}\nauthentication-keys = \"{wrong}\"", name: "stranger");

        await PtpStage.UntilAsync(stage, friend, status => status.Ports[0] is { State: "slave", Offset: not null } ? status : null, "a slave with the key");
        var status = await PtpStage.UntilAsync(
            stage, stranger, status => status.Ports[0].Counts.Any(count => count is { Name: "dropped: NotAuthentic", Count: > 10 }) ? status : null, "sealed messages that a stranger cannot open");
        Assert.Empty(status.Ports[0].Masters);
    }

    private static string Keys(Stage stage, string name, string line)
    {
        string file = Path.Combine(stage.Folder("keys"), name);
        File.WriteAllText(file, line + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}

/// <summary>Our transparent clock between two ptp4l. It is held up for milliseconds again and again, which must not be seen behind it.</summary>
public sealed class PtpTransparentTests
{
    [RootFact]
    public Task What_holds_up_our_transparent_clock_end_to_end_is_not_in_the_offset_of_the_slave_behind_it() => BetweenAsync("10.124.35", "10.124.36", "e2e", "-4 -E", seesResidence: true);

    [RootFact]
    public Task What_holds_up_our_transparent_clock_peer_to_peer_is_not_in_the_offset_of_the_slave_behind_it() => BetweenAsync("10.124.37", "10.124.38", "p2p", "-4 -P", seesResidence: false);

    private static async Task BetweenAsync(string subnet, string second, string delay, string options, bool seesResidence)
    {
        using var stage = new Stage();
        using var network = new NamespacePair(subnet);
        var behind = network.Extend(second);
        using var suite = new Suite(stage, "suite", "50ms", $"""
            [ptp]
            interfaces = ["{NamespacePair.Interface}", "{NamespacePair.SecondInterface}"]
            role = "transparent"
            delay = "{delay}"
            delay-interval = -1
            """, network.Enter.Ours);
        var ptpd = suite.StartPtp(network.Enter.Ours);
        Ptp4l.Start(stage, "grandmaster", network.Enter.Theirs, options, "logAnnounceInterval -1", "logSyncInterval -2", "logMinPdelayReqInterval -1", "priority1 10");
        var slave = Ptp4l.Start(stage, "slave", behind, options + " -s", "logAnnounceInterval -1", "summary_interval -2", "logSyncInterval -2", "logMinDelayReqInterval -2", "logMinPdelayReqInterval -1", "tx_timestamp_timeout 50");

        await stage.UntilAsync(() => Task.FromResult(slave.Offsets.Count >= 2 ? slave.Offsets : null), "offsets of a slave behind a transparent clock");
        int before = slave.Offsets.Count;
        using var stop = new CancellationTokenSource();
        var held = HoldUpAsync(ptpd.Id, stop.Token);
        List<double> offsets;
        try
        {
            offsets = await stage.UntilAsync(() => Task.FromResult(slave.Offsets.Count >= before + 8 ? slave.Offsets.Skip(before).ToList() : null), "offsets while the transparent clock is held up");
        }
        finally
        {
            await stop.CancelAsync();
            await held;
        }

        // Both ptp4l have one clock. Uncorrected, half of the messages would be late by up to 30 ms.
        double median = offsets.Order().ElementAt(offsets.Count / 2), delays = slave.Delays.Skip(before).Order().ElementAt(offsets.Count / 2);
        Assert.InRange(median, -1e6, 1e6);
        Assert.InRange(delays, 0, 1e6);
        var status = await PtpStage.UntilAsync(stage, suite, status => status, "the transparent clock's counters");
        ulong Count(string name) => status.Ports[1].Counts.Single(count => count.Name == name).Count;
        Assert.True(Count("Sync sent") > 8 && Count("FollowUp sent") > 8 && Count("Announce sent") > 4);
        Assert.Equal(seesResidence, Count("DelayResp sent") > 4);
    }

    private static async Task HoldUpAsync(int process, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await SignalAsync("STOP", process);
            await Task.Delay(30, CancellationToken.None);
            await SignalAsync("CONT", process);
            await Task.Delay(20, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start("/bin/kill", [$"-{signal}", $"{process}"]);
        await kill.WaitForExitAsync();
    }
}

/// <summary>What management changes on this host, seen from the network.</summary>
public sealed class PtpControlTests
{
    [RootFact]
    public async Task A_priority_that_is_set_by_the_control_socket_is_what_pmc_reads_and_a_disabled_port_answers_nobody()
    {
        using var stage = new Stage();
        using var network = new NamespacePair("10.124.39");
        using var suite = PtpStage.Start(stage, network, "domain = 5");
        await PtpStage.UntilAsync(stage, suite, status => status.Ports[0].State == "listening" ? status : null, "a port that listens");
        using var channel = suite.OpenPtpControl();
        var control = new PtpControl.PtpControlClient(channel);

        var reply = await control.SetManagedAsync(new() { Name = "PRIORITY1", Value = "17" }, deadline: DateTime.UtcNow.AddSeconds(5));
        Assert.Equal("17", reply.Values[0].Fields[0].Value);
        await stage.UntilAsync(async () => await PmcAsync(stage, network) is var output && System.Text.RegularExpressions.Regex.IsMatch(output, "priority1 +17") ? output : null, "pmc reads 17");

        await control.SetManagedAsync(new() { Name = "DISABLE_PORT" }, deadline: DateTime.UtcNow.AddSeconds(5));
        Assert.DoesNotContain("RESPONSE", await PmcAsync(stage, network), StringComparison.Ordinal);

        using var status = suite.OpenPtpStatus();
        var refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(async () => await new PtpControl.PtpControlClient(status).SetManagedAsync(new() { Name = "PRIORITY1", Value = "1" }));
        Assert.Equal(Grpc.Core.StatusCode.Unimplemented, refused.StatusCode); // the socket for everybody has no way to it
    }

    private static Task<string> PmcAsync(Stage stage, NamespacePair network) => stage.RunAsync(
        "pmc", [.. network.Enter.Theirs, Installation.Peer("root/usr/sbin/pmc"), "-4", "-b", "1", "-d", "5", "-i", NamespacePair.Interface, "GET PRIORITY1"]);
}
