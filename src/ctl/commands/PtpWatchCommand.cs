using System.CommandLine;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Spectre.Console;
using TimeSuite.Rpc.Ptp.V1;

namespace TimeSuite.Ctl;

/// <summary><c>timectl ptp watch</c>: ports and a plot of the offset, once a second.</summary>
internal static class PtpWatchCommand
{
    private const double LongestWatch = 1e6; // seconds; a timer of the runtime holds 49 days

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static Command Watch(CommandBuilder build)
    {
        var seconds = new Option<double?>("--seconds") { Description = "Ends by itself after so many seconds, 0 to 1000000.", HelpName = "N" };
        return build.Command(
            "watch", "Shows the ports and a plot of the offset as they change, until Ctrl-C.", (session, arguments, cancel) => WatchAsync(session, arguments.GetValue(seconds), cancel), seconds);
    }

    private static async Task<int> WatchAsync(Session session, double? seconds, CancellationToken cancel)
    {
        if (seconds is not (null or (>= 0 and <= LongestWatch)))
        {
            throw new CtlException(Units.Invariant($"ptp watch: --seconds must be from 0 to {LongestWatch:0}"), ExitCode.Usage);
        }

        try
        {
            await (session.Terminal.IsInteractive && !session.IsJson ? RedrawAsync(session, seconds, cancel) : PrintAsync(session, seconds, cancel));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // By Ctrl-C: the watch is over as it should be.
        }

        return ExitCode.Done;
    }

    private static async Task PrintAsync(Session session, double? seconds, CancellationToken cancel)
    {
        await foreach (var status in StatusesAsync(session, seconds, cancel))
        {
            if (session.IsJson)
            {
                session.Screen.WriteLine(JsonSerializer.Serialize(PtpJson.From(status), CtlJson.Default.PtpJson));
            }
            else
            {
                session.Screen.WriteLine(Line(status));
            }
        }
    }

    private static async Task RedrawAsync(Session session, double? seconds, CancellationToken cancel)
    {
        var offsets = new List<double>();
        await session.Screen.ConsoleOn(session.Terminal.Out).Live(new Text("waiting for ptpd...")).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            await foreach (var status in StatusesAsync(session, seconds, cancel))
            {
                offsets.Add(Followed(status)?.Offset is { } offset ? Units.Seconds(offset) : double.NaN);
                if (offsets.Count > session.Terminal.Width)
                {
                    offsets.RemoveAt(0);
                }

                live.UpdateTarget(Page(status, offsets, session.Terminal));
                live.Refresh();
            }
        });
    }

    private static async IAsyncEnumerable<PtpStatus> StatusesAsync(Session session, double? seconds, [EnumeratorCancellation] CancellationToken cancel)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            yield return await session.Daemons.AskPtpAsync((ptpd, options) => ptpd.GetPtpStatusAsync(new(), options), cancel);
            if (seconds is { } limit && since.Elapsed.TotalSeconds + Pause.TotalSeconds > limit)
            {
                yield break;
            }

            await Task.Delay(Pause, cancel);
        }
    }

    private static PtpPortStatus? Followed(PtpStatus status) => status.Ports.FirstOrDefault(port => port.Offset is not null);

    private static string Line(PtpStatus status) =>
        string.Join("; ", status.Ports.Select(port => Units.Invariant($"{Safe.Text(port.Interface)} {Safe.Text(port.State)}")
            + (port.Offset is null ? "" : $", offset {Units.SignedTime(port.Offset)}") + (port.MeanPathDelay is null ? "" : $", path delay {Units.Time(port.MeanPathDelay)}")));

    private static Rows Page(PtpStatus status, IReadOnlyList<double> offsets, Terminal terminal)
    {
        const int around = 11; // lines of PtpViews.Status and of what is between
        int height = Math.Clamp(terminal.Height - status.Ports.Count - around, 5, 21);
        return new Rows(
            PtpViews.Status(status),
            Text.Empty,
            new Text("offset: + the clock is ahead of the master's, - it is behind", new Style(decoration: Decoration.Bold)),
            new Text(string.Join('\n', OffsetPlot.Draw(offsets, terminal.Width - 1, height))));
    }
}
