using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Spectre.Console;
using TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ctl;

/// <summary>What goes on for a while: watch and waitsync.</summary>
internal static class WatchCommands
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Seconds; a timer of the runtime holds 49 days.</summary>
    private const double LongestWatch = 1e6;

    public static IEnumerable<Command> All(CommandBuilder build)
    {
        var seconds = new Option<double?>("--seconds") { Description = "Ends by itself after so many seconds, 0 to 1000000.", HelpName = "N" };
        yield return build.Command(
            "watch",
            "Shows status, sources and a plot of the offset as they change, until Ctrl-C.",
            (session, arguments, cancel) => WatchAsync(session, arguments.GetValue(seconds), cancel),
            seconds);

        var timeout = QuantityOptions.Time("--timeout", "TIME", "Gives up after so long; 0 looks once (default: never).");
        var maxOffset = QuantityOptions.Time("--max-offset", "TIME", "Waits until the offset is no larger as well.");
        yield return build.Command(
            "waitsync",
            "Waits until the clock is synchronised: exit code 0 if it is, 1 if not in time.",
            (session, arguments, cancel) => WaitAsync(
                session, arguments.GetValue(timeout)?.Seconds ?? double.PositiveInfinity, arguments.GetValue(maxOffset)?.Seconds, cancel),
            timeout,
            maxOffset);
    }

    private static async Task<int> WaitAsync(Session session, double timeout, double? maxOffset, CancellationToken cancel)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            Tracking? tracking = null;
            string why;
            try
            {
                tracking = await session.Daemons.AskAsync((ntpd, options) => ntpd.GetTrackingAsync(new(), options), cancel);
                why = tracking.Synchronized ? $"off by {Units.Time(Math.Abs(Units.Seconds(tracking.Offset)))}"
                    : tracking.Explanation.Length > 0 ? Safe.Text(tracking.Explanation, 200) : "ntpd gives no reason";
            }
            catch (CtlException failure) when (failure.ExitCode == ExitCode.Failed)
            {
                why = failure.Message; // at boot we may be here before ntpd is
            }

            bool isThere = tracking is { Synchronized: true } && (maxOffset is not { } limit || Math.Abs(Units.Seconds(tracking.Offset)) <= limit);
            double waited = since.Elapsed.TotalSeconds;
            if (isThere || waited >= timeout)
            {
                var json = new WaitJson(
                    tracking?.Synchronized ?? false, JsonValue.Seconds(tracking?.Offset), JsonValue.Seconds(tracking?.Bound), decimal.Round((decimal)waited, 3));
                if (!isThere && !session.IsJson)
                {
                    throw new CtlException(Units.Invariant($"not synchronised after {waited:0.0} s: {why}"), ExitCode.Failed);
                }

                session.Tell(
                    json, CtlJson.Default.WaitJson, $"synchronised, {StatusView.OffsetInWords(Units.Seconds(tracking?.Offset))}, error at most {Units.Time(tracking?.Bound)}");
                return isThere ? ExitCode.Done : ExitCode.Failed;
            }

            await Task.Delay(TimeSpan.FromSeconds(Math.Min(Pause.TotalSeconds, timeout - waited)), cancel);
        }
    }

    private static async Task<int> WatchAsync(Session session, double? seconds, CancellationToken cancel)
    {
        if (seconds is not (null or (>= 0 and <= LongestWatch)))
        {
            throw new CtlException(Units.Invariant($"watch: --seconds must be from 0 to {LongestWatch:0}"), ExitCode.Usage);
        }

        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (seconds is { } limit)
        {
            time.CancelAfter(TimeSpan.FromSeconds(limit));
        }

        try
        {
            var snapshots = session.Daemons.WatchAsync(time.Token);
            await (session.IsJson ? PrintJsonAsync(session, snapshots)
                : session.Terminal.IsInteractive ? RedrawAsync(session, snapshots)
                : PrintAsync(session, snapshots));
            throw new CtlException("ntpd ended the watch: it stopped or was restarted; systemctl status timesuite-ntpd", ExitCode.Failed);
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested)
        {
            return ExitCode.Done; // by Ctrl-C or by the clock: either way the watch is over as it should be
        }
    }

    private static async Task PrintJsonAsync(Session session, IAsyncEnumerable<Snapshot> snapshots)
    {
        await foreach (var snapshot in snapshots)
        {
            var json = new SnapshotJson(TrackingJson.From(snapshot.Tracking ?? new()), [.. snapshot.Sources.Select(SourceJson.From)]);
            session.Screen.WriteLine(JsonSerializer.Serialize(json, CtlJson.Default.SnapshotJson));
        }
    }

    /// <summary>At most one snapshot a second, and always the last one.</summary>
    private static async Task PrintAsync(Session session, IAsyncEnumerable<Snapshot> snapshots)
    {
        var sincePrinted = new Stopwatch();
        Snapshot? held = null;
        try
        {
            await foreach (var snapshot in snapshots)
            {
                held = snapshot;
                if (!sincePrinted.IsRunning || sincePrinted.ElapsedMilliseconds >= 1_000)
                {
                    Print(session, snapshot);
                    held = null;
                    sincePrinted.Restart();
                }
            }
        }
        finally
        {
            if (held is not null)
            {
                Print(session, held);
            }
        }
    }

    private static void Print(Session session, Snapshot snapshot)
    {
        session.Screen.WriteLine(SnapshotView.Line(snapshot.Tracking ?? new()));
        session.Screen.Write(SourceViews.Sources(snapshot.Sources));
        session.Screen.WriteLine("");
    }

    private static async Task RedrawAsync(Session session, IAsyncEnumerable<Snapshot> snapshots)
    {
        var offsets = new List<double>();
        var console = session.Screen.ConsoleOn(session.Terminal.Out);
        await console.Live(new Text("waiting for ntpd...")).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            await foreach (var snapshot in snapshots)
            {
                offsets.Add(Units.Seconds(snapshot.Tracking?.Offset));
                if (offsets.Count > session.Terminal.Width)
                {
                    offsets.RemoveAt(0);
                }

                live.UpdateTarget(SnapshotView.Page(snapshot, offsets, session.Terminal));
                live.Refresh();
            }
        });
    }
}
