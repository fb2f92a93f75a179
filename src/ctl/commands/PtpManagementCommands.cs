using System.CommandLine;
using TimeSuite.Rpc.Ptp.V1;

namespace TimeSuite.Ctl;

/// <summary>ptpd's management: what pmc reads and sets, by pmc's names.</summary>
internal static class PtpManagementCommands
{
    private static readonly string[] s_dataSets = ["DEFAULT_DATA_SET", "CURRENT_DATA_SET", "PARENT_DATA_SET", "TIME_PROPERTIES_DATA_SET", "PORT_DATA_SET"];

    public static IEnumerable<Command> All(CommandBuilder build)
    {
        yield return build.Command("datasets", "The data sets of the clock and of its ports: default, current, parent, time properties, port.", DataSetsAsync);

        var (name, port) = (Name("As pmc calls it, e.g. PRIORITY1 or PORT_DATA_SET."), Port());
        yield return build.Command(
            "get", "Reads what pmc reads with GET.", (session, arguments, cancel) => GetAsync(session, [arguments.GetValue(name)!], arguments.GetValue(port), cancel), name, port);

        var (set, setPort) = (Name("PRIORITY1, PRIORITY2, LOG_ANNOUNCE_INTERVAL, ANNOUNCE_RECEIPT_TIMEOUT, LOG_SYNC_INTERVAL, LOG_MIN_PDELAY_REQ_INTERVAL, PATH_TRACE_ENABLE, USER_DESCRIPTION, ENABLE_PORT or DISABLE_PORT."), Port());
        var value = new Argument<string?>("VALUE") { Description = "The new value; none for ENABLE_PORT and DISABLE_PORT.", Arity = ArgumentArity.ZeroOrOne };
        yield return build.Command(
            "set",
            "Changes what pmc changes with SET and COMMAND, until ptpd ends. For root and the group timesuite.",
            (session, arguments, cancel) => SetAsync(session, arguments.GetValue(set)!, arguments.GetValue(value) ?? "", arguments.GetValue(setPort), cancel),
            set,
            value,
            setPort);
    }

    private static Argument<string> Name(string description) => new("NAME") { Description = description };

    private static Option<uint> Port() => new("--port") { Description = "One port by its number; else all.", HelpName = "N" };

    private static Task<int> DataSetsAsync(Session session, ParseResult arguments, CancellationToken cancel) => GetAsync(session, s_dataSets, 0, cancel);

    private static async Task<int> GetAsync(Session session, IReadOnlyList<string> names, uint port, CancellationToken cancel)
    {
        var replies = new List<ManagedReply>();
        foreach (string name in names)
        {
            replies.Add(await session.Daemons.AskPtpManagementAsync((ptpd, options) => ptpd.GetManagedAsync(new() { Name = name, Port = port }, options), cancel));
        }

        session.Show(PtpManagedJson.From(replies), CtlJson.Default.PtpManagedJson, () => PtpManagementViews.Values(replies));
        return ExitCode.Done;
    }

    private static async Task<int> SetAsync(Session session, string name, string value, uint port, CancellationToken cancel)
    {
        var reply = await session.Daemons.ControlPtpAsync((ptpd, options) => ptpd.SetManagedAsync(new() { Name = name, Value = value, Port = port }, options), cancel);
        session.Show(PtpManagedJson.From([reply]), CtlJson.Default.PtpManagedJson, () => PtpManagementViews.Values([reply]));
        return ExitCode.Done;
    }
}
