using System.CommandLine;
using System.Reflection;
using TimeSuite.Rpc.Ntp.V1;
using TimeSuite.Rpc.Nts.V1;

namespace TimeSuite.Ctl;

/// <summary>What everybody may ask: status, sources, sourcestats, selection, clock, version.</summary>
internal static class ReadingCommands
{
    public static IEnumerable<Command> All(CommandBuilder build)
    {
        yield return build.Command("status", "Whether and how well the clock is synchronised (alias: tracking).", StatusAsync).WithAlias("tracking");
        yield return build.Command("sources", "The sources and what they say.", (session, _, cancel) => SourcesAsync(session, SourceViews.Sources, cancel));
        yield return build.Command("sourcestats", "How well each source is known.", (session, _, cancel) => SourcesAsync(session, SourceViews.Statistics, cancel));
        yield return build.Command("selection", "Why each source is used or not.", (session, _, cancel) => SourcesAsync(session, SourceViews.Selection, cancel));

        yield return build.Command("authdata", "How each source is protected: NTS, a symmetric key or nothing.", AuthenticationAsync);

        var events = new Option<int>("--events") { Description = "How many past adjustments to show, 0 to 1024.", HelpName = "N", DefaultValueFactory = _ => 10 };
        yield return build.Command(
            "clock",
            "clockd's view: policy, who steers, what is left of the budget, what was done.",
            (session, arguments, cancel) => ClockAsync(session, arguments.GetValue(events), cancel),
            events);
        yield return build.Command("version", "The versions of timectl and of the ntpd that runs.", VersionAsync);
    }

    private static Command WithAlias(this Command command, string alias)
    {
        command.Aliases.Add(alias);
        return command;
    }

    private static async Task<int> StatusAsync(Session session, ParseResult arguments, CancellationToken cancel)
    {
        var tracking = await session.Daemons.AskAsync((ntpd, options) => ntpd.GetTrackingAsync(new(), options), cancel);
        var certificates = await CertificatesAsync(session, cancel);
        session.Show(
            TrackingJson.From(tracking) with { NtsCertificateLeftS = certificates.Count == 0 ? null : JsonValue.Seconds(Math.Round(certificates.Min(NtsViews.Left))) },
            CtlJson.Default.TrackingJson,
            () => StatusView.Of(tracking, certificates));
        return ExitCode.Done;
    }

    /// <summary>Of ntskeyd, where there is one: a clock's state is worth telling without.</summary>
    private static async Task<IReadOnlyList<ServerCertificate>> CertificatesAsync(Session session, CancellationToken cancel)
    {
        try
        {
            return (await session.Daemons.AskKeysAsync((ntskeyd, options) => ntskeyd.GetNtsStatusAsync(new(), options), cancel)).Certificates;
        }
        catch (CtlException)
        {
            return [];
        }
    }

    private static async Task<int> SourcesAsync(
        Session session, Func<IReadOnlyList<Source>, Spectre.Console.Rendering.IRenderable> view, CancellationToken cancel)
    {
        var reply = await session.Daemons.AskAsync((ntpd, options) => ntpd.ListSourcesAsync(new(), options), cancel);
        session.Show(SourcesJson.From(reply.Sources), CtlJson.Default.SourcesJson, () => view(reply.Sources));
        return ExitCode.Done;
    }

    private static async Task<int> AuthenticationAsync(Session session, ParseResult arguments, CancellationToken cancel)
    {
        var reply = await session.Daemons.AskAsync((ntpd, options) => ntpd.ListSourcesAsync(new(), options), cancel);
        session.Show(ProtectionsJson.From(reply.Sources), CtlJson.Default.ProtectionsJson, () => ProtectionView.Of(reply.Sources));
        return ExitCode.Done;
    }

    private static async Task<int> ClockAsync(Session session, int events, CancellationToken cancel)
    {
        if (events is < 0 or > 1_024)
        {
            throw new CtlException("clock: --events must be from 0 to 1024", ExitCode.Usage);
        }

        var reply = await session.Daemons.AskAsync((ntpd, options) => ntpd.GetClockAsync(new() { Backlog = (uint)events }, options), cancel);
        session.Show(ClocksJson.From(reply), CtlJson.Default.ClocksJson, () => ClockView.Of(reply));
        return ExitCode.Done;
    }

    private static async Task<int> VersionAsync(Session session, ParseResult arguments, CancellationToken cancel)
    {
        string own = typeof(TimeCtl).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? Units.Unknown;
        own = own.IndexOf('+', StringComparison.Ordinal) is var plus and > 0 ? own[..Math.Min(own.Length, plus + 9)] : own; // a commit's first 8 digits
        string? daemon = null;
        try
        {
            daemon = (await session.Daemons.AskAsync((ntpd, options) => ntpd.GetTrackingAsync(new(), options), cancel)).Version;
        }
        catch (CtlException)
        {
            // A daemon that is down has no version; our own is still worth a line.
        }

        string sentence = daemon is null ? $"timectl {own}\nntpd does not answer" : $"timectl {own}\nntpd {Safe.Text(daemon)}";
        session.Tell(new VersionJson(own, daemon), CtlJson.Default.VersionJson, sentence);
        return ExitCode.Done;
    }
}
