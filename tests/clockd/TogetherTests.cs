using Grpc.Core;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;
using WireLeap = TimeSuite.Rpc.Time.V1.LeapSecond;

namespace TimeSuite.Clockd.Tests;

/// <summary>An adjustment or a step with an announcement in it: both or neither.</summary>
public sealed class TogetherTests
{
    private readonly MemoryHost _host = new();

    public static TheoryData<StatusCode, Announce> Wrong => new()
    {
        { StatusCode.InvalidArgument, Said(announce => announce.BoundGrowthPpb = double.NaN) },
        { StatusCode.InvalidArgument, Said(announce => announce.Bound = Seconds(-1)) },
        { StatusCode.InvalidArgument, Said(announce => announce.Leap = (WireLeap)7) },
        { StatusCode.OutOfRange, Said(announce => announce.Bound = null) },
        { StatusCode.OutOfRange, Said(announce => announce.Interval = Seconds(1e6)) },
        { StatusCode.OutOfRange, Said(announce => announce.TaiOffsetS = 100_000) },
        { StatusCode.FailedPrecondition, Said(announce => announce.Leap = WireLeap.Insert) }, // in March
    };

    [Fact]
    public void Rate_phase_and_error_are_one_deed_with_one_save_and_one_publication()
    {
        using var call = _host.Open();
        (_host.Saves, _host.Publications) = (0, 0);
        var reply = _host.Answer(call, new() { Adjust = new() { FrequencyPpb = 1000, Phase = Seconds(0.001), Announce = Said() } });

        Assert.Equal((0, 1, 1), (reply.Code, _host.Saves, _host.Publications));
        Assert.True(_host.Page.IsSynchronizedAt(_host.Now.Raw, default));
        Assert.Equal((1.0, 0.002 + 0.001), (Math.Round(_host.Page.Frequency.Ppm, 6), Math.Round(_host.Page.Bound.Seconds, 5)));
        Assert.True(_host.Kept.FirstSynchronized);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_announcement_leaves_the_clock_alone(StatusCode code, Announce wrong)
    {
        using var call = _host.Open();
        var (state, page) = (_host.Clock.Read(_host.Now), _host.Page.Bound);
        var adjusted = _host.Answer(call, new() { Adjust = new() { FrequencyPpb = 1000, Phase = Seconds(0.001), Announce = wrong } });
        var stepped = _host.Answer(call, new() { Step = new() { Offset = Seconds(1), Announce = wrong } });

        Assert.Equal((code, code), ((StatusCode)adjusted.Code, (StatusCode)stepped.Code));
        Assert.Equal((state, page), (_host.Clock.Read(_host.Now), _host.Page.Bound));
        var counters = _host.Session.Describe("").Counters;
        Assert.Equal((0UL, 0UL, 3u, 2UL), (counters.Adjustments, counters.Steps, counters.BootStepsLeft, counters.Refusals));
    }

    [Fact]
    public void A_wrong_deed_says_nothing()
    {
        using var call = _host.Open();
        Adjust[] wrong = [new() { FrequencyPpb = 1e9 }, new() { FrequencyPpb = double.NaN }, new() { Phase = Seconds(1), PhaseDuration = Seconds(-1) }];
        foreach (var adjust in wrong)
        {
            adjust.Announce = Said();
            Assert.NotEqual(0, _host.Answer(call, new() { Adjust = adjust }).Code);
        }

        Assert.NotEqual(0, _host.Answer(call, new() { Step = new() { Offset = Seconds(-1e9), Announce = Said() } }).Code);
        Assert.NotEqual(0, _host.Answer(call, new() { Step = new() { Announce = Said() } }).Code);
        Assert.False(_host.Page.Synchronized);
        Assert.False(_host.Session.Describe("").Clocks[0].FirstSynchronized);
    }

    /// <summary>Or the budget of the day would begin with an hour of phase in it.</summary>
    [Fact]
    public void The_first_synchronisation_cannot_be_claimed_with_more_phase_than_a_day_may_have()
    {
        using var call = _host.Open();
        Assert.Equal(StatusCode.FailedPrecondition, Adjust(3600));
        Assert.Equal(StatusCode.OK, Adjust(0.9));
        Assert.Equal(StatusCode.FailedPrecondition, Adjust(1.1));
        Assert.Equal(0.1, _host.Answer(call, new() { Renew = new() }).Accepted.SlewBudgetLeft.ToDomain().Seconds, precision: 6);

        StatusCode Adjust(double phase) => (StatusCode)_host.Answer(call, new() { Adjust = new() { Phase = Seconds(phase), Announce = Said() } }).Code;
    }

    /// <summary>What is said is of the clock after the deed, so a phase that is replaced does not stand in the way.</summary>
    [Fact]
    public void A_pending_phase_that_the_same_message_takes_back_does_not_count()
    {
        using var call = _host.Open();
        _host.Answer(call, new() { Adjust = new() { Phase = Seconds(3600) } });
        Assert.Equal((int)StatusCode.FailedPrecondition, _host.Answer(call, new() { Announce = Said() }).Code);
        Assert.Equal(0, _host.Answer(call, new() { Adjust = new() { Phase = Seconds(0), Announce = Said() } }).Code);
    }

    [Fact]
    public void What_is_said_with_a_step_is_of_the_clock_after_it()
    {
        using var call = _host.Open();
        (_host.Saves, _host.Publications) = (0, 0);
        var reply = _host.Answer(call, new() { Step = new() { Offset = Seconds(1000), Announce = Said() } });

        Assert.Equal((0, 1, 1), (reply.Code, _host.Saves, _host.Publications));
        Assert.Equal((0.002, 1UL, true), (Math.Round(_host.Page.Bound.Seconds, 5), _host.Page.StepGeneration, _host.Page.Synchronized));
        Assert.Equal((int)StatusCode.FailedPrecondition, _host.Answer(call, new() { Step = new() { Offset = Seconds(1), Announce = Said() } }).Code);
    }

    [Theory]
    [InlineData("2027-06-29T23:00:00Z", 7200, StatusCode.OK)]
    [InlineData("2027-06-30T23:00:00Z", 7200, StatusCode.FailedPrecondition)]
    [InlineData("2027-06-30T23:00:00Z", 0.5, StatusCode.OK)]
    public void A_leap_second_is_judged_by_the_day_after_the_step(string start, double offset, StatusCode code)
    {
        var host = new MemoryHost(Host.At(start));
        using var call = host.Open();
        var reply = host.Answer(call, new() { Step = new() { Offset = Seconds(offset), Announce = Said(announce => announce.Leap = WireLeap.Insert) } });

        Assert.Equal((code, code == StatusCode.OK ? LeapSecond.Insert : LeapSecond.None), ((StatusCode)reply.Code, host.Page.Leap));
        Assert.Equal(code == StatusCode.OK ? 1UL : 0UL, host.Page.StepGeneration);
    }

    /// <summary>A day of nothing but such messages, each as large as it may be: no more phase than of messages one by one.</summary>
    [Fact]
    public void Together_they_move_the_clock_no_further_than_apart()
    {
        using var call = _host.Open();
        _host.Answer(call, new() { Announce = Said() });
        var (time, start) = (_host.Clock.Read(_host.Now).Time, _host.Now.Raw);
        for (int second = 0; second < 86_400; second += 5)
        {
            double phase = second % 3 == 0 ? 0.01 : 1e-5;
            _host.Answer(call, new() { Adjust = new() { FrequencyPpb = -20_000, Phase = Seconds(phase), Announce = Said(announce => announce.Synchronized = second % 2 == 0) } });
            _host.Answer(call, new() { Step = new() { Offset = Seconds(0.1), Announce = Said() } });
            _host.Pass(5);
        }

        Assert.InRange((_host.Clock.Read(_host.Now).Time - time - (_host.Now.Raw - start)).Seconds, 0.97, 1.0);
        Assert.Equal(0UL, _host.Session.Describe("").Counters.Steps);
    }

    [Fact]
    public void A_kernel_that_refuses_the_adjustment_is_told_nothing_else()
    {
        using var host = new Host(isShadow: false);
        var lease = host.Steer();
        host.Kernel.IsForbidden = true;
        var outcome = host.Carry(lease, new() { Frequency = FrequencyOffset.Zero, Announcement = new() { Synchronized = true, Interval = Duration.FromSeconds(64L) } });

        Assert.Equal((StatusCode.Internal, false), (outcome.Code, host.ReadPage().Synchronized));
    }

    private static Rpc.Time.V1.Duration Seconds(double seconds) => Duration.FromSeconds(seconds).ToWire();

    private static Announce Said(Action<Announce>? but = null)
    {
        var announce = new Announce { Synchronized = true, Bound = Seconds(0.002), Sigma = Seconds(0.0002), Interval = Seconds(64) };
        but?.Invoke(announce);
        return announce;
    }
}
