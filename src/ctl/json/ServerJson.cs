using TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ctl;

internal sealed record OutcomeJson(string Name, string Meaning, ulong Count, bool Replied);

/// <summary><c>timectl serverstats --json</c>.</summary>
internal sealed record ServerStatisticsJson(
    uint Threads, IReadOnlyList<OutcomeJson> Outcomes, ulong Interleaved, ulong Authenticated, ulong Nts, ulong Leaked, ulong Unsent, ulong ClientCapacity, ulong ClientsDisplaced)
{
    public static ServerStatisticsJson From(ServerStatistics statistics) => new(
        statistics.Threads,
        [.. statistics.Outcomes.Select(outcome => new OutcomeJson(outcome.Name, outcome.Meaning, outcome.Count, outcome.Replied))],
        statistics.Interleaved,
        statistics.Authenticated,
        statistics.Nts,
        statistics.Leaked,
        statistics.Unsent,
        statistics.ClientCapacity,
        statistics.ClientsDisplaced);
}

internal sealed record ClientJson(string Network, ulong Requests, ulong Limited, decimal? LastRequestAgoS, decimal? IntervalS, uint Version, bool Authenticated);

/// <summary><c>timectl clients --json</c>.</summary>
internal sealed record ClientsJson(IReadOnlyList<ClientJson> Clients, uint Remembered)
{
    public static ClientsJson From(ListClientsReply reply) => new(
        [.. reply.Clients.Select(client => new ClientJson(
            client.Network, client.Requests, client.Limited, JsonValue.Seconds(client.LastRequestAgo), JsonValue.Seconds(client.Interval), client.Version, client.Authenticated))],
        reply.Remembered);
}

internal sealed record AccessRuleJson(string Network, string Action, bool RunTime);

/// <summary><c>timectl access --json</c>.</summary>
internal sealed record AccessJson(IReadOnlyList<AccessRuleJson> Rules, string Otherwise, bool Serving)
{
    public static AccessJson From(ListAccessReply reply) => new(
        [.. reply.Rules.Select(rule => new AccessRuleJson(rule.Network, ServerViews.Word(rule.Action), rule.RunTime))],
        ServerViews.Word(reply.Otherwise),
        reply.Serving);
}

internal sealed record AccessChangedJson(IReadOnlyList<string> Networks, string Action);

internal sealed record AccessCheckJson(string Address, string Action, string? Network);

internal sealed record RemovedJson(uint Removed);
