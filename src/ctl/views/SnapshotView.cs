using Spectre.Console;
using Spectre.Console.Rendering;
using TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ctl;

/// <summary>One moment of <c>timectl watch</c>.</summary>
internal static class SnapshotView
{
    /// <summary>The state in one line.</summary>
    public static string Line(Tracking tracking)
    {
        string state = tracking.Synchronized ? tracking.Holdover ? "holdover" : "synchronised" : "not synchronised";
        string why = tracking.Explanation.Length > 0 ? $"; {Safe.Text(tracking.Explanation, 200)}" : "";
        string error = StatusView.KnowsNothing(tracking) ? "" : $", error at most {Units.Time(tracking.Bound)}";
        return $"{state}: {StatusView.OffsetInWords(tracking)}{error}, frequency {Units.SignedRate(tracking.FrequencyPpb)}{why}";
    }

    /// <summary>State, sources, and a plot in the lines that are left.</summary>
    /// <param name="snapshot">The moment.</param>
    /// <param name="offsets">Up to this moment, seconds.</param>
    /// <param name="terminal">To be filled.</param>
    public static IRenderable Page(Snapshot snapshot, IReadOnlyList<double> offsets, Terminal terminal)
    {
        var tracking = snapshot.Tracking ?? new();
        int plotHeight = Math.Clamp(terminal.Height - snapshot.Sources.Count - 7, 5, 21);
        string plot = string.Join('\n', OffsetPlot.Draw(offsets, terminal.Width - 1, plotHeight));
        return new Rows(
            new Text(Line(tracking), new Style(tracking.Synchronized ? Color.Green : Color.Yellow)),
            Text.Empty,
            SourceViews.Sources(snapshot.Sources),
            Text.Empty,
            new Text("offset: + the clock is behind, - it is ahead", new Style(decoration: Decoration.Bold)),
            new Text(plot));
    }
}
