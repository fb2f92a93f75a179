using TimeSuite.Ntp;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Sources;

/// <summary>What a server says that the time is, at a moment of our oscillator.</summary>
/// <param name="Server">Servers of one name count once.</param>
/// <param name="Earliest">It can be no earlier, if the server is right.</param>
/// <param name="Latest">It can be no later.</param>
internal readonly record struct ClaimedTime(string Server, Instant<Utc> Earliest, Instant<Utc> Latest)
{
    private static readonly Duration Slack = Duration.FromSeconds(1L); // servers smear leap seconds; who lies about years cannot hide in it

    /// <param name="server">Its name.</param>
    /// <param name="exchange">Its last.</param>
    /// <param name="now">No earlier than that.</param>
    public static ClaimedTime Of(string server, Exchange exchange, Instant<Raw> now)
    {
        var middle = exchange.RemoteSent + exchange.Delay.Half() + (now - exchange.Received.At);
        var doubt = exchange.Delay.Magnitude.Half() + exchange.RootDelay.Half() + exchange.RootDispersion + Slack;
        return new(server, middle - doubt, middle + doubt);
    }

    /// <summary>The largest group of servers that can all be right, if it is large enough and there is no other as large.</summary>
    /// <param name="claims">All of one moment.</param>
    /// <param name="quorum">Names that are needed, at least 1.</param>
    /// <returns>Indices into <paramref name="claims"/>; empty: there is none.</returns>
    public static IReadOnlyList<int> Agreeing(IReadOnlyList<ClaimedTime> claims, int quorum)
    {
        var groups = claims.Select(claim => claim.Earliest).Distinct() // the latest start of a group is that of one of it
            .Select(at => Enumerable.Range(0, claims.Count).Where(index => claims[index].Earliest <= at && at <= claims[index].Latest).ToList())
            .Select(group => (Group: group, Names: group.Select(index => claims[index].Server).Distinct().Count()))
            .Where(group => group.Names >= quorum)
            .ToList();
        int most = groups.Select(group => group.Names).DefaultIfEmpty().Max();
        var best = groups.Where(group => group.Names == most).ToList();
        return best.Count > 0 && best.TrueForAll(group => group.Group.Intersect(best[0].Group).Any()) ? best[0].Group : [];
    }
}
