using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.System.Tests.Suite;
using TimeSuite.Time;
using Xunit.Abstractions;
using Kind = TimeSuite.Rpc.Clock.V1.Event.Types.Kind;

namespace TimeSuite.System.Tests;

/// <summary>One of the two daemons hangs (SIGSTOP) in the middle of a slew of 50 ms.</summary>
[Collection(Alone.Name)]
public sealed class SilenceTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30), s_look = TimeSpan.FromSeconds(2), s_hang = TimeSpan.FromSeconds(6);
    private static readonly Duration s_half = Duration.FromNanoseconds(25_000_000);

    private readonly Scene _scene = new(output);
    private Station _reference = null!, _client = null!;

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task When_ntpd_hangs_the_lease_ends_the_slew_is_cancelled_and_the_rate_stays()
    {
        await BeginToSlewAsync();
        _client.Ntpd.Send(Signal.Stop);
        double frequency = (await _client.DescribedAsync()).Clocks[0].FrequencyPpb;
        await Wait.UntilAsync(async () => (await _client.DescribedAsync()).Clocks[0].Holder.Length == 0, s_limit, "the lease ends");

        var described = await _client.DescribedAsync();
        Assert.Equal(1UL, described.Counters.LeasesExpired);
        Assert.Equal(Duration.Zero, described.Clocks[0].PendingPhase.ToDomain());
        Assert.Contains("the lease ran out", _client.LogOf("clockd"), StringComparison.Ordinal);
        Assert.Equal(frequency, described.Clocks[0].FrequencyPpb);
        var before = TrueError.Now(_client, _reference);
        var since = Clocks.Raw();
        await Task.Delay(s_look);
        double drift = (TrueError.Now(_client, _reference) - before).Seconds / (Clocks.Raw() - since).Seconds;
        Assert.InRange(drift, -50e-6, 50e-6); // the slew was 500 ppm; the rate is not known well after a second

        _client.Ntpd.Send(Signal.Continue);
        await _client.IsSteeredAsync(s_limit);
        await Wait.UntilAsync(IsSlewing, s_limit, "the slew goes on");
        await NothingWasAppliedLateAsync();
    }

    [Fact]
    public async Task When_clockd_hangs_the_slew_stops_where_it_was_planned_and_nothing_queued_is_applied()
    {
        await BeginToSlewAsync();
        _client.Clockd.Send(Signal.Stop);
        var stopped = Clocks.Boot();
        await Task.Delay(s_hang);
        await Wait.UntilAsync(async () => await _client.TrackingAsync() is { ClockdConnected: false }, s_limit, "ntpd says that clockd does not answer");
        _client.Clockd.Send(Signal.Continue);
        await _client.IsSteeredAsync(s_limit);

        var after = (await _client.TrailAsync()).First(happened => happened.At.ToInstant<Boot>() > stopped);
        Assert.Equal(Kind.LeaseEnd, after.Kind);
        Assert.StartsWith("the lease is over: the lease ran out", after.Text, StringComparison.Ordinal);
        await Wait.UntilAsync(IsSlewing, s_limit, "the slew goes on");
        await NothingWasAppliedLateAsync();
    }

    /// <summary>ntpd has no source, and so nothing to say to clockd for half a minute: the question itself finds out.</summary>
    [Fact]
    public async Task Of_a_clockd_that_hangs_at_rest_the_first_question_says_that_it_does_not_answer()
    {
        _client = _scene.Add("client", "");
        _client.Start();
        await Wait.UntilAsync(async () => await _client.TrackingAsync() is { ClockdConnected: true }, s_limit, "ntpd steers");

        _client.Clockd.Send(Signal.Stop);
        await Task.Delay(s_look); // an answer of before counts for a second
        var run = await _client.TimectlAsync("status");
        Assert.Matches("clockd +does not answer: the clock is not steered", run.Output);
        Assert.Contains("; the clock is not steered: clockd does not answer", run.Output, StringComparison.Ordinal);
        await Wait.UntilAsync(() => _client.LogOf("ntpd").Contains("Cannot steer the clock: clockd does not answer", StringComparison.Ordinal), s_limit, "the log says so");

        _client.Clockd.Send(Signal.Continue);
        await Wait.UntilAsync(async () => await _client.TrackingAsync() is { ClockdConnected: true }, s_limit, "ntpd steers again");
    }

    private async Task BeginToSlewAsync()
    {
        _reference = _scene.AddReference(out int port);
        _client = _scene.Add("client", Scene.Source(port) + """
            [clock]
            boot-steps = 0
            lease = "2 s"
            """, "--shadow-offset", "50ms");
        _client.Start();
        await _client.IsSynchronizedAsync(s_limit);
        await Wait.UntilAsync(IsSlewing, s_limit, "a slew begins");
    }

    private bool IsSlewing() => _client.Page.TryRead(out var page) && page.PendingPhase.Magnitude > s_half;

    private async Task NothingWasAppliedLateAsync()
    {
        Assert.Empty((await _client.TrailAsync()).DeedsWithoutLease());
        Assert.True(_client.Page.TryRead(out var page));
        Assert.Equal(0UL, page.StepGeneration);
    }
}
