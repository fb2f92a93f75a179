using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Discipline;
using TimeSuite.Linux;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

/// <summary>Steering against a clockd that answers when the test says so, or never.</summary>
public sealed class SteeringTests : IDisposable
{
    private readonly ShadowPage _page = new(Duration.FromSeconds(-300L));
    private readonly ClockDiscipline _discipline = new(new DisciplineSettings { StepLimit = -1 });
    private readonly List<SteerRequest> _sent = [];
    private readonly Steering _steering;

    public SteeringTests()
    {
        _steering = new(_discipline, _page.Clock, request =>
        {
            _sent.Add(request);
            return true;
        }, NullLogger<Steering>.Instance);
        _discipline.AddSource(new(1), new SourceOptions());
        Measure(5);
    }

    [Fact]
    public void An_error_is_corrected_once_however_long_clockd_takes_to_answer()
    {
        Open();
        for (int n = 0; n < 20; n++)
        {
            Measure(1);
            _steering.Update(Clocks.Raw());
        }

        var step = Assert.Single(_sent, request => request.VerbCase == SteerRequest.VerbOneofCase.Step);
        Assert.InRange(step.Step.Offset.ToDomain().Seconds, 299.9, 300.1);
    }

    [Fact]
    public void When_the_step_is_answered_the_next_look_is_at_the_clock_as_it_is_then()
    {
        Open();
        Measure(1);
        _steering.Update(Clocks.Raw()); // held back: a step is on its way
        _page.Shadow.StepBy(Duration.FromSeconds(300L), 1, ShadowPage.Now());
        _page.Publish();
        AnswerAll();

        _steering.OnTime(Clocks.Raw());

        Assert.Single(_sent, request => request.VerbCase == SteerRequest.VerbOneofCase.Step);
        Assert.InRange(_steering.Outcome!.Tracking.Offset.Magnitude.Seconds, 0, 0.01);
    }

    [Fact]
    public void A_call_that_is_lost_takes_what_was_on_its_way_with_it()
    {
        Open();
        _steering.OnEvent(new ClockLinkEvent.Lost("gone"), Clocks.Raw());
        _sent.Clear();

        Open(); // nobody knows whether the step was made: the clock is read again, and it was not

        Assert.Single(_sent, request => request.VerbCase == SteerRequest.VerbOneofCase.Step);
    }

    [Fact]
    public void A_correction_carries_what_is_known_of_the_error_in_one_message()
    {
        Open();

        var step = Assert.Single(_sent, request => request.VerbCase == SteerRequest.VerbOneofCase.Step);
        Assert.NotNull(step.Step.Announce);
        Assert.DoesNotContain(_sent, request => request.VerbCase == SteerRequest.VerbOneofCase.Announce);
    }

    [Fact]
    public void What_clockd_refuses_together_is_said_apart_so_that_a_wrong_word_does_not_stop_the_steering()
    {
        Open();
        AnswerAll(request => (request.Adjust?.Announce ?? request.Step?.Announce) is null ? 0 : 3);
        _sent.Clear();

        _steering.OnTime(Clocks.Raw());

        var step = Assert.Single(_sent, request => request.VerbCase == SteerRequest.VerbOneofCase.Step);
        Assert.Null(step.Step.Announce);
        Assert.Single(_sent, request => request.VerbCase == SteerRequest.VerbOneofCase.Announce);
    }

    [Fact]
    public void A_clock_that_clockd_does_not_let_us_correct_is_not_called_synchronised()
    {
        Open();
        AnswerAll(_ => 9);
        _sent.Clear();
        _steering.OnTime(Clocks.Raw());

        var announce = Assert.Single(_sent, request => request.VerbCase == SteerRequest.VerbOneofCase.Announce).Announce;
        Assert.True(!announce.Synchronized && announce.Bound.ToDomain() > Duration.FromSeconds(299L), announce.ToString());
    }

    [Fact]
    public void A_step_that_was_asked_for_is_known_as_our_own_for_a_while()
    {
        Assert.False(_steering.IsStepping(Clocks.Raw()));
        Open();

        Assert.True(_steering.IsStepping(Clocks.Raw()));
        AnswerAll();
        Assert.False(_steering.IsStepping(Clocks.Raw() + Duration.FromSeconds(2L)));
    }

    [Fact]
    public void Limits_that_clockd_has_read_again_are_those_that_are_planned_with()
    {
        Open();

        _steering.OnEvent(
            new ClockLinkEvent.Described(new ClockDescription { Id = "system", FirstSynchronized = true }, new Rpc.Clock.V1.Policy { MaxFrequencyPpb = 10_000, MaxSlewRatePpb = 20_000 }, new Counters()),
            Clocks.Raw());

        Assert.Equal((10, 20, 0), (Math.Round(_discipline.Settings.MaxFrequency.Ppm), Math.Round(_discipline.Settings.MaxSlewRate.Ppm), _discipline.Settings.StepLimit));
    }

    [Fact]
    public void A_reload_does_not_forget_clockds_limits()
    {
        Open();

        _steering.Configure(new DisciplineSettings { MaxFrequency = FrequencyOffset.FromPpm(5000), MaxSlewRate = FrequencyOffset.FromPpm(100) });

        Assert.Equal(500, _discipline.Settings.MaxFrequency.Ppm, 6);
        Assert.Equal(100, _discipline.Settings.MaxSlewRate.Ppm, 6);
    }

    public void Dispose() => _page.Dispose();

    private void Open() => _steering.OnEvent(
        new ClockLinkEvent.Opened(
            new ClockDescription { Id = "system", Kind = ClockDescription.Types.Kind.Shadow },
            new Rpc.Clock.V1.Policy { MaxFrequencyPpb = 500_000, MaxSlewRatePpb = 500_000, LaterStepsPerDay = 100, Lease = Duration.FromSeconds(10L).ToWire() },
            new Counters { BootStepsLeft = 3 }),
        Clocks.Raw());

    private void AnswerAll() => AnswerAll(_ => 0);

    private void AnswerAll(Func<SteerRequest, int> code)
    {
        foreach (var request in _sent.ToList())
        {
            _steering.OnEvent(new ClockLinkEvent.Replied(request, new SteerReply { Code = code(request), Accepted = new Accepted { PendingPhase = Duration.Zero.ToWire() } }), Clocks.Raw());
        }
    }

    /// <summary>Samples of a source that shows the system's time, over the last seconds.</summary>
    private void Measure(int count)
    {
        for (int n = count; n > 0; n--)
        {
            var now = Clocks.Read();
            var sent = now.Raw - Duration.FromSeconds((count - 1 == 0 ? 0 : n) * 0.5);
            var there = now.Realtime - (now.Raw - sent);
            var half = Duration.FromSeconds(20e-6);
            _discipline.OnSample(new(1), new Sample { Forward = new Leg(sent - half, there), Backward = new Leg(sent + half, there) });
        }
    }
}
