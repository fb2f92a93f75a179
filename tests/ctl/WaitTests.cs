using System.Text.Json;

namespace TimeSuite.Ctl.Tests;

public sealed class WaitTests : IAsyncLifetime
{
    private readonly FakeSuite _suite = new();

    public Task InitializeAsync() => _suite.InitializeAsync();

    public Task DisposeAsync() => _suite.DisposeAsync();

    [Fact]
    public async Task A_clock_that_is_synchronised_is_not_waited_for()
    {
        var run = await _suite.TimectlAsync("waitsync");

        Assert.Equal(new Run(ExitCode.Done, "synchronised, 12.345 us behind true time, error at most 7.250 ms\n", ""), run);
    }

    [Theory]
    [InlineData("12.346 us", 0)]
    [InlineData("12us", 1)]
    public async Task The_offset_can_be_waited_for_too(string limit, int code)
    {
        var run = await _suite.TimectlAsync("waitsync", "--timeout", "0", "--max-offset", limit);

        Assert.Equal(code, run.Code);
    }

    [Fact]
    public async Task A_clock_that_is_not_synchronised_in_time_ends_with_1_and_the_reason()
    {
        _suite.State.Tracking.Synchronized = false;
        _suite.State.Tracking.Explanation = "1 of 3 sources agree: no majority";

        var run = await _suite.TimectlAsync("waitsync", "--timeout", "0.4s");
        var json = await _suite.TimectlAsync("waitsync", "--timeout", "0", "--json");

        Assert.Equal((ExitCode.Failed, ""), (run.Code, run.Out));
        Assert.Matches(@"^timectl: not synchronised after \d+\.\d s: 1 of 3 sources agree: no majority\n$", run.Error);
        Assert.Equal(ExitCode.Failed, json.Code);
        Assert.False(JsonDocument.Parse(json.Out).RootElement.GetProperty("synchronized").GetBoolean());
    }

    [Fact]
    public async Task It_waits_for_a_daemon_that_is_not_there_yet()
    {
        var run = await Run.OfAsync(["waitsync", "--timeout", "0.3", "--runtime-dir", "/tmp/ts-nowhere"]);

        Assert.Equal((ExitCode.Failed, ""), (run.Code, run.Out));
        Assert.Matches(@"^timectl: not synchronised after \d+\.\d s: ntpd does not answer on /tmp/ts-nowhere/ntpd/status\.sock", run.Error);
    }

    [Fact]
    public async Task It_ends_when_the_clock_becomes_synchronised()
    {
        _suite.State.Tracking.Synchronized = false;

        var waiting = _suite.TimectlAsync("waitsync", "--timeout", "60s");
        while (_suite.State.Asked.Count == 0)
        {
            await Task.Delay(10);
        }

        var now = Samples.Tracking();
        _suite.State.Tracking = now;
        var run = await waiting;

        Assert.Equal(ExitCode.Done, run.Code);
    }

    [Fact]
    public async Task Ctrl_C_ends_it_as_shells_expect()
    {
        _suite.State.Tracking.Synchronized = false;
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        var run = await Run.OfAsync(["waitsync", "--runtime-dir", _suite.RuntimeDirectory], cancel: interrupt.Token);

        Assert.Equal(new Run(ExitCode.Interrupted, "", ""), run);
    }
}
