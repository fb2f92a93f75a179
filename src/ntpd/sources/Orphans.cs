using TimeSuite.Config;
using TimeSuite.Ntp;

namespace TimeSuite.Ntpd.Sources;

/// <summary>Which sources are set aside because they have no real time either: <see cref="OrphanElection"/> on our sources.</summary>
/// <param name="sources">All of them.</param>
/// <param name="own">Under which reference id a source's server would see us.</param>
internal sealed class Orphans(SourceSet sources, Func<SourceSession, ReferenceId?> own)
{
    /// <summary>Looks at every source again.</summary>
    /// <param name="local">[local], if it is configured.</param>
    /// <returns>Whether one was set aside or taken back: the discipline has been told.</returns>
    public bool Judge(LocalConfig? local)
    {
        var sessions = sources.Sessions.ToList();
        var orphans = local is { Orphan: true } ? sessions.FindAll(session => OrphanElection.IsOrphan(session.Last?.Stratum ?? 0, local.Stratum)) : [];
        bool hasOther = sessions.Exists(session => session.Last is not null && IsUsable(session) && !orphans.Contains(session));
        int? leader = hasOther || orphans.Count == 0 ? null : OrphanElection.Leader([.. orphans.Select(Candidate)], local!.Stratum);
        bool changed = false;
        foreach (var session in sessions)
        {
            bool isSetAside = orphans.IndexOf(session) is >= 0 and var index && index != leader;
            if (session.IsSetAside != isSetAside)
            {
                session.IsSetAside = isSetAside;
                sources.Report(session, loop: false);
                changed = true;
            }
        }

        return changed;
    }

    private OrphanCandidate Candidate(SourceSession session) => new(
        OwnReferences.Of(session.Address.ToIPAddress()),
        own(session) ?? default, // no way there: nobody is smaller than zero
        session.Last?.Stratum ?? 0,
        IsUsable(session));

    private static bool IsUsable(SourceSession session) => session.IsReachable && session.Association.IsOnline && !session.SaysUnsynchronized;
}
