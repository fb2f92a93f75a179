using System.Text.Json;
using TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ctl.Tests;

public sealed class ReadingTests(FakeSuite suite) : IClassFixture<FakeSuite>
{
    [Fact]
    public async Task Status_is_for_people()
    {
        var run = await suite.TimectlAsync("status");

        Assert.Equal("", run.Error);
        Assert.Equal(
            """
            Synchronised      yes, to ntp.example.net [C0000201], stratum 3
            Why               2 of 3 sources agree
            Clock             12.345 us behind true time (system clock)
            Error at most     7.250 ms (standard deviation 5.000 us)
            Being slewed off  +10.000 us
            Last offset       -2.000 us (RMS 3.000 us)
            Frequency         12.345 ppm fast, corrected (residual +0.001 ppm, skew 0.020 ppm)
            Root delay        12.500 ms (dispersion 1.000 ms)
            Last update       2026-09-21 14:13:20.250000 UTC (every 64 s)
            Leap second       none announced (TAI - UTC = 37 s)
            clockd            connected
            ntpd              0.1.0, up 2 h, 120 packets an hour

            """,
            run.Out);
        Assert.Equal(run, await suite.TimectlAsync("tracking"));
    }

    [Theory]
    [InlineData(false, double.NaN, "offset unknown", "unknown")]
    [InlineData(false, 15.5, "no offset from true time", "15.500 s (standard deviation 5.000 us)")]
    [InlineData(true, 16, "no offset from true time", "16.000 s (standard deviation 5.000 us)")]
    public void An_offset_of_which_nothing_is_known_is_not_told(bool isSynchronised, double bound, string offset, string error)
    {
        var tracking = Samples.Tracking();
        (tracking.Synchronized, tracking.Offset, tracking.Bound) = (isSynchronised, double.IsNaN(bound) ? null : Samples.Time(0), Samples.Time(double.IsNaN(bound) ? 16 : bound));
        var output = new StringWriter { NewLine = "\n" };

        new Screen(new Terminal { Out = output, Error = output, Width = 400 }).Write(StatusView.Of(tracking, []));

        Assert.Contains($"Clock             {offset} (system clock)\nError at most     {error}\n", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "Accuracy target   1.000 ms, met: 30 us at a poll interval of 64 s\n")]
    [InlineData(false, "Accuracy target   1.000 ms, not met: 30 us at a poll interval of 64 s\n")]
    public void The_accuracy_target_is_shown_with_what_is_expected(bool isMet, string line)
    {
        var tracking = Samples.Tracking();
        (tracking.AccuracyTarget, tracking.AccuracyMet, tracking.AccuracyReason) = (Samples.Time(1e-3), isMet, "30 us at a poll interval of 64 s");
        var output = new StringWriter { NewLine = "\n" };

        new Screen(new Terminal { Out = output, Error = output, Width = 400 }).Write(StatusView.Of(tracking, []));

        Assert.Contains(line, output.ToString(), StringComparison.Ordinal);
        Assert.True(TrackingJson.From(tracking).AccuracyMet == isMet);
    }

    [Fact]
    public void An_alarm_stands_in_the_status_with_what_to_do()
    {
        var tracking = Samples.Tracking();
        var output = new StringWriter { NewLine = "\n" };
        (tracking.Alarm, tracking.Jump) = ("ntp.example.net jumped by 1.000 s against this clock, which does not follow; if it is right: timectl step", Samples.Time(1));

        new Screen(new Terminal { Out = output, Error = output, Width = 400 }).Write(StatusView.Of(tracking, []));

        Assert.Contains("Alarm             ntp.example.net jumped by 1.000 s against this clock, which does not follow; if it is right: timectl step\n", output.ToString(), StringComparison.Ordinal);
        Assert.Equal((tracking.Alarm, 1m), (TrackingJson.From(tracking).Alarm, TrackingJson.From(tracking).JumpS));
        Assert.Equal((null, null), (TrackingJson.From(Samples.Tracking()).Alarm, TrackingJson.From(Samples.Tracking()).JumpS));
    }

