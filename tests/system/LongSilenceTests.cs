using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.System.Tests.Suite;
using TimeSuite.Time;
using Xunit.Abstractions;
using Kind = TimeSuite.Rpc.Clock.V1.Event.Types.Kind;

namespace TimeSuite.System.Tests;

/// <summary>SIGSTOP for a minute, with the lease of 10 s that everybody has: one station's ntpd hangs, the other's clockd.</summary>
public sealed class LongSilenceTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30), s_minute = TimeSpan.FromSeconds(60);
    private static readonly Duration s_right = Duration.FromNanoseconds(1_000_000), s_slewing = Duration.FromNanoseconds(25_000_000);

    private readonly Scene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task After_a_minute_of_silence_nothing_has_run_away_and_nothing_queued_is_applied()
    {
        var reference = _scene.AddReference(out int port);
        var slewing = Add("slewing", port, "[clock]\nboot-steps = 0\n"); // 50 ms at 500 ppm: still under way when its ntpd hangs
        var steady = Add("steady", port, "", "--shadow-frequency", "30ppm");
        await slewing.IsSynchronizedAsync(s_limit);
        await steady.IsSynchronizedAsync(s_limit);
        await Wait.UntilAsync(async () => (await steady.DescribedAsync()).Clocks[0].FrequencyPpb is > -32_000 and < -28_000, s_limit, "the rate is known");

        Assert.True(slewing.Page.TryRead(out var page) && page.PendingPhase.Magnitude > s_slewing);
        var stopped = Clocks.Boot();
        slewing.Ntpd.Send(Signal.Stop);
        steady.Clockd.Send(Signal.Stop);
        await Task.Delay(s_minute);

        var described = await slewing.DescribedAsync();
        Assert.Equal(("", 1UL), (described.Clocks[0].Holder, described.Counters.LeasesExpired));
        Assert.Equal(Duration.Zero, described.Clocks[0].PendingPhase.ToDomain());
        Assert.InRange(TrueError.Now(slewing, reference).Seconds, 0.040, 0.051); // 10 s of slew and no more
        Assert.True(TrueError.Now(steady, reference).Magnitude < s_right);

        slewing.Ntpd.Send(Signal.Continue);
        steady.Clockd.Send(Signal.Continue);
        foreach (var station in new[] { slewing, steady })
        {
            await station.IsSteeredAsync(s_limit);
            await station.IsSynchronizedAsync(s_limit);
            Assert.Empty((await station.TrailAsync()).DeedsWithoutLease());
        }

        // What had queued up is refused, whoever comes first; the first deed is the end of the old lease.
        var first = (await steady.TrailAsync()).First(happened => happened.At.ToInstant<Boot>() > stopped + Duration.FromSeconds(30L) && happened.Kind != Kind.Refusal);
        Assert.True(first.Kind is Kind.LeaseEnd, first.ToString());
        Assert.True(TrueError.Now(steady, reference).Magnitude < s_right);
        Assert.True(TrueError.Now(slewing, reference).Magnitude < s_slewing + s_slewing);
    }

    private Station Add(string name, int port, string more, params string[] arguments)
    {
        var station = _scene.Add(name, Scene.Source(port) + more, ["--shadow-offset", "50ms", .. arguments]);
        station.Start();
        return station;
    }
}
