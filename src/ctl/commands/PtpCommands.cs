using System.CommandLine;

namespace TimeSuite.Ctl;

/// <summary>ptpd: what its ports do and measure.</summary>
internal static class PtpCommands
{
    public static Command Ptp(CommandBuilder build) => build.Command(
        "ptp",
        "ptpd: its clock, the master that it follows, and its ports.",
        StatusAsync,
        [
            build.Command("ports", "The ports alone.", PortsAsync),
            build.Command("masters", "The masters that were heard on each port, which one is followed, and why not the others.", MastersAsync),
            build.Command("counters", "Messages received, sent and dropped on each port.", CountersAsync),
            PtpWatchCommand.Watch(build),
            .. PtpManagementCommands.All(build),
        ]);

    private static async Task<int> StatusAsync(Session session, ParseResult arguments, CancellationToken cancel)
    {
        var status = await session.Daemons.AskPtpAsync((ptpd, options) => ptpd.GetPtpStatusAsync(new(), options), cancel);
        session.Show(PtpJson.From(status), CtlJson.Default.PtpJson, () => PtpViews.Status(status));
        return ExitCode.Done;
    }

    private static async Task<int> PortsAsync(Session session, ParseResult arguments, CancellationToken cancel)
    {
        var status = await session.Daemons.AskPtpAsync((ptpd, options) => ptpd.GetPtpStatusAsync(new(), options), cancel);
        session.Show(PtpJson.From(status).Ports, CtlJson.Default.IReadOnlyListPtpPortJson, () => PtpViews.Ports(status));
        return ExitCode.Done;
    }

    private static async Task<int> MastersAsync(Session session, ParseResult arguments, CancellationToken cancel)
    {
        var status = await session.Daemons.AskPtpAsync((ptpd, options) => ptpd.GetPtpStatusAsync(new(), options), cancel);
        session.Show(PtpMastersJson.From(status), CtlJson.Default.PtpMastersJson, () => PtpViews.Masters(status));
        return ExitCode.Done;
    }

    private static async Task<int> CountersAsync(Session session, ParseResult arguments, CancellationToken cancel)
    {
        var status = await session.Daemons.AskPtpAsync((ptpd, options) => ptpd.GetPtpStatusAsync(new(), options), cancel);
        session.Show(PtpCountersJson.From(status), CtlJson.Default.PtpCountersJson, () => PtpViews.Counters(status));
        return ExitCode.Done;
    }
}
