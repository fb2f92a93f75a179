using System.Diagnostics;
using Grpc.Core;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.System.Tests.Suite;
using Xunit.Abstractions;
using ClockClient = TimeSuite.Rpc.Clock.V1.Clock.ClockClient;

namespace TimeSuite.System.Tests;

/// <summary>An admitted user abuses gRPC: clockd stays small, and answers.</summary>
[Collection(Alone.Name)]
public sealed class FloodTests(ITestOutputHelper output) : IDisposable
{
    private const long LargestPss = 64L << 20;
    private const string DescribeMethod = "/timesuite.clock.v1.Clock/Describe", SteerMethod = "/timesuite.clock.v1.Clock/Steer";
    private static readonly TimeSpan s_prompt = TimeSpan.FromSeconds(1);

    private readonly Scene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [RootFact]
    public async Task Ten_thousand_calls_of_one_user_that_are_cancelled_at_once_do_not_touch_the_others()
    {
        var station = await StartAsync($"[clock]\nreaders = [\"{Native.Nobody}\"]\n");
        int sent = OwnThread.Run(asNobody: true, () =>
        {
            int calls = 0;
            for (int connection = 0; connection < 1_000 && calls < 10_000; connection++)
            {
                using var client = new RawHttp2(station.ClockdSocket, DescribeMethod);
                calls += client.OpenAndCancel(10_000 - calls);
            }

            return calls;
        });
        Assert.True(sent >= 5_000, $"only {sent} calls were sent");
        await IsWellAsync(station);
    }

    [Fact]
    public async Task A_thousand_calls_that_never_end()
    {
        var station = await StartAsync();
        using (var client = new RawHttp2(station.ClockdSocket, SteerMethod))
        {
            _scene.Say($"{client.Open(1_000)} streams opened");
            await IsWellAsync(station);
        }
    }

    [Fact]
    public async Task Hundreds_of_calls_at_once_on_one_connection()
    {
        var station = await StartAsync();
        using var channel = UnixChannel.Open(station.ClockdSocket);
        var client = new ClockClient(channel);
        await client.DescribeAsync(new()); // a client that has seen the server's settings keeps to its number of streams
        var calls = Enumerable.Range(0, 500).Select(_ => client.DescribeAsync(new(), deadline: DateTime.UtcNow.AddSeconds(60)).ResponseAsync);
        Assert.All(await Task.WhenAll(calls), reply => Assert.Single(reply.Clocks));
        await IsWellAsync(station);
    }

    [Fact]
    public async Task A_reader_of_Watch_that_does_not_read()
    {
        var station = await StartAsync();
        using var channel = UnixChannel.Open(station.ClockdSocket);
        using var watch = new ClockClient(channel).Watch(new() { Backlog = 1024 }, deadline: DateTime.UtcNow.AddMinutes(2));
        using (var steerer = new Steerer(channel)) // on the same connection: its replies must not wait for the events
        {
            Assert.Equal(0, (await steerer.SendAsync(new() { Open = new() { ClockId = "system", Client = new string('x', 64) } })).Code);
            for (int change = 0; change < 3_000; change++)
            {
                Assert.Equal(0, (await steerer.SendAsync(new() { Adjust = new() { FrequencyPpb = change % 1_000 } })).Code);
            }
        }

        await IsWellAsync(station);
        var tooSlow = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await watch.ResponseStream.MoveNext(CancellationToken.None))
            {
                // What was sent before the patience ended is still there.
            }
        });
        Assert.Equal(StatusCode.ResourceExhausted, tooSlow.StatusCode);
    }

    private async Task<Station> StartAsync(string toml = "")
    {
        var station = _scene.Add("station", toml);
        station.StartClockd();
        await station.ClockdIsUpAsync();
        return station;
    }

    private async Task IsWellAsync(Station station)
    {
        var watch = Stopwatch.StartNew();
        await station.DescribedAsync();
        Assert.True(watch.Elapsed < s_prompt, $"Describe took {watch.Elapsed}");
        _scene.Say($"Pss {station.Clockd.Pss >> 10} KiB");
        Assert.InRange(station.Clockd.Pss, 1L << 20, LargestPss);
        Assert.True(station.Page.TryRead(out var page));
        Assert.Equal(0UL, page.StepGeneration);
    }
}
