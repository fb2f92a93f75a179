using Spectre.Console;
using Spectre.Console.Rendering;
using TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ctl;

/// <summary>ntpd as a server: its counters, its clients, its rules.</summary>
internal static class ServerViews
{
    /// <summary><c>timectl serverstats</c>. What never happened is left out.</summary>
    public static IRenderable Statistics(ServerStatistics statistics)
    {
        if (statistics.Threads == 0)
        {
            return new Text("ntpd serves nobody: there is no [serve] in its configuration");
        }

        var table = Tables.With(">Requests", "");
        Add(table, Sum(statistics.Outcomes), Units.Invariant($"came, to {statistics.Threads} {(statistics.Threads == 1 ? "thread" : "threads")}"));
        foreach (var outcome in statistics.Outcomes.Where(outcome => outcome.Count > 0 || outcome.Name == "answered"))
        {
            Add(table, outcome.Count, $"{(outcome.Replied ? "" : "dropped: ")}{Safe.Text(outcome.Meaning)}");
        }

        foreach (var (count, what) in new[]
        {
            (statistics.Interleaved, "of the replies were interleaved"),
            (statistics.Authenticated, "of the replies were signed"),
            (statistics.Nts, "of the replies were protected by NTS"),
            (statistics.Leaked, "of the replies were beyond the rate limit"),
            (statistics.Unsent, "of the replies could not be sent: no way back, no room, or forbidden"),
            (statistics.ClientsDisplaced, Units.Invariant($"clients were forgotten for others; {statistics.ClientCapacity} can be remembered")),
        }.Where(line => line.Item1 > 0))
        {
            Add(table, count, what);
        }

        return table;
    }

    /// <summary><c>timectl clients</c>.</summary>
    public static IRenderable Clients(ListClientsReply reply)
    {
        if (reply.Clients.Count == 0)
        {
            return new Text("no clients are remembered: none asked, or client-log is 0");
        }

        var table = Tables.With("Client", ">Requests", ">Limited", ">Interval", ">Last", ">Version", "Signed");
        foreach (var client in reply.Clients)
        {
            Tables.Add(
                table,
                Style.Plain,
                Safe.Text(client.Network),
                Units.Invariant($"{client.Requests}"),
                Units.Invariant($"{client.Limited}"),
                client.Interval is null ? "-" : Units.Roughly(Units.Seconds(client.Interval)),
                Units.Roughly(Units.Seconds(client.LastRequestAgo)),
                Units.Invariant($"{client.Version}"),
                client.Authenticated ? "yes" : "no");
        }

        return reply.Remembered > reply.Clients.Count
            ? new Rows(table, new Text(Units.Invariant($"... and {reply.Remembered - reply.Clients.Count} more; --limit shows them")))
            : table;
    }

    /// <summary><c>timectl access</c>.</summary>
    public static IRenderable Access(ListAccessReply reply)
    {
        var table = Tables.With("Network", "What holds", "Set by");
        foreach (var rule in reply.Rules)
        {
            Tables.Add(table, Style.Plain, Safe.Text(rule.Network), InWords(rule.Action), rule.RunTime ? "timectl" : "configuration");
        }

        Tables.Add(table, Style.Plain, reply.Rules.Count > 0 ? "all others" : "all", InWords(reply.Otherwise), "");
        return reply.Serving ? table : new Rows(table, new Text("ntpd serves nobody: there is no [serve] in its configuration"));
    }

    /// <summary>For people.</summary>
    public static string InWords(AccessAction action) => action switch
    {
        AccessAction.Allow => "served",
        AccessAction.Deny => "not served",
        AccessAction.DenyKod => "not served, told DENY now and then",
        AccessAction.RequireNts => "served with NTS only",
        _ => Units.Unknown,
    };

    /// <summary>For programs.</summary>
    public static string Word(AccessAction action) => action switch
    {
        AccessAction.Allow => "allow",
        AccessAction.Deny => "deny",
        AccessAction.DenyKod => "deny_kod",
        AccessAction.RequireNts => "require_nts",
        _ => "unknown",
    };

    private static void Add(Table table, ulong count, string what) => Tables.Add(table, Style.Plain, Units.Invariant($"{count}"), what);

    /// <summary>A hostile daemon's numbers may not fit.</summary>
    private static ulong Sum(IEnumerable<ServerStatistics.Types.Outcome> outcomes) =>
        outcomes.Aggregate(0UL, (sum, outcome) => outcome.Count > ulong.MaxValue - sum ? ulong.MaxValue : sum + outcome.Count);
}
