using System.Text;
using TimeSuite.Simulation;

namespace TimeSuite.Simulate;

/// <summary>True offset and claimed bound over time, as SVG.</summary>
internal static class Plot
{
    private const double Width = 1000, Height = 500, Left = 90, Top = 40, Right = 20, Bottom = 50;

    public static string Svg(Scenario scenario, Run run)
    {
        var points = run.Score.Trace;
        double limit = scenario.Setup.Limit;
        double reach = Reach(points, scenario.Setup.ScoreFrom);
        double X(double time) => Left + ((Width - Left - Right) * time / limit);
        double Y(double error) => Top + ((Height - Top - Bottom) * (1 - (Math.Clamp(error, -reach, reach) / reach)) / 2);

        var svg = new StringBuilder();
        svg.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width:F0} {Height:F0}\" font-family=\"sans-serif\" font-size=\"13\">\n");
        svg.Append($"<rect width=\"{Width:F0}\" height=\"{Height:F0}\" fill=\"white\"/>\n");
        svg.Append($"<text x=\"{Left:F0}\" y=\"24\" font-size=\"16\">{Escaped(scenario.Name)}: {Escaped(scenario.Endures)}, seed {run.Figures.Seed}, RMS {Words.Time(run.Figures.Rms)}</text>\n");
        for (int tick = -2; tick <= 2; tick++)
        {
            double error = reach * tick / 2;
            svg.Append($"<line x1=\"{Left:F0}\" x2=\"{Width - Right:F0}\" y1=\"{Y(error):F1}\" y2=\"{Y(error):F1}\" stroke=\"#ddd\"/><text x=\"{Left - 6:F0}\" y=\"{Y(error) + 4:F1}\" text-anchor=\"end\">{(error == 0 ? "0" : Words.Time(error))}</text>\n");
        }

        for (int tick = 0; tick <= 5; tick++)
        {
            double time = limit * tick / 5;
            svg.Append($"<text x=\"{X(time):F1}\" y=\"{Height - Bottom + 20:F0}\" text-anchor=\"middle\">{time:F0} s</text>\n");
        }

        foreach (var stretch in Stretches(points))
        {
            var above = stretch.Select(point => $"{X(point.Time):F1},{Y(point.Bound!.Value):F1}");
            var below = stretch.Reverse().Select(point => $"{X(point.Time):F1},{Y(-point.Bound!.Value):F1}");
            svg.Append($"<polygon points=\"{string.Join(' ', above.Concat(below))}\" fill=\"#9ecae1\" fill-opacity=\"0.5\"/>\n");
        }

        svg.Append($"<polyline points=\"{string.Join(' ', points.Select(point => $"{X(point.Time):F1},{Y(point.Error):F1}"))}\" fill=\"none\" stroke=\"#d62728\"/>\n");
        svg.Append($"<text x=\"{Left:F0}\" y=\"{Height - 10:F0}\"><tspan fill=\"#d62728\">clock minus UTC</tspan>, <tspan fill=\"#3182bd\">claimed bound</tspan>; beyond the edge: cut</text>\n</svg>\n");
        return svg.ToString();
    }

    /// <summary>As far as nearly all errors and bounds go once scoring has begun.</summary>
    private static double Reach(IReadOnlyList<TracePoint> points, double from)
    {
        double[] sizes = [.. points.Where(point => point.Time >= from).Select(point => Math.Max(Math.Abs(point.Error), point.Bound ?? 0)).Order()];
        return sizes.Length == 0 ? 1 : Math.Max(1.2 * sizes[(int)(0.98 * (sizes.Length - 1))], 1e-12);
    }

    /// <summary>Times in which a bound was claimed.</summary>
    private static IEnumerable<TracePoint[]> Stretches(IReadOnlyList<TracePoint> points)
    {
        List<TracePoint> stretch = [];
        foreach (var point in points)
        {
            if (point.Bound is not null)
            {
                stretch.Add(point);
            }
            else if (stretch.Count > 0)
            {
                yield return [.. stretch];
                stretch.Clear();
            }
        }

        if (stretch.Count > 0)
        {
            yield return [.. stretch];
        }
    }

    private static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
