using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

/// <summary>What clockd is asked for when the sources jump, or the clock is off by more than it permits to slew.</summary>
public sealed class JumpSteeringTests : IDisposable
{
    private static readonly Duration s_jump = Duration.FromSeconds(10L);

    private readonly ClockDiscipline _discipline = new(new DisciplineSettings());
    private readonly List<SteerRequest> _sent = [];
    private readonly ClockTriple _started = Clocks.Read();
    private ShadowPage _page = new(Duration.Zero);
    private int _asked;

    [Theory]
    [InlineData(0, true)]
    [InlineData(9, false)]
    public void The_administrator_s_step_goes_to_what_the_sources_say_and_confirms_it_if_clockd_makes_it(int code, bool isConfirmed)
    {
        var steering = Begin();
        Jump(steering);
        Assert.InRange(_discipline.Jump!.Value.Seconds, 9.99, 10.01);
        Assert.DoesNotContain(_sent, request => request.Adjust?.Phase is not null && request.Adjust.Phase.ToDomain().Magnitude > Duration.FromSeconds(0.01));
        _sent.Clear();

        var (offset, reply) = steering.StepNow(Clocks.Raw())!.Value;
        var request = Assert.Single(_sent);
        Assert.InRange(offset.Seconds, 9.99, 10.01);
        Assert.Equal(offset, request.Step.Offset.ToDomain());
        Assert.NotNull(_discipline.Jump);
        if (isConfirmed)
        {
            _page.Shadow.StepBy(offset, 1, ShadowPage.Now());
            _page.Publish();
        }

        steering.OnEvent(new ClockLinkEvent.Replied(request, new SteerReply { Code = code, Accepted = new Accepted { PendingPhase = Duration.Zero.ToWire() } }), Clocks.Raw());
        steering.OnTime(Clocks.Raw());

        Assert.True(reply.IsCompleted);
        Assert.Equal(isConfirmed, _discipline.Jump is null);
        Assert.InRange(steering.Outcome!.Tracking.Offset.Magnitude.Seconds, 0, 0.01);
    }

    [Fact]
    public void While_a_jump_is_not_followed_the_announced_bound_has_it_in_it_and_nothing_is_asked_for()
    {
        var steering = Begin();
        Jump(steering);

        var announce = _sent.Last(request => request.Announce is not null || request.Adjust?.Announce is not null) is var last ? last.Announce ?? last.Adjust.Announce : null;
        Assert.False(announce!.Synchronized);
        Assert.True(announce.Bound.ToDomain() > s_jump);
        Assert.DoesNotContain(_sent, request => request.Step is not null);
    }

    [Fact]
    public void What_clockd_would_refuse_is_not_asked_for_and_clockd_is_asked_what_it_allows_once_in_ten_minutes()
    {
        _page.Dispose();
        _page = new(Duration.FromSeconds(-2L));
        var steering = Begin();
        var now = Clocks.Raw();
        for (int n = 0; n < 10; n++)
        {
            steering.Update(now + Duration.FromSeconds(60L * n));
        }

        Assert.Equal(0.8, _discipline.Settings.MaxPhase!.Value.Seconds, 6);
        Assert.DoesNotContain(_sent, request => request.Step is not null || request.Adjust?.Phase is not null);
        Assert.True(_discipline.IsRefraining);
        Assert.Contains("timectl step", steering.Outcome!.Alarm, StringComparison.Ordinal);
        Assert.False(steering.Outcome.Announcement.Synchronized);
        Assert.Equal(1, _asked);
    }

    [Fact]
    public void What_may_still_be_slewed_is_known_from_each_answer()
    {
        var steering = Begin();
        var request = _sent.FirstOrDefault(sent => sent.Adjust is not null) ?? new SteerRequest { Adjust = new Adjust() };
        var accepted = new Accepted { PendingPhase = Duration.FromSeconds(-0.1).ToWire(), SlewBudgetLeft = Duration.FromSeconds(0.5).ToWire() };

        steering.OnEvent(new ClockLinkEvent.Replied(request, new SteerReply { Accepted = accepted }), Clocks.Raw());

        Assert.Equal(0.6, _discipline.Settings.MaxPhase!.Value.Seconds, 6);
    }

    public void Dispose() => _page.Dispose();

    /// <summary>Steering of a clock that was synchronised before, with a dozen samples until ten seconds ago.</summary>
    private Steering Begin()
    {
        var steering = new Steering(
            _discipline,
            _page.Clock,
            request =>
            {
                _sent.Add(request);
                return true;
            },
            NullLogger<Steering>.Instance) { PolicyDoubted = () => _asked++ };
        _discipline.AddSource(new(1), new SourceOptions());
        for (int ago = 22; ago > 10; ago--)
        {
            Measure(ago, Duration.Zero);
        }

        var policy = new Rpc.Clock.V1.Policy
        {
            MaxFrequencyPpb = 500_000, MaxSlewRatePpb = 500_000, MaxSlewedPhasePerDay = Duration.FromSeconds(1L).ToWire(), Lease = Duration.FromSeconds(10L).ToWire(),
        };
        var clock = new ClockDescription { Id = "system", Kind = ClockDescription.Types.Kind.Shadow, FirstSynchronized = true };
        steering.OnEvent(new ClockLinkEvent.Opened(clock, policy, new Counters { SlewedLastDay = Duration.FromSeconds(0.2).ToWire() }), Clocks.Raw());
        AnswerAll(steering);
        return steering;
    }

    private void Jump(Steering steering)
    {
        for (int ago = 3; ago > 0; ago--)
        {
            Measure(ago, s_jump);
            steering.Update(Clocks.Raw());
            AnswerAll(steering);
        }
    }

    private void AnswerAll(Steering steering)
    {
        foreach (var request in _sent.Where(request => request.Adjust is not null).ToList())
        {
            steering.OnEvent(new ClockLinkEvent.Replied(request, new SteerReply { Accepted = new Accepted { PendingPhase = Duration.Zero.ToWire() } }), Clocks.Raw());
        }
    }

    /// <summary>A sample of a source that shows the system's time, so many seconds before the test began, and more.</summary>
    private void Measure(int ago, Duration more)
    {
        var at = _started.Raw - Duration.FromSeconds((long)ago);
        var there = _started.Realtime - Duration.FromSeconds((long)ago) + more;
        var half = Duration.FromSeconds(20e-6);
        _discipline.OnSample(new(1), new Sample { Forward = new Leg(at - half, there), Backward = new Leg(at + half, there) });
    }
}
