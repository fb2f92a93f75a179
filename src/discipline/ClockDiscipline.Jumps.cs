using TimeSuite.Time;

namespace TimeSuite.Discipline;

/// <summary>Sources that jump against a clock that was known well, and what is said of it.</summary>
public sealed partial class ClockDiscipline
{
    private readonly JumpGuard _guard = new();

    private string? _news;

    /// <summary>What the sources say less what the clock goes by, while that is not followed; null if they agree. Positive: it would move the clock forwards.</summary>
    public Duration? Jump => _guard.Pending?.Now;

    /// <summary>The clock is off by more than policy lets be slewed (<see cref="DisciplineSettings.MaxPhase"/>), and is left so.</summary>
    public bool IsRefraining => _controller.IsRefraining;

    /// <summary>The administrator's word: the sources are right. The clock is compared with what they say from now on.</summary>
    public void FollowJump()
    {
        if (_guard.Pending is { } jump && _line is { } line && _guard.Confirm() is { } said)
        {
            _line = said.MovedTo(line.At);
            _heldSince = null;
            _controller.Forget();
            _news = $"following {Names(jump.Sources)}, {Words.Of(jump.Now)} from where this clock was: by the administrator's word";
        }
    }

    /// <summary>If all that it follows are elsewhere.</summary>
    private Suspicion Suspected(Instant<Raw> at)
    {
        if (_followed.Count == 0 || Jump is not null || !_followed.All(source => source.Estimator.Suspects > 0))
        {
            return default;
        }

        var size = _followed.Max(source => source.Estimator.SuspectOffset.Magnitude);
        var heard = _followed.Min(source => source.Heard ?? at);
        return Suspicion.Of(size, _followed.Max(source => source.Newest ?? heard), heard, at);
    }

    private bool MayFollow(SelectionResult result, in SourceEstimate said)
    {
        var own = _line?.MovedTo(said.At);
        var pending = _guard.Pending;
        var newest = result.Chosen.Max(i => _sources[i].Newest) ?? said.At;
        var heard = new Testimony(
            said, newest, [.. result.Chosen.Select(i => _sources[i].Id)],
            result.Judgements.Count(j => j.Verdict is Verdict.Selected or Verdict.Candidate or Verdict.NotPreferred),
            own is { } line ? Dissenters(result, line) : 0);
        bool may = _guard.MayFollow(heard, own, Settings, out bool isConfirmed);
        if (may && own is { } before && (pending is not null || isConfirmed))
        {
            var moved = said.Utc - before.Utc;
            string where = $"following {Names(heard.Sources)}, {Words.Of(moved)} from where this clock was";
            _news = isConfirmed ? $"{where}: it has lasted for {Minutes(pending?.Age ?? Duration.Zero)}{(pending?.IsAgreed == true ? ", and they agree" : "")}"
                : moved.Magnitude > pending!.Size.Magnitude.Half() ? $"{where}: it is the clock's own rate that has changed"
                : $"{Names(heard.Sources)} and this clock agree again";
        }

        return may;
    }

    /// <summary>Outvoted, but with the clock's own line in what they vouch for.</summary>
    private int Dissenters(SelectionResult result, in SourceEstimate line)
    {
        int count = 0;
        for (int i = 0; i < _sources.Count; i++)
        {
            count += result.Judgements[i].Verdict == Verdict.Falseticker && _sources[i].EstimateAt(line.At) is { } own
                && (own.Utc - line.Utc).Magnitude <= own.MaxError + line.MaxError ? 1 : 0;
        }

        return count;
    }

    /// <summary>A jump that nobody asserts any more, since those who did are gone or switched off, is none.</summary>
    private void ForgetTheSilent(SelectionResult result)
    {
        if (_guard.Pending is { } jump && !_sources.Where((source, i) =>
            jump.Sources.Contains(source.Id) && result.Judgements[i].Verdict is not (Verdict.Offline or Verdict.NoSelect or Verdict.GivenUp)).Any())
        {
            _guard.Drop();
            _news = "the sources that had jumped are gone";
        }
    }

    /// <summary>Why the selected are not followed; null if they are.</summary>
    private string? Unfollowed() => _guard.Pending is { } jump
        ? $"{Names(jump.Sources)} {(jump.Sources.Count == 1 ? "is" : "are")} {Words.Of(jump.Now)} from this clock: not followed until confirmed"
        : null;

    private Judgement NotConfirmed(Judgement selected) => _guard.Pending is { } jump
        ? new(Verdict.Unconfirmed, $"jumped by {Words.Of(jump.Size)} against this clock, not followed; {Next(jump)}")
        : selected;

    private string Next(Jump jump) => !JumpGuard.IsCorrectable(jump.Size, Settings)
        ? "more than clockd's policy lets be slewed; if it is right: timectl step"
        : JumpGuard.IsConfirmable(jump, Settings) ? $"it will be if it lasts for {Minutes(Settings.JumpWait)}"
        : $"if it is right: timectl step, or a second source that agrees for {Minutes(Settings.JumpWait)}";

    private string? Alarm(SelectionResult result)
    {
        List<string> alarms = [];
        if (_guard.Pending is { } jump)
        {
            alarms.Add($"{Names(jump.Sources)} jumped by {Words.Of(jump.Size)} against this clock, which does not follow; {Next(jump)}");
        }
        else if (result.Chosen.Count > 0 && result.Chosen.All(i => _sources[i].Estimator.Suspects > 0))
        {
            alarms.Add($"{Names([.. result.Chosen.Select(i => _sources[i].Id)])} suddenly {(result.Chosen.Count == 1 ? "says" : "say")} another time; the clock does not follow, and the next samples tell more");
        }

        if (_controller.IsRefraining)
        {
            alarms.Add("this clock is off by more than clockd's policy lets be slewed: timectl step sets it");
        }

        if (_controller.IsMeddledWith)
        {
            alarms.Add("somebody else sets this clock or turns its rate; does a second time daemon run?");
        }

        return alarms.Count == 0 ? null : string.Join("; ", alarms);
    }

    /// <summary>Several are not named: who is selected changes, and what is said of them should not.</summary>
    private string Names(IReadOnlyList<SourceId> ids) => ids.Count > 1 ? "the sources" : Find(ids[0])?.Name ?? ids[0].ToString();

    private static string Minutes(Duration length) => length.Seconds < 600
        ? FormattableString.Invariant($"{length.Seconds:F0} s")
        : FormattableString.Invariant($"{length.Seconds / 60:F0} min");
}
