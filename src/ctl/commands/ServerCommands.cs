using System.CommandLine;
using TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ctl;

/// <summary>ntpd as a server: serverstats, clients, allow, deny, access.</summary>
internal static class ServerCommands
{
    private const uint MostClients = 10_000;

    public static IEnumerable<Command> All(CommandBuilder build)
    {
        yield return build.Command("serverstats", "What became of the requests that came to ntpd.", StatisticsAsync);

        var limit = new Option<uint>("--limit") { Description = "So many clients at most, 1 to 10000.", HelpName = "N", DefaultValueFactory = _ => 100 };
        yield return build.Command(
            "clients", "Who asked ntpd for the time, and how often.", (session, arguments, cancel) => ClientsAsync(session, arguments.GetValue(limit), cancel), limit);

        var allowed = Network();
        yield return build.Command(
            "allow",
            "Serves a network until ntpd ends.",
            (session, arguments, cancel) => ChangeAsync(session, arguments.GetValue(allowed)!, AccessAction.Allow, cancel),
            allowed);

        var denied = Network();
        var kod = new Option<bool>("--kod") { Description = "Says DENY now and then, instead of nothing." };
        yield return build.Command(
            "deny",
            "Does not serve a network until ntpd ends.",
            (session, arguments, cancel) => ChangeAsync(session, arguments.GetValue(denied)!, arguments.GetValue(kod) ? AccessAction.DenyKod : AccessAction.Deny, cancel),
            denied,
            kod);

        var address = new Argument<string>("ADDRESS") { Description = "IPv4 or IPv6." };
        yield return build.Command(
            "access",
            "The rules that say who is served.",
            ListAsync,
            build.Command("check", "What holds for one address.", (session, arguments, cancel) => CheckAsync(session, arguments.GetValue(address)!, cancel), address),
            build.Command("reset", "Takes back what allow and deny have changed.", ResetAsync));
    }

    private static Argument<string> Network() => new("NETWORK") { Description = "192.0.2.0/24, 2001:db8::/32, a single address, or all." };

    private static async Task<int> StatisticsAsync(Session session, ParseResult arguments, CancellationToken cancel)
    {
        var reply = await session.Daemons.AskAsync((ntpd, options) => ntpd.GetServerStatisticsAsync(new(), options), cancel);
        session.Show(ServerStatisticsJson.From(reply), CtlJson.Default.ServerStatisticsJson, () => ServerViews.Statistics(reply));
        return ExitCode.Done;
    }

    private static async Task<int> ClientsAsync(Session session, uint limit, CancellationToken cancel)
    {
        if (limit is < 1 or > MostClients)
        {
            throw new CtlException(Units.Invariant($"clients: --limit must be from 1 to {MostClients}"), ExitCode.Usage);
        }

        var reply = await session.Daemons.ControlAsync((ntpd, options) => ntpd.ListClientsAsync(new() { Limit = limit }, options), cancel);
        session.Show(ClientsJson.From(reply), CtlJson.Default.ClientsJson, () => ServerViews.Clients(reply));
        return ExitCode.Done;
    }

    private static async Task<int> ChangeAsync(Session session, string network, AccessAction action, CancellationToken cancel)
    {
        var reply = await session.Daemons.ControlAsync((ntpd, options) => ntpd.ChangeAccessAsync(new() { Network = network, Action = action }, options), cancel);
        session.Tell(
            new AccessChangedJson(reply.Networks, ServerViews.Word(action)),
            CtlJson.Default.AccessChangedJson,
            $"{string.Join(" and ", reply.Networks.Select(one => Safe.Text(one)))}: {ServerViews.InWords(action)}");
        return ExitCode.Done;
    }

    private static async Task<int> ListAsync(Session session, ParseResult arguments, CancellationToken cancel)
    {
        var reply = await session.Daemons.ControlAsync((ntpd, options) => ntpd.ListAccessAsync(new(), options), cancel);
        session.Show(AccessJson.From(reply), CtlJson.Default.AccessJson, () => ServerViews.Access(reply));
        return ExitCode.Done;
    }

    private static async Task<int> CheckAsync(Session session, string address, CancellationToken cancel)
    {
        var reply = await session.Daemons.ControlAsync((ntpd, options) => ntpd.CheckAccessAsync(new() { Address = address }, options), cancel);
        string rule = reply.Network.Length > 0 ? $"by the rule for {Safe.Text(reply.Network)}" : "no rule names it";
        session.Tell(
            new AccessCheckJson(address, ServerViews.Word(reply.Action), reply.Network.Length > 0 ? reply.Network : null),
            CtlJson.Default.AccessCheckJson,
            $"{Safe.Text(address)}: {ServerViews.InWords(reply.Action)} ({rule})");
        return ExitCode.Done;
    }

    private static async Task<int> ResetAsync(Session session, ParseResult arguments, CancellationToken cancel)
    {
        var reply = await session.Daemons.ControlAsync((ntpd, options) => ntpd.ResetAccessAsync(new(), options), cancel);
        session.Tell(
            new RemovedJson(reply.Removed),
            CtlJson.Default.RemovedJson,
            Units.Invariant($"{reply.Removed} {(reply.Removed == 1 ? "rule was" : "rules were")} taken back"));
        return ExitCode.Done;
    }
}
