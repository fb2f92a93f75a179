using TimeSuite.Discipline.Tests.Simulation;
using TimeSuite.Time;

namespace TimeSuite.Discipline.Tests;

/// <summary>All that is followed jumps against a clock that was known well.</summary>
public class JumpTests
{
    private const double At = 5000;

    [Fact]
    public void A_step_of_the_only_source_is_said_at_once_and_not_followed()
    {
        var world = Stepping(1);
        var before = new Score(from: 3000, to: At);
        world.RunTo(At, before.See);
        List<string> alarms = [], ofSource = [];
        var after = new Score(from: At);
        world.RunTo(9000, w =>
        {
            after.See(w);
            Note(alarms, w.Last!.Alarm);
            Note(ofSource, w.Last.Sources[0].Alarm);
        });

        Assert.Contains("suddenly says another time", alarms[0], StringComparison.Ordinal);
        Assert.Contains("jumped by 1.000 s against this clock", alarms[1], StringComparison.Ordinal);
        Assert.Contains("timectl step", alarms[1], StringComparison.Ordinal);
        Assert.Equal(2, alarms.Count);
        Assert.Contains("has stepped by 1.000 s in 1 samples, not followed", ofSource[0], StringComparison.Ordinal);
        Assert.InRange(after.Max, 0, before.Max + 5e-4);
        Assert.Equal(1, after.Inside);
        Assert.Equal(Verdict.Unconfirmed, world.Last!.Sources[0].Verdict);
        Assert.Contains("not followed", world.Last.Sources[0].Reason, StringComparison.Ordinal);
        Assert.Contains("not followed until confirmed", world.Last.Tracking.Explanation, StringComparison.Ordinal);
        Assert.Null(world.Last.Selected);
        Assert.True(world.Last.Tracking.Holdover);
        Assert.InRange(world.Last.Jump!.Value.Seconds, 0.999, 1.001);
    }

    [Fact]
    public void The_alarm_comes_within_three_polls()
    {
        var world = Stepping(-0.3);
        double alarmed = 0, sized = 0;
        world.RunTo(5500, w =>
        {
            alarmed = alarmed == 0 && w.Last!.Alarm is not null ? w.Clock.Now : alarmed;
            sized = sized == 0 && w.Last!.Jump is not null ? w.Clock.Now : sized;
        });

        Assert.InRange(alarmed, At, At + 65);
        Assert.InRange(sized, At, At + (3 * 65));
    }

    [Theory]
    [InlineData(0.3, true)]
    [InlineData(-10, false)]
    public void While_nobody_knows_who_is_right_the_bound_has_both_in_it(double step, bool isSynchronized)
    {
        var world = Stepping(step);
        world.RunTo(8000);

        Assert.InRange(world.Last!.Announcement.Bound.Seconds, Math.Abs(step), Math.Abs(step) + 0.02);
        Assert.Equal(isSynchronized, world.Last.Announcement.Synchronized);
        Assert.InRange(world.Last.Announcement.Sigma.Seconds, 0, 1e-3);
    }

    [Fact]
    public void A_small_jump_is_followed_when_it_has_lasted_and_that_is_said_once()
    {
        var world = Stepping(0.02);
        List<string> news = [];
        double followed = 0;
        world.RunTo(9000, w =>
        {
            Note(news, w.Last!.News);
            followed = followed == 0 && w.Clock.Now > At && w.Clock.Error > 1e-3 ? w.Clock.Now : followed;
        });

        Assert.Contains("20.0 ms from where this clock was: it has lasted for 15 min", Assert.Single(news), StringComparison.Ordinal);
        Assert.InRange(followed, At + 900, At + 900 + (5 * 64));
        Assert.InRange(world.Clock.Error, 0.0195, 0.0205);
        Assert.Equal(1, world.Clock.Steps);
        Assert.Null(world.Last!.Jump);
        Assert.Null(world.Last.Alarm);
        Assert.InRange(world.Last.Announcement.Bound.Seconds, 0, 2e-3);
    }

    [Theory]
    [InlineData(100, 1)]
    [InlineData(50_000, 0)]
    public void Limit_and_wait_are_settings(double wait, int followed)
    {
        var world = Stepping(1, new() { JumpLimit = Duration.FromSeconds(2L), JumpWait = Duration.FromSeconds(wait) });
        world.RunTo(9000);

        Assert.InRange(world.Clock.Error, followed - 1e-3, followed + 1e-3);
    }