    [Theory]
    [InlineData("", "does not answer: the clock is not steered; systemctl status timesuite-clockd")]
    [InlineData("clockd refuses: the lease is held by uid 997 pid 12", "the clock is not steered: clockd refuses: the lease is held by uid 997 pid 12")]
    public void A_clock_that_is_not_steered_says_why(string reason, string words)
    {
        var tracking = Samples.Tracking();
        (tracking.ClockdConnected, tracking.ClockdReason) = (false, reason);

        Assert.Contains($"clockd            {words}\n", Shown(tracking), StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_not_been_measured_is_not_shown_as_zero()
    {
        var tracking = Samples.Tracking();
        (tracking.ReferenceTime, tracking.UpdateInterval, tracking.ResidualFrequencyPpb, tracking.SkewPpb) = (null, null, 0, 0);

        Assert.Contains("(residual and skew unknown)\n", Shown(tracking), StringComparison.Ordinal);
        Assert.Contains("Last update       unknown\n", Shown(tracking), StringComparison.Ordinal);
        Assert.Equal((null, null), (TrackingJson.From(tracking).ResidualFrequencyPpb, TrackingJson.From(tracking).SkewPpb));

        tracking.ReferenceTime = Samples.Time(1_790_000_000.25);
        Assert.Contains("14:13:20.250000 UTC (the first)\n", Shown(tracking), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", "", 11_123u, "127.0.0.1:11123")]
    [InlineData("127.0.0.1", "", 123u, "127.0.0.1")]
    [InlineData("2001:db8::7", "", 124u, "[2001:db8::7]:124")]
    [InlineData("pool.example", "2001:db8::7", 124u, "[2001:db8::7]:124 (pool.example)")]
    public void A_port_that_is_not_NTPs_is_part_of_the_name(string name, string member, uint port, string shown)
    {
        var source = new Source { Name = name, Address = member.Length > 0 ? member : name, Pool = member.Length > 0 ? name : "", Port = port };

        Assert.Equal(shown, SourceViews.Name(source));
        Assert.Equal(port, SourceJson.From(source).Port);
    }

    [Fact]
    public async Task Sources_are_a_table()
    {
        var run = await suite.TimectlAsync("sources");

        Assert.Equal(
            """
               Name                        Stratum    Poll  Reach  Last rx      Offset   +- Bound
            *  ntp.example.net                   2    64 s    377     33 s  +12.000 us   7.500 ms
            x  2001:db8::7 (pool.example)        3  125 ms    125   500 ms    -1.000 s  20.000 ms
            ?  silent.example                    0  1024 s    000    never           ?          ?

            """,
            run.Out);
    }

    [Fact]
    public async Task Selection_says_why()
    {
        var run = await suite.TimectlAsync("selection");

        Assert.Contains("*  ntp.example.net             selected     75.0 %  agrees with 2 others", run.Out, StringComparison.Ordinal);
        Assert.Contains("x  2001:db8::7 (pool.example)  falseticker   0.0 %  off by 1.000 s from the 2 that agree", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statistics_say_how_well_each_source_is_known()
    {
        var run = await suite.TimectlAsync("sourcestats");

        Assert.Matches(@"ntp\.example\.net +20 +22 min +\+0\.003 ppm +0\.015 ppm +\+12\.000 us +4\.000 us +7\.000 us +12\.000 ms +30 +29 +1  duplicate", run.Out);
    }

    [Fact]
    public async Task Clock_shows_what_clockd_allows_and_did()
    {
        var run = await suite.TimectlAsync("clock");

        Assert.Contains("Clock             system (shadow)\nHeld by           uid 997 pid 1234\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("Slewed in 24 h   250.000 ms of 1.000 s, 750.000 ms left\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("1 since boot, 50.000 ms in all; no boot steps since the first synchronisation; later none\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("100.000 s  system  step", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_units_in_its_names_and_decimals_without_exponents()
    {
        var status = Json(await suite.TimectlAsync("status", "--json"));
        Assert.Equal("0.000012345", status.GetProperty("offset_s").GetRawText());
        Assert.Equal(-12_345, status.GetProperty("frequency_ppb").GetDouble());
        Assert.Equal("none", status.GetProperty("leap").GetString());
        Assert.True(status.GetProperty("synchronized").GetBoolean());
        Assert.Equal(1_790_000_000.25m, status.GetProperty("reference_time_s").GetDecimal());

        foreach (string command in new[] { "sources", "sourcestats", "selection" })
        {
            var sources = Json(await suite.TimectlAsync(command, "--json")).GetProperty("sources");
            Assert.Equal(3, sources.GetArrayLength());
            Assert.Equal("pool_member", sources[1].GetProperty("mode").GetString());
            Assert.Equal("falseticker", sources[1].GetProperty("verdict").GetString());
            Assert.Equal(-1m, sources[1].GetProperty("estimated_offset_s").GetDecimal());
            Assert.Equal(JsonValueKind.Null, sources[2].GetProperty("last_received_ago_s").ValueKind);
        }

        var clock = Json(await suite.TimectlAsync("clock", "--json"));
        Assert.Equal("shadow", clock.GetProperty("clocks")[0].GetProperty("kind").GetString());
        Assert.Equal("lease_end", clock.GetProperty("recent")[1].GetProperty("kind").GetString());
        Assert.Equal(0.25m, clock.GetProperty("counters").GetProperty("slewed_last_day_s").GetDecimal());
        Assert.Equal("0.1.0", Json(await suite.TimectlAsync("version", "--json")).GetProperty("ntpd").GetString());
    }

    private static JsonElement Json(Run run)
    {
        Assert.Equal((ExitCode.Done, ""), (run.Code, run.Error));
        return JsonDocument.Parse(run.Out).RootElement;
    }

    private static string Shown(Tracking tracking)
    {
        var output = new StringWriter { NewLine = "\n" };
        new Screen(new Terminal { Out = output, Error = output, Width = 400 }).Write(StatusView.Of(tracking, []));
        return output.ToString();
    }
}
