using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Linux;
using TimeSuite.Policy;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd.Tests;

/// <summary>clockd as a simulation has it: no file, no thread, no socket, and the messages of the wire.</summary>
public sealed class InMemoryTests : ITimePagePublisher, IStateKeeper
{
    private readonly ClockSession _session;
    private Moment _now = new(new(Duration.FromSeconds(1000L)), new(Duration.FromSeconds(1000L)), Host.Noon, default);
    private TimePageReading _page;
    private PolicyState _kept = new() { Boot = Guid.Empty };
    private ulong _sequence;
    private bool _isTicking;

    public InMemoryTests()
    {
        var clock = ShadowClock.Resume(null, Duration.Zero, FrequencyOffset.FromPpm(20), _now);
        _session = new(clock, new(PolicyLimits.Default, leaps: null, Host.BuildDate), _kept, this, this, new(NullLogger.Instance), () => _now);
        _session.Ticking = wanted => _isTicking = wanted;
        _session.Start();
    }

    TimePageReading? ITimePagePublisher.Earlier => null;

    void ITimePagePublisher.Publish(in TimePageReading page) => _page = page;

    void IStateKeeper.SaveRuntime(PolicyState state) => _kept = state;

    void IStateKeeper.SaveToDisk(PolicyState state)
    {
    }

    [Fact]
    public void A_message_of_the_wire_moves_the_clock_and_the_page()
    {
        using var call = Open();
        var reply = Answer(call, new() { Adjust = new() { FrequencyPpb = -20_000, Phase = Duration.FromSeconds(0.001).ToWire() } });

        Assert.Equal((0, 0.001), (reply.Code, Math.Round(reply.Accepted.PendingPhase.ToDomain().Seconds, 9)));
        Pass(100);
        Assert.True(_page.TryMap(_now.Raw, default, out var shown, out _));
        Assert.Equal(100.001, (shown - Host.Noon).Seconds, precision: 9);
        Assert.Equal(1UL, _kept.Adjustments);
        Assert.Equal("simulated (test)", _session.Describe("1").Clocks[0].Holder);
    }

    [Fact]
    public void A_lease_that_ran_out_ends_the_call_with_its_status()
    {
        bool isAborted = false;
        using var call = new SteerCall(_session, "simulated", () => isAborted = true);
        Answer(call, new() { Open = new() { ClockId = "system" } });
        Answer(call, new() { Adjust = new() { Phase = Duration.FromSeconds(0.9).ToWire() } });
        Pass(11);

        var end = Assert.Throws<RpcException>(() => Answer(call, new() { Renew = new() }));
        Assert.Equal((StatusCode.DeadlineExceeded, true, true), (end.StatusCode, call.IsOver, isAborted));
    }

    [Fact]
    public void A_call_has_to_open_a_clock_that_exists_and_that_nobody_holds()
    {
        using var first = new SteerCall(_session, "simulated", () => { });
        Assert.Equal(StatusCode.InvalidArgument, Assert.Throws<RpcException>(() => Answer(first, new() { Renew = new() })).StatusCode);
        Assert.Equal(StatusCode.NotFound, Assert.Throws<RpcException>(() => Answer(first, new() { Open = new() { ClockId = "sundial" } })).StatusCode);
        using (Open())
        {
            Assert.Equal(StatusCode.FailedPrecondition, Assert.Throws<RpcException>(() => Answer(first, new() { Open = new() { ClockId = "system" } })).StatusCode);
        }

        Assert.Equal(0, Answer(first, new() { Open = new() { ClockId = "system" } }).Code);
        Assert.Equal((int)StatusCode.InvalidArgument, Answer(first, new() { Open = new() { ClockId = "system" } }).Code);
        _sequence--;
        Assert.Equal(StatusCode.InvalidArgument, Assert.Throws<RpcException>(() => Answer(first, new() { Renew = new() }, rises: false)).StatusCode);
    }

    private SteerCall Open()
    {
        var call = new SteerCall(_session, "simulated", () => { });
        Assert.Equal(0, Answer(call, new() { Open = new() { ClockId = "system", Client = "test" } }).Code);
        return call;
    }

    private SteerReply Answer(SteerCall call, SteerRequest request, bool rises = true)
    {
        request.Sequence = rises ? ++_sequence : _sequence;
        request.NotAfter = (_now.Boot + Duration.FromSeconds(5L)).ToWire();
        var reply = call.Answer(request);
        Assert.Equal(_sequence, reply.Sequence);
        return reply;
    }

    private void Pass(int seconds)
    {
        var second = Duration.FromSeconds(1L);
        for (int passed = 0; passed < seconds; passed++)
        {
            _now = new(_now.Raw + second, _now.Boot + second, _now.Realtime + second, default);
            if (_isTicking)
            {
                _session.Tick();
            }
        }
    }
}
