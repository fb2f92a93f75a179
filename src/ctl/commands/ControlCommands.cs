using System.CommandLine;
using TimeSuite.Rpc;
using TimeSuite.Time;

namespace TimeSuite.Ctl;

/// <summary>What an administrator may tell the daemons: reload, step, online, offline, burst.</summary>
internal static class ControlCommands
{
    /// <summary>The one clock that programs read is called so by clockd, shadow or not.</summary>
    private const string SystemClock = "system";

    private static readonly Duration PermitWindow = Duration.FromSeconds(30L);

    public static IEnumerable<Command> All(CommandBuilder build)
    {
        yield return build.Command("reload", "Reads the configuration again; what is unchanged goes on undisturbed.", ReloadAsync);

        var maxSize = QuantityOptions.Time("--max-size", "TIME", "Largest step to permit (default: twice the present offset, at least 10 ms).");
        yield return build.Command(
            "step",
            "Sets the clock to the present estimate at once: asks clockd for a permit, then ntpd for the step.",
            (session, arguments, cancel) => StepAsync(session, arguments.GetValue(maxSize), cancel),
            maxSize);

        foreach (var (name, isOnline, description) in new[]
        {
            ("online", true, "Lets a source, or all, send requests again."),
            ("offline", false, "Silences a source, or all."),
        })
        {
            var which = SourceName(ArgumentArity.ZeroOrOne);
            yield return build.Command(
                name, description, (session, arguments, cancel) => SetOnlineAsync(session, arguments.GetValue(which) ?? "", isOnline, cancel), which);
        }

        var burstOf = SourceName(ArgumentArity.ZeroOrOne);
        var good = new Option<uint>("--good") { Description = "Good samples wanted, 1 to 16.", HelpName = "N", DefaultValueFactory = _ => 4 };
        var most = new Option<uint>("--max") { Description = "Requests at most, 1 to 16.", HelpName = "N", DefaultValueFactory = _ => 8 };
        yield return build.Command(
            "burst",
            "Sends a few requests to a source, or to all, in quick succession.",
            (session, arguments, cancel) => BurstAsync(session, arguments.GetValue(burstOf) ?? "", arguments.GetValue(good), arguments.GetValue(most), cancel),
            burstOf,
            good,
            most);
    }

    public static Argument<string?> SourceName(ArgumentArity arity) => new("NAME")
    {
        Description = "The source's name as timectl sources shows it, NAME or NAME:PORT; without a port, all of that name.",
        Arity = arity,
    };

    private static async Task<int> ReloadAsync(Session session, ParseResult arguments, CancellationToken cancel)
    {
        var reply = await session.Daemons.ControlAsync((ntpd, options) => ntpd.ReloadAsync(new(), options), cancel);
        session.Tell(
            new ReloadJson(reply.Added, reply.Removed, reply.Changed, reply.Kept, reply.Unserved),
            CtlJson.Default.ReloadJson,
            Units.Invariant($"reloaded: {reply.Added} sources added, {reply.Removed} removed, {reply.Changed} changed, {reply.Kept} kept")
                + string.Concat(reply.Unserved.Select(endpoint => $"\ncannot serve on {Safe.Text(endpoint, longest: 400)}")));
        return ExitCode.Done;
    }

    private static async Task<int> StepAsync(Session session, Duration? maxSize, CancellationToken cancel)
    {
        if (maxSize is null)
        {
            var tracking = await session.Daemons.AskAsync((ntpd, options) => ntpd.GetTrackingAsync(new(), options), cancel);
            double offset = Math.Abs(Units.Seconds(tracking.Offset) + (tracking.Jump is null ? 0 : Units.Seconds(tracking.Jump)));
            maxSize = double.IsFinite(offset) && offset < 1e12
                ? Duration.Max(Duration.FromSeconds(2 * offset), Duration.FromNanoseconds(10_000_000))
                : throw new CtlException("ntpd does not know the time yet, there is nothing to step to: see timectl selection", ExitCode.Failed);
        }

        var permit = new Rpc.Clock.V1.PermitStepRequest { ClockId = SystemClock, MaxSize = maxSize.Value.ToWire(), Window = PermitWindow.ToWire() };
        await session.Daemons.ClockAsync((clockd, options) => clockd.PermitStepAsync(permit, options), cancel);
        var reply = await session.Daemons.ControlAsync((ntpd, options) => ntpd.StepAsync(new(), options), cancel);
        double stepped = Units.Seconds(reply.Stepped);
        session.Tell(
            new StepJson(JsonValue.Seconds(reply.Stepped)),
            CtlJson.Default.StepJson,
            stepped < 0 ? $"the clock was set back by {Units.Time(-stepped)}" : $"the clock was set forward by {Units.Time(stepped)}");
        return ExitCode.Done;
    }

    private static async Task<int> SetOnlineAsync(Session session, string name, bool isOnline, CancellationToken cancel)
    {
        var reply = await session.Daemons.ControlAsync(
            (ntpd, options) => ntpd.SetOnlineAsync(new() { Name = name, Online = isOnline }, options), cancel);
        return Counted(session, reply.Sources, isOnline ? "online" : "offline");
    }

    private static async Task<int> BurstAsync(Session session, string name, uint good, uint most, CancellationToken cancel)
    {
        if (good is < 1 or > 16 || most is < 1 or > 16 || good > most)
        {
            throw new CtlException("burst: --good and --max must be from 1 to 16, and --good not above --max", ExitCode.Usage);
        }

        var reply = await session.Daemons.ControlAsync(
            (ntpd, options) => ntpd.BurstAsync(new() { Name = name, Good = good, Max = most }, options), cancel);
        return Counted(session, reply.Sources, "in a burst");
    }

    private static int Counted(Session session, uint sources, string state)
    {
        session.Tell(new CountJson(sources), CtlJson.Default.CountJson, Units.Invariant($"{sources} {(sources == 1 ? "source is" : "sources are")} {state}"));
        return ExitCode.Done;
    }
}
