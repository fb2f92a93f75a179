using System.Globalization;
using Grpc.Core;
using TimeSuite.Linux;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.System.Tests.Suite;
using TimeSuite.Time;
using Xunit.Abstractions;
using Kind = TimeSuite.Rpc.Clock.V1.Event.Types.Kind;
using Wire = TimeSuite.Rpc.Time.V1;

namespace TimeSuite.System.Tests;

/// <summary>A steerer with every right to steer, and nothing but bad intentions.</summary>
public sealed class HostileSteererTests(ITestOutputHelper output) : IDisposable
{
    private static readonly (string What, StatusCode Code, Func<SteerRequest> Message)[] s_bad =
    [
        ("a step without a permit", StatusCode.FailedPrecondition, () => Step(new() { Seconds = 1 })),
        ("a step out of all reach", StatusCode.OutOfRange, () => Step(new() { Seconds = long.MaxValue })),
        ("a step of nothing", StatusCode.OutOfRange, () => Step(null)),
        ("a rate that is no number", StatusCode.InvalidArgument, () => Rate(double.NaN)),
        ("an infinite rate", StatusCode.InvalidArgument, () => Rate(double.PositiveInfinity)),
        ("a rate of 1e300 ppb", StatusCode.OutOfRange, () => Rate(1e300)),
        ("a rate of 501 ppm", StatusCode.OutOfRange, () => Rate(-501_000)),
        ("a pulse", StatusCode.InvalidArgument, () => new() { Adjust = new() { FrequencyPpb = 100, BaseFrequencyPpb = 0 } }),
        ("a negative duration", StatusCode.InvalidArgument, () => Slew(new() { Fraction = 1UL << 50 }, new() { Seconds = -1 })),
        ("two seconds of phase", StatusCode.FailedPrecondition, () => Slew(new() { Seconds = 2 }, null)),
        ("phase out of all reach", StatusCode.OutOfRange, () => Slew(new() { Seconds = long.MinValue }, null)),
        ("a leap second in March", StatusCode.FailedPrecondition, () => Announce(words => words.Leap = Wire.LeapSecond.Insert)),
        ("a leap second of no kind", StatusCode.InvalidArgument, () => Announce(words => words.Leap = (Wire.LeapSecond)77)),
        ("TAI-UTC = 100000 s", StatusCode.OutOfRange, () => Announce(words => words.TaiOffsetS = 100_000)),
        ("a negative bound", StatusCode.InvalidArgument, () => Announce(words => words.Bound = new() { Seconds = -1 })),
        ("a growth that is no number", StatusCode.InvalidArgument, () => Announce(words => words.BoundGrowthPpb = double.NaN)),
        ("no interval", StatusCode.OutOfRange, () => Announce(words => words.Interval = null)),
        ("no verb", StatusCode.InvalidArgument, () => new()),
        ("Open for the second time", StatusCode.InvalidArgument, () => new() { Open = new() { ClockId = "system" } }),
        ("a message that comes too late", StatusCode.DeadlineExceeded, () => new() { Step = new() { Offset = new() { Seconds = 1 } }, NotAfter = (Clocks.Boot() - Duration.FromNanoseconds(1_000_000)).ToWire() }),
        ("a message of the year 10^11", StatusCode.OutOfRange, () => new() { Renew = new(), NotAfter = new() { Seconds = long.MaxValue } }),
    ];

    private readonly Scene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task What_policy_forbids_is_refused_with_its_code_and_a_line_and_the_clock_does_not_change()
    {
        var station = await StartInMarchAsync();
        using var steerer = await Steerer.OpenAsync(station);
        Assert.Equal(0, (await steerer.SendAsync(Announce(_ => { }))).Code); // the first synchronisation: from here on policy is strict
        Assert.Equal(0, (await steerer.SendAsync(Rate(1_000))).Code);
        Assert.True(station.Page.TryRead(out var before));

        foreach (var (what, code, message) in s_bad)
        {
            var reply = await steerer.SendAsync(message());
            Assert.True((int)code == reply.Code, $"{what}: {(StatusCode)reply.Code} {reply.Message}, not {code}");
            Assert.NotEmpty(reply.Message);
            Assert.Null(reply.Accepted);
        }

        var bare = await steerer.SendAsItIsAsync(new() { Sequence = 1_000, Renew = new() });
        Assert.Equal((int)StatusCode.InvalidArgument, bare.Code); // no not_after

        Assert.True(station.Page.TryRead(out var after));
        Assert.Equal(before.Segments(), after.Segments());
        Assert.Equal((before.Frequency, before.StepGeneration, before.Leap, before.TaiOffset), (after.Frequency, after.StepGeneration, after.Leap, after.TaiOffset));
        var refusals = (await station.TrailAsync()).Where(happened => happened.Kind == Kind.Refusal && happened.Who.Contains("(test)", StringComparison.Ordinal)).ToList();
        Assert.Equal(s_bad.Length + 1, refusals.Count);
        Assert.All(refusals, refusal => Assert.NotEmpty(refusal.Text));
        Assert.True((await station.DescribedAsync()).Counters.Refusals >= (ulong)refusals.Count);
        int lines = station.LogOf("clockd").Split('\n').Count(line => line.Contains("refused", StringComparison.Ordinal));
        Assert.InRange(lines, 10, 12); // ten a minute, then they are counted
        Assert.Equal(0, (await steerer.SendAsync(new() { Sequence = 1_001, Renew = new() })).Code); // the call has survived it all
    }

