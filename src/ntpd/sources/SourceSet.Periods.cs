using Microsoft.Extensions.Logging;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Sources;

/// <summary>Certificates at a clock that may be wrong: verified at the clock's time, else believed by agreement, then verified again at the time obtained.</summary>
internal sealed partial class SourceSet
{
    private bool _isVerified; // every session's certificates, at a trusted time

    /// <summary>What is known of the time without the sources. As long as nobody says: that any certificate's period is as good as another.</summary>
    public Func<ClockKnowledge> Knowledge { get; init; } = () => new(default, IsTrusted: false);

    /// <summary>Servers that have to agree before a clock that contradicts their certificates is held for wrong.</summary>
    public int Quorum { get; set; } = 2;

    /// <summary>A server has said something, or the clock was synchronised.</summary>
    public void JudgePeriods(Instant<Raw> now)
    {
        if (_isVerified)
        {
            return;
        }

        var knowledge = Knowledge();
        if (knowledge.IsTrusted)
        {
            _isVerified = true;
            VerifyAll(now, (_, period) => period.Holds(knowledge.Now));
            _sources.ForEach(source => source.DefersPeriod = false);
            return;
        }

        VerifyAll(now, (claim, period) => claim is null || period.Holds(claim.Value.Earliest) || period.Holds(claim.Value.Latest));
        var waiting = Sessions.Where(session => session is { IsProvisional: true, Last: not null, SaysUnsynchronized: false }).ToList();
        var agreeing = ClaimedTime.Agreeing(waiting.ConvertAll(session => ClaimedTime.Of(session.NtsName, session.Last!, now)), Quorum);
        foreach (int index in agreeing)
        {
            waiting[index].IsProvisional = false;
            Report(waiting[index], loop: false);
        }

        if (agreeing.Count > 0)
        {
            LogAgreed(log, agreeing.Count, ClaimedTime.Of("", waiting[agreeing[0]].Last!, now).Earliest.ToString());
        }
    }

    /// <summary>Those whose certificates are not valid at the time that counts lose their keys; the others no longer wait if that time is certain.</summary>
    private void VerifyAll(Instant<Raw> now, Func<ClaimedTime?, Period, bool> isValid)
    {
        foreach (var source in _sources.Where(source => source.Config.Nts))
        {
            foreach (var session in source.Sessions.Where(session => session.Nts is not null).ToList())
            {
                ClaimedTime? claim = session.Last is { } last ? ClaimedTime.Of(session.NtsName, last, now) : null;
                if (!isValid(claim, session.Exchanged.Period))
                {
                    LogInvalid(log, source.Config.Name, session.Exchanged.Period);
                    source.ResolveFailure = $"its certificate is valid from {session.Exchanged.Period} only, which the time is not in";
                    Drop(source, session, now, avoid: false);
                    source.ResolveAt = source.NoExchangeBefore ?? now;
                }
                else if (_isVerified && session.IsProvisional)
                {
                    session.IsProvisional = false;
                    Report(session, loop: false);
                }
            }
        }
    }

    /// <summary>What a server says with keys of such an exchange counts at once, or when others agree.</summary>
    private void Await(SourceSession session, bool fits)
    {
        if (session.IsProvisional == fits)
        {
            session.IsProvisional = !fits;
            Report(session, loop: false);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Count} servers agree that it is {Time}, and their certificates are valid then: the clock is wrong, and they count from now on")]
    private static partial void LogAgreed(ILogger log, int count, string time);

    [LoggerMessage(LogLevel.Warning, "Source {Name}: its certificate is valid from {Period} only, which the time is not in; its keys are thrown away")]
    private static partial void LogInvalid(ILogger log, string name, Period period);
}
