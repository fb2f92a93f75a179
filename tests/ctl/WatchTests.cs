using System.Text.Json;

namespace TimeSuite.Ctl.Tests;

public sealed class WatchTests : IAsyncLifetime
{
    private readonly FakeSuite _suite = new();

    public Task InitializeAsync() => _suite.InitializeAsync();

    public Task DisposeAsync() => _suite.DisposeAsync();

    [Fact]
    public async Task Snapshots_are_plain_where_nobody_looks_and_the_last_one_is_never_left_out()
    {
        _suite.State.EndsWatch = true;

        var run = await _suite.TimectlAsync("watch");

        Assert.StartsWith("synchronised: no offset from true time, error at most 7.250 ms, frequency -12.345 ppm; 2 of 3 sources agree\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("synchronised: 20.000 us behind true time", run.Out, StringComparison.Ordinal); // the last of the three
        Assert.Contains("*  ntp.example.net", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Out);
    }

    [Fact]
    public async Task An_offset_of_which_nothing_is_known_is_not_told()
    {
        _suite.State.EndsWatch = true;
        (_suite.State.Tracking.Synchronized, _suite.State.Tracking.Offset, _suite.State.Tracking.Bound) = (false, null, Samples.Time(16));

        var run = await _suite.TimectlAsync("watch");

        Assert.StartsWith("not synchronised: offset unknown, frequency -12.345 ppm; 2 of 3 sources agree\n", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("error at most", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_snapshot_is_a_line_of_json()
    {
        _suite.State.EndsWatch = true;

        var run = await _suite.TimectlAsync("watch", "--json");

        var offsets = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("tracking").GetProperty("offset_s").GetDecimal());
        Assert.Equal([0m, 0.00001m, 0.00002m], offsets);
    }

    [Fact]
    public async Task It_is_drawn_in_place_for_a_person()
    {
        _suite.State.EndsWatch = true;

        var run = await Run.OfAsync(["watch", "--runtime-dir", _suite.RuntimeDirectory], isInteractive: true);

        Assert.Contains("\u001b[", run.Out, StringComparison.Ordinal);
        Assert.Contains("offset: + the clock is behind", run.Out, StringComparison.Ordinal);
        Assert.Contains("+20.000 us |", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_ntpd_that_stops_is_told(bool isInteractive)
    {
        _suite.State.EndsWatch = true;

        var run = await Run.OfAsync(["watch", "--runtime-dir", _suite.RuntimeDirectory], isInteractive);

        Assert.Equal((ExitCode.Failed, "timectl: ntpd ended the watch: it stopped or was restarted; systemctl status timesuite-ntpd\n"), (run.Code, run.Error));
    }

    [Fact]
    public async Task It_ends_well_when_its_time_is_over()
    {
        var run = await _suite.TimectlAsync("watch", "--seconds", "0.3");

        Assert.Equal((ExitCode.Done, ""), (run.Code, run.Error));
    }

    [Fact]
    public async Task It_ends_well_by_Ctrl_C()
    {
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        var run = await Run.OfAsync(["watch", "--runtime-dir", _suite.RuntimeDirectory], cancel: interrupt.Token);

        Assert.Equal((ExitCode.Done, ""), (run.Code, run.Error));
    }
}
