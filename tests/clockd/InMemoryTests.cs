using Grpc.Core;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd.Tests;

/// <summary>The whole of clockd behind its messages, in virtual time.</summary>
public sealed class InMemoryTests
{
    private readonly MemoryHost _host = new();

    [Fact]
    public void A_message_of_the_wire_moves_the_clock_and_the_page()
    {
        using var call = _host.Open();
        var reply = _host.Answer(call, new() { Adjust = new() { FrequencyPpb = -20_000, Phase = Duration.FromSeconds(0.001).ToWire() } });

        Assert.Equal((0, 0.001), (reply.Code, Math.Round(reply.Accepted.PendingPhase.ToDomain().Seconds, 9)));
        _host.Pass(100);
        Assert.True(_host.Page.TryMap(_host.Now.Raw, default, out var shown, out _));
        Assert.Equal(100.001, (shown - Host.Noon).Seconds, precision: 9);
        Assert.Equal("simulated (test)", _host.Session.Describe("1").Clocks[0].Holder);
    }

    [Fact]
    public void A_clients_name_reaches_nobody_with_control_characters_in_it()
    {
        using var call = _host.Open("a\u001b[31m\nb\u202e");
        Assert.Equal("simulated (a?[31m?b?)", _host.Session.Describe("1").Clocks[0].Holder);
    }

    [Fact]
    public void A_lease_that_ran_out_ends_the_call_with_its_status()
    {
        bool isAborted = false;
        using var call = new SteerCall(_host.Find, "simulated", () => isAborted = true);
        _host.Answer(call, new() { Open = new() { ClockId = "system" } });
        _host.Answer(call, new() { Adjust = new() { Phase = Duration.FromSeconds(0.9).ToWire() } });
        _host.Pass(11);

        var end = Assert.Throws<RpcException>(() => _host.Answer(call, new() { Renew = new() }));
        Assert.Equal((StatusCode.DeadlineExceeded, true, true), (end.StatusCode, call.IsOver, isAborted));
    }

    [Fact]
    public void A_lease_ends_once_even_if_its_call_is_closed_by_whoever_hears_of_it()
    {
        SteerCall? call = null;
        int aborted = 0;
        call = new SteerCall(_host.Find, "simulated", () =>
        {
            aborted++;
            call!.Dispose();
        });
        _host.Answer(call, new() { Open = new() { ClockId = "system" } });
        _host.Answer(call, new() { Adjust = new() { Phase = Duration.FromSeconds(0.9).ToWire() } });
        _host.Pass(12);

        Assert.Equal((1, 1UL), (aborted, _host.Session.Describe("").Counters.LeasesExpired));
        using var next = _host.Open();
    }

    [Fact]
    public void What_cannot_be_remembered_is_not_done_and_the_lease_lives()
    {
        using var call = _host.Open();
        _host.Answer(call, new() { Announce = new() { Synchronized = true, Bound = Seconds(0.001), Interval = Seconds(64) } });
        _host.IsFull = true;
        var step = _host.Answer(call, new() { Adjust = new() { FrequencyPpb = 1000, Phase = Seconds(0.5) } });

        Assert.Equal(StatusCode.Internal, (StatusCode)step.Code);
        Assert.Equal((0.0, Duration.Zero), (_host.Clock.Read(_host.Now).Frequency.Ppm, _host.Clock.Read(_host.Now).PendingPhase));
        Assert.Equal(0, _host.Answer(call, new() { Adjust = new() { FrequencyPpb = 1000 } }).Code); // a rate takes nothing
        _host.Session.Housekeep(); // and nothing falls over
        _host.IsFull = false;
        Assert.Equal(0, _host.Answer(call, new() { Adjust = new() { Phase = Seconds(0.5) } }).Code);
    }

    [Fact]
    public void A_hundred_small_adjustments_are_few_saves()
    {
        using var call = _host.Open();
        _host.Answer(call, new() { Announce = new() { Synchronized = true, Bound = Seconds(0.001), Interval = Seconds(64) } });
        _host.Saves = 0;
        for (int message = 0; message < 100; message++)
        {
            Assert.Equal(0, _host.Answer(call, new() { Adjust = new() { FrequencyPpb = message, Phase = Seconds(20e-6) } }).Code);
            _host.Pass(1);
        }

        Assert.InRange(_host.Saves, 1, 5);
        Assert.InRange(_host.Kept.Adjustments, 1UL, 100UL);
        _host.Session.Housekeep();
        Assert.Equal(100UL, _host.Kept.Adjustments); // the statistics come each minute
    }

    [Fact]
    public void A_call_has_to_open_a_clock_that_exists_and_that_nobody_holds()
    {
        using var first = new SteerCall(_host.Find, "simulated", () => { });
        Assert.Equal(StatusCode.InvalidArgument, Ended(first, new() { Renew = new() }));
        Assert.Equal(StatusCode.NotFound, Ended(first, new() { Open = new() { ClockId = "sundial" } }));
        using (_host.Open())
        {
            Assert.Equal(StatusCode.FailedPrecondition, Ended(first, new() { Open = new() { ClockId = "system" } }));
        }

        Assert.Equal(0, _host.Answer(first, new() { Open = new() { ClockId = "system" } }).Code);
        Assert.Equal((int)StatusCode.InvalidArgument, _host.Answer(first, new() { Open = new() { ClockId = "system" } }).Code);
        Assert.Equal(StatusCode.InvalidArgument, Ended(first, new() { Renew = new() }, rises: false));
    }

    private static Rpc.Time.V1.Duration Seconds(double seconds) => Duration.FromSeconds(seconds).ToWire();

    private StatusCode Ended(SteerCall call, SteerRequest request, bool rises = true) =>
        Assert.Throws<RpcException>(() => _host.Answer(call, request, rises)).StatusCode;
}
