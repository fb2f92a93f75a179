using TimeSuite.Rpc;
using TimeSuite.Rpc.Ptp.V1;
using TimeSuite.Time;

namespace TimeSuite.Ctl.Tests;

/// <summary>ptpd as timectl shows it.</summary>
public sealed class PtpTests : IAsyncLifetime
{
    private readonly FakeSuite _suite = new();

    public Task InitializeAsync() => _suite.InitializeAsync();

    public Task DisposeAsync() => _suite.DisposeAsync();

    [Fact]
    public async Task Status_tells_the_grandmaster_its_time_and_what_each_port_measures()
    {
        Fill();

        var run = await _suite.TimectlAsync("ptp");

        Assert.Contains("001122.fffe.334455, follow, profile default, domain 24", run.Out, StringComparison.Ordinal);
        Assert.Contains("aabbcc.fffe.ddeeff, 1 step away, GNSS", run.Out, StringComparison.Ordinal);
        Assert.Contains("priority 1, class 6, accuracy 100 ns, variance 0x4e5d, priority 2", run.Out, StringComparison.Ordinal);
        Assert.Contains("TAI, UTC is 37 s behind", run.Out, StringComparison.Ordinal);
        Assert.Contains("-1.500 us", run.Out, StringComparison.Ordinal);
        string json = (await _suite.TimectlAsync("ptp", "--json")).Out;
        Assert.Contains("\"tai_minus_utc_s\":37", json, StringComparison.Ordinal);
        Assert.Contains("\"offset_from_master_s\":-0.0000015", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_alarm_and_why_a_port_does_not_work_are_shown_to_their_last_word(bool isTerminal)
    {
        const string alarm = "the link is 2.1 us long, more than max-link-delay (800 ns), and not used: raise max-link-delay in [ptp], or set ingress-latency and egress-latency if that is not the cable's";
        const string trouble = "bind to port 319: Permission denied; ports 319 and 320 take CAP_NET_BIND_SERVICE: start ptpd with it; under systemd: systemctl restart timesuite-ptpd, whose unit gives it";
        Fill();
        _suite.State.Ptp.Ports[0].Alarm = alarm;
        _suite.State.Ptp.Ports.Add(new PtpPortStatus { Number = 2, Interface = "eth1", State = trouble });
        _suite.State.Ptp.Ports.Add(new PtpPortStatus { Number = 3, Interface = "eth2", State = "the interface is down" });

        string text = (await Run.OfAsync(["ptp", "--runtime-dir", _suite.RuntimeDirectory], isInteractive: isTerminal)).Out;

        text = isTerminal ? string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) : text;
        Assert.Contains(alarm, text, StringComparison.Ordinal);
        Assert.Contains(trouble, text, StringComparison.Ordinal);
        Assert.Contains("the interface is down", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transparent_clock_has_no_grandmaster_and_is_none()
    {
        Fill();
        _suite.State.Ptp.Parent = null;

        string text = (await _suite.TimectlAsync("ptp")).Out;

        Assert.Contains("none of its own: it hands on what others say", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Its claims", text, StringComparison.Ordinal);
        Assert.Contains("\"parent\":null", (await _suite.TimectlAsync("ptp", "--json")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_that_nobody_leads_says_so()
    {
        _suite.State.Ptp.Parent = new() { Grandmaster = _suite.State.Ptp.ClockIdentity };

        Assert.Contains("this clock", (await _suite.TimectlAsync("ptp")).Out, StringComparison.Ordinal);
        Assert.Contains("no master was heard", (await _suite.TimectlAsync("ptp", "masters")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Masters_show_their_claims_and_which_one_is_followed()
    {
        Fill();

        string text = (await _suite.TimectlAsync("ptp", "masters")).Out;

        Assert.Contains("followed", text, StringComparison.Ordinal);
        Assert.Contains("heard too seldom", text, StringComparison.Ordinal);
        Assert.Contains("\"followed\":true", (await _suite.TimectlAsync("ptp", "masters", "--json")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counters_leave_out_what_never_happened()
    {
        Fill();

        string text = (await _suite.TimectlAsync("ptp", "counters")).Out;

        Assert.Contains("Sync received", text, StringComparison.Ordinal);
        Assert.DoesNotContain("dropped: Loop", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_master_that_is_not_the_best_says_what_the_best_has()
    {
        Fill();
        (_suite.State.Ptp.Ports[0].Masters[1].Qualified, _suite.State.Ptp.Ports[0].Masters[1].BetterOne) = (true, "priority 1 10 and not 128");

        Assert.Contains("the other has priority 1 10 and not 128", (await _suite.TimectlAsync("ptp", "masters")).Out, StringComparison.Ordinal);
        Assert.Contains("\"better_one\":\"priority 1 10 and not 128\"", (await _suite.TimectlAsync("ptp", "masters", "--json")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_reads_by_pmcs_names_and_datasets_reads_five()
    {
        Assert.Matches(@"PRIORITY1\s+field\s+128", (await _suite.TimectlAsync("ptp", "get", "PRIORITY1")).Out);
        Assert.Equal("{\"values\":[{\"name\":\"PORT_DATA_SET\",\"port\":1,\"fields\":[{\"name\":\"field\",\"value\":128}]}]}\n", (await _suite.TimectlAsync("ptp", "get", "PORT_DATA_SET", "--port", "1", "--json")).Out);
        _suite.State.Asked.Clear();
        string sets = (await _suite.TimectlAsync("ptp", "datasets")).Out;
        Assert.Contains("PORT_DATA_SET, port 1", sets, StringComparison.Ordinal);
        Assert.Equal(5, _suite.State.Asked.Count);
    }

    [Fact]
    public async Task Set_goes_to_the_control_socket_with_its_value_and_a_command_has_none()
    {
        await _suite.TimectlAsync("ptp", "set", "PRIORITY1", "10");
        await _suite.TimectlAsync("ptp", "set", "DISABLE_PORT", "--port", "2");
        await _suite.TimectlAsync("ptp", "set", "LOG_SYNC_INTERVAL", "-3");

        Assert.Equal(
            [("PRIORITY1", "10", 0u), ("DISABLE_PORT", "", 2u), ("LOG_SYNC_INTERVAL", "-3", 0u)], _suite.State.Asked.Cast<SetManagedRequest>().Select(request => (request.Name, request.Value, request.Port)));
        _suite.State.AdmitsToControl = false;
        var run = await _suite.TimectlAsync("ptp", "set", "PRIORITY1", "10");
        Assert.NotEqual(0, run.Code);
        Assert.Contains("timesuite", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_of_a_value_is_shown_as_it_is()
    {
        _suite.State.Refusal = new(Grpc.Core.StatusCode.InvalidArgument, "PRIORITY1 must be a number from 0 to 255");

        var run = await _suite.TimectlAsync("ptp", "set", "PRIORITY1", "300");

        Assert.NotEqual(0, run.Code);
        Assert.Contains("from 0 to 255", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_prints_a_line_each_second_and_ends_by_itself()
    {
        Fill();

        var run = await _suite.TimectlAsync("ptp", "watch", "--seconds", "2.5");

        string[] lines = run.Out.TrimEnd().Split('\n');
        Assert.All(lines, line => Assert.Equal("eth0 slave, offset -1.500 us, path delay 3.200 us", line));
        Assert.InRange(lines.Length, 2, 3); // a busy machine may be late for one
        Assert.Single((await _suite.TimectlAsync("ptp", "watch", "--seconds", "0", "--json")).Out.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task On_a_terminal_watch_draws_a_plot()
    {
        Fill();

        var run = await Run.OfAsync(["ptp", "watch", "--seconds", "0", "--runtime-dir", _suite.RuntimeDirectory], isInteractive: true);

        Assert.Contains("offset: + the clock is ahead", run.Out, StringComparison.Ordinal);
        Assert.Contains("*", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_hostile_ptpd_says_leaves_the_terminal_alone()
    {
        const string poison = "\u001b]0;owned\u0007[red]x[/]\r\n\u202e";
        Fill();
        var status = _suite.State.Ptp;
        (status.ClockIdentity, status.Profile, status.Role, status.Parent.Grandmaster) = (poison, poison, poison, poison);
        var port = status.Ports[0];
        (port.Interface, port.State, port.Transport, port.DelayMechanism, port.Timestamping) = (poison, poison, poison, poison, poison);
        (port.Masters[0].PortIdentity, port.Masters[0].Grandmaster, port.Counts[0].Name) = (poison, poison, poison);
        (port.Masters[1].Qualified, port.Masters[1].BetterOne, _suite.State.ManagedValue) = (true, poison, poison);
        status.Parent.TimeSource = uint.MaxValue;
        status.Parent.Quality.Accuracy = uint.MaxValue;

        foreach (string command in new[] { "ptp", "ptp ports", "ptp masters", "ptp counters", "ptp get PRIORITY1", "ptp watch --seconds 0" })
        {
            var run = await _suite.TimectlAsync(command.Split(' '));
            Assert.Equal(0, run.Code);
            Assert.DoesNotContain('\u001b', run.Out);
            Assert.DoesNotContain('\u0007', run.Out);
            Assert.DoesNotContain('\u202e', run.Out);
            _ = System.Text.Json.JsonDocument.Parse((await _suite.TimectlAsync([.. command.Split(' '), "--json"])).Out);
        }
    }

    [Fact]
    public async Task Without_ptpd_the_error_names_its_unit()
    {
        File.Delete(Path.Combine(_suite.RuntimeDirectory, "ptpd/status.sock"));

        var run = await _suite.TimectlAsync("ptp");

        Assert.NotEqual(0, run.Code);
        Assert.Contains("timesuite-ptpd", run.Error, StringComparison.Ordinal);
    }

    private void Fill()
    {
        var status = _suite.State.Ptp;
        status.Domain = 24;
        status.Quality = new() { ClockClass = 255, Accuracy = 0xFE, Variance = 0xFFFF };
        status.Parent = new()
        {
            PortIdentity = "aabbcc.fffe.ddeeff-1", Grandmaster = "aabbcc.fffe.ddeeff", Quality = new() { ClockClass = 6, Accuracy = 0x21, Variance = 0x4E5D }, Priority1 = 1, Priority2 = 2,
            StepsRemoved = 1, UtcOffsetS = 37, TimeSource = 0x20, PtpTimescale = true,
        };
        var port = new PtpPortStatus
        {
            Number = 1, Interface = "eth0", State = "slave", DelayMechanism = "e2e", Transport = "udp4", Timestamping = "software",
            Offset = Duration.FromNanoseconds(-1_500).ToWire(), MeanPathDelay = Duration.FromNanoseconds(3_200).ToWire(), Age = Duration.FromNanoseconds(500_000_000).ToWire(),
        };
        port.Counts.Add([new PtpCount { Name = "Sync received", Count = 9 }, new PtpCount { Name = "dropped: Loop" }]);
        port.Masters.Add([
            new PtpMaster { PortIdentity = "aabbcc.fffe.ddeeff-1", Grandmaster = "aabbcc.fffe.ddeeff", Quality = status.Parent.Quality, Followed = true, Qualified = true, LastHeard = new() },
            new PtpMaster { PortIdentity = "bbbbcc.fffe.ddeeff-1", Grandmaster = "bbbbcc.fffe.ddeeff", Quality = status.Parent.Quality, LastHeard = new() },
        ]);
        status.Ports.Add(port);
    }
}