    [Fact]
    public async Task A_permitted_step_is_made_once_and_a_larger_one_never()
    {
        var station = await StartInMarchAsync();
        using var steerer = await Steerer.OpenAsync(station);
        Assert.Equal(0, (await steerer.SendAsync(Announce(_ => { }))).Code);
        using var channel = UnixChannel.Open(station.ClockdSocket);
        await new Rpc.Clock.V1.Clock.ClockClient(channel).PermitStepAsync(new() { ClockId = "system", MaxSize = new() { Seconds = 2 }, Window = new() { Seconds = 60 } });

        Assert.Equal((int)StatusCode.OutOfRange, (await steerer.SendAsync(Step(new() { Seconds = 3 }))).Code);
        var reply = await steerer.SendAsync(Step(new() { Seconds = -2 }));
        Assert.Equal(0, reply.Code);
        Assert.Equal(1UL, reply.Accepted.StepGeneration);
        Assert.Equal((int)StatusCode.FailedPrecondition, (await steerer.SendAsync(Step(new() { Seconds = 1 }))).Code);
        Assert.Contains("step of -2", station.LogOf("clockd"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_is_one_lease_and_it_begins_with_Open()
    {
        var station = await StartInMarchAsync();
        using var channel = UnixChannel.Open(station.ClockdSocket);
        using (var rude = new Steerer(channel))
        {
            await EndsAsync(StatusCode.InvalidArgument, rude.SendAsync(Rate(1_000)));
        }

        using (var lost = new Steerer(channel))
        {
            await EndsAsync(StatusCode.NotFound, lost.SendAsync(new() { Open = new() { ClockId = "phc0" } }));
        }

        using var holder = new Steerer(channel);
        Assert.Equal(0, (await holder.SendAsync(Open("the first"))).Code);
        using (var second = new Steerer(channel)) // on the same connection
        {
            var refused = await EndsAsync(StatusCode.FailedPrecondition, second.SendAsync(Open("the second")));
            Assert.Contains("the first", refused.Status.Detail, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await holder.SendAsync(Rate(1_000))).Code); // undisturbed
        await EndsAsync(StatusCode.InvalidArgument, holder.SendAsync(new() { Sequence = 1, Renew = new() })); // the sequence does not rise
        Assert.Equal(1_000, (await station.DescribedAsync()).Clocks[0].FrequencyPpb, tolerance: 1e-3); // the rate outlives its steerer
    }

    [Fact]
    public async Task A_message_of_10_MB_ends_its_call_and_nothing_else()
    {
        var station = await StartInMarchAsync();
        using var channel = UnixChannel.Open(station.ClockdSocket);
        using var holder = new Steerer(channel);
        Assert.Equal(0, (await holder.SendAsync(Open("the holder"))).Code);
        using (var own = UnixChannel.Open(station.ClockdSocket))
        using (var huge = new Steerer(own))
        {
            // Whoever goes on sending on a call that is over may lose the connection with it (RFC 9113, section 5.1, STREAM_CLOSED).
            var ended = await Assert.ThrowsAnyAsync<Exception>(() => huge.SendAsync(Open(new string('x', 10_000_000))));
            Assert.True(ended is RpcException { StatusCode: StatusCode.ResourceExhausted } or IOException, ended.ToString());
        }

        Assert.Equal(0, (await holder.SendAsync(new() { Renew = new() })).Code);
    }

    private static SteerRequest Open(string client) => new() { Open = new() { ClockId = "system", Client = client } };

    private static SteerRequest Step(Wire.Duration? offset) => new() { Step = new() { Offset = offset } };

    private static SteerRequest Rate(double ppb) => new() { Adjust = new() { FrequencyPpb = ppb } };

    private static SteerRequest Slew(Wire.Duration phase, Wire.Duration? duration) => new() { Adjust = new() { FrequencyPpb = 1_000, Phase = phase, PhaseDuration = duration } };

    private static SteerRequest Announce(Action<Announce> change)
    {
        var words = new Announce
        {
            Synchronized = true,
            Bound = new() { Fraction = 1UL << 54 }, // 1 ms
            Sigma = new() { Fraction = 1UL << 50 },
            Interval = new() { Seconds = 60 },
        };
        change(words);
        return new() { Announce = words };
    }

    private static async Task<RpcException> EndsAsync(StatusCode code, Task<SteerReply> answer)
    {
        var ended = await Assert.ThrowsAsync<RpcException>(() => answer);
        Assert.Equal(code, ended.StatusCode);
        return ended;
    }

    /// <summary>A shadow clock that says 15 March, whatever the day: no leap second can be near.</summary>
    private async Task<Station> StartInMarchAsync()
    {
        var now = DateTimeOffset.UtcNow;
        var march = new DateTimeOffset(now.Year + 1, 3, 15, 12, 0, 0, TimeSpan.Zero);
        var station = _scene.Add("station", "", "--shadow-offset", string.Create(CultureInfo.InvariantCulture, $"{(march - now).TotalSeconds:F0}s"));
        station.StartClockd();
        await station.ClockdIsUpAsync();
        return station;
    }
}