    [Fact]
    public void What_policy_would_not_let_be_corrected_is_not_followed()
    {
        var world = Stepping(0.02, new() { MaxPhase = Duration.FromSeconds(0.01) });
        world.RunTo(9000);

        Assert.InRange(world.Clock.Error, -1e-3, 1e-3);
        Assert.Contains("more than clockd's policy lets be slewed; if it is right: timectl step", world.Last!.Alarm, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_that_comes_back_ends_the_alarm_and_has_moved_nothing()
    {
        var world = new World(2, new() { Options = Setup.FixedPoll(64), Path = (_, d) => new(d) { ServerError = t => t is >= At and < 6500 ? 1 : 0 } });
        List<string> news = [];
        var after = new Score(from: At);
        world.RunTo(9000, w =>
        {
            after.See(w);
            Note(news, w.Last!.News);
        });

        Assert.EndsWith("and this clock agree again", Assert.Single(news), StringComparison.Ordinal);
        Assert.InRange(after.Max, 0, 3e-4);
        Assert.Null(world.Last!.Alarm);
        Assert.Equal(Verdict.Selected, world.Last.Sources[0].Verdict);
    }

    [Theory]
    [InlineData(3, 3, true)] // nobody is left who agrees with the clock
    [InlineData(3, 2, false)] // two against one and the clock itself
    [InlineData(5, 4, true)]
    public void Sources_that_agree_on_a_jump_are_followed_if_they_are_more_than_the_others_and_the_clock(int servers, int stepping, bool follows)
    {
        var world = new World(3, new()
        {
            Servers = servers,
            Options = Setup.FixedPoll(64),
            Path = (i, d) => new(d) { ServerError = t => i < stepping && t >= At ? 0.4 : 0 },
        });
        bool alarmed = false;
        double early = 0;
        world.RunTo(9000, w =>
        {
            alarmed |= w.Last!.Jump is not null;
            early = w.Clock.Now is > At and < At + 900 ? Math.Max(early, Math.Abs(w.Clock.Error)) : early;
        });

        Assert.True(alarmed);
        Assert.InRange(early, 0, 1e-3);
        Assert.InRange(world.Clock.Error, (follows ? 0.4 : 0) - 1e-3, (follows ? 0.4 : 0) + 1e-3);
    }

    [Fact]
    public void Of_two_sources_the_one_that_agrees_with_the_clock_is_followed()
    {
        var world = new World(4, new()
        {
            Servers = 2,
            Options = Setup.FixedPoll(64),
            Path = (i, d) => new(d) { ServerError = t => i == 1 && t >= At ? -0.2 : 0 },
        });
        var after = new Score(from: At);
        world.RunTo(9000, after.See);

        Assert.InRange(after.Max, 0, 3e-4);
        Assert.Equal((Verdict.Selected, Verdict.Falseticker), (world.Last!.Sources[0].Verdict, world.Last.Sources[1].Verdict));
        Assert.Null(world.Last.Jump);
    }

    [Fact]
    public void By_the_administrator_s_word_it_is_followed_at_once()
    {
        var world = Stepping(10);
        world.RunTo(6000);
        world.Clock.Meddle(world.Last!.Jump!.Value.Seconds); // what clockd did for timectl step

        world.Discipline.FollowJump();
        world.Update();

        Assert.Null(world.Last.Jump);
        Assert.Contains("by the administrator's word", world.Last.News, StringComparison.Ordinal);
        Assert.InRange(world.Last.Tracking.Offset.Magnitude.Seconds, 0, 1e-3);
        Assert.True(world.Last.Announcement.Synchronized);
        world.RunTo(9000, w => Assert.InRange(w.Clock.Error, 9.999, 10.001));
        Assert.Null(world.Last.Alarm);
    }

    [Fact]
    public void Without_a_jump_the_administrator_s_word_changes_nothing()
    {
        var world = Stepping(1);
        world.RunTo(4000);
        var offset = world.Last!.Tracking.Offset;
        world.Discipline.FollowJump();
        world.Update();

        Assert.Null(world.Last.News);
        Assert.InRange((world.Last.Tracking.Offset - offset).Magnitude.Seconds, 0, 1e-4);
    }

    [Fact]
    public void When_the_source_that_jumped_is_taken_out_the_doubt_goes_with_it()
    {
        var world = Stepping(0.5);
        world.RunTo(6000);
        Assert.InRange(world.Last!.Announcement.Bound.Seconds, 0.5, 0.6);

        world.Discipline.RemoveSource(new(0));
        world.Update();

        Assert.Null(world.Last.Jump);
        Assert.InRange(world.Last.Announcement.Bound.Seconds, 0, 0.02);
        Assert.Contains("gone", world.Last.News, StringComparison.Ordinal);
    }

    [Fact]
    public void The_history_file_remembers_what_was_before_the_jump()
    {
        var world = Stepping(1);
        world.RunTo(6500);
        var kept = world.Discipline.ExportHistory(new(0))!;

        Assert.True(world.Clock.Now - 6500 < 1 && kept.Samples.Count >= 60, "those before the jump, not the twenty since");
        var next = new ClockDiscipline(new());
        next.AddSource(new(0), new());
        next.ImportHistory(kept);
        var clock = world.Clock.Read();
        Assert.InRange(next.Update(clock, clock.At).Tracking.Offset.Magnitude.Seconds, 0, 1e-2);
    }

    [Theory]
    [InlineData(20e-6)]
    [InlineData(-60e-6)]
    public void Another_rate_of_the_oscillator_is_no_jump(double change)
    {
        var world = new World(5, new() { Options = Setup.FixedPoll(64) });
        world.RunTo(At);
        world.Clock.Heat(change); // as after a move to another host
        world.RunTo(7000, w => Assert.Null(w.Last!.Jump));

        Assert.InRange(Math.Abs(world.Clock.Error), 0, 5e-4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_leap_second_and_a_gap_are_no_jumps(bool leap)
    {
        var world = new World(6, new() { Options = Setup.FixedPoll(64), Path = (_, d) => new(d) { ServerError = t => t >= At ? -1 : 0 } });
        world.RunTo(At);
        if (leap)
        {
            world.Discipline.OnLeap(LeapSecond.Insert);
        }
        else
        {
            world.Discipline.OnGap();
        }

        world.RunTo(7000, w => Assert.Null(w.Last!.Jump));
        Assert.Equal(Verdict.Selected, world.Last!.Sources[0].Verdict);
    }

    [Fact]
    public void At_the_start_a_source_may_correct_itself()
    {
        var world = new World(7, new() { Options = Setup.FixedPoll(64), Path = (_, d) => new(d) { ServerError = t => t >= 330 ? 0.5 : 0 } });
        world.RunTo(2500, w => Assert.Null(w.Last!.Jump));

        Assert.InRange(world.Clock.Error, 0.499, 0.501);
    }

    [Fact]
    public void A_clock_that_is_off_by_more_than_may_be_slewed_is_left_its_rate_apart_and_says_so()
    {
        var world = new World(8, new() { Options = Setup.FixedPoll(64), Settings = new() { MaxPhase = Duration.FromSeconds(1L) } });
        world.RunTo(At);
        world.Clock.Meddle(3);
        int asked = 0;
        for (int i = 0; i < 20; i++)
        {
            world.RunTo(world.Clock.Now + 64);
            asked += world.Last!.Correction?.Phase is not null ? 1 : 0;
        }

        Assert.Equal(0, asked);
        Assert.True(world.Discipline.IsRefraining);
        Assert.Contains("more than clockd's policy lets be slewed: timectl step", world.Last!.Alarm, StringComparison.Ordinal);
        Assert.InRange(world.Clock.Error, 2.999, 3.001);
        Assert.InRange(world.Last.Announcement.Bound.Seconds, 3, 3.01);
        Assert.False(world.Last.Announcement.Synchronized);

        world.Discipline.Settings = world.Discipline.Settings with { MaxPhase = null };
        world.RunTo(world.Clock.Now + 7000);
        Assert.InRange(Math.Abs(world.Clock.Error), 0, 3e-4);
        Assert.True(world.Last.Announcement.Synchronized);
    }

    private static World Stepping(double step, DisciplineSettings? settings = null) => new(1, new()
    {
        Options = Setup.FixedPoll(64),
        Settings = settings ?? new(),
        Path = (_, d) => new(d) { ServerError = t => t >= At ? step : 0 },
    });

    private static void Note(List<string> texts, string? text)
    {
        if (text is not null && (texts.Count == 0 || texts[^1] != text))
        {
            texts.Add(text);
        }
    }
}
