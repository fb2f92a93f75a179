using System.Text.Json;
using TimeSuite.Simulation;

namespace TimeSuite.Simulate;

/// <summary>One scenario over its seeds: text, an object, a plot.</summary>
internal static class One
{
    private const int PlotPoints = 2000;

    public static int Play(CommandLine line)
    {
        var scenario = line.Scenario();
        if (line.ShowsToml)
        {
            Console.Write(scenario.Setup.ToToml());
            return 0;
        }

        if (line.Plot is { } plot)
        {
            ResultFile.Check("--plot", plot);
        }

        var played = Player.Play(scenario, line.Seeds);
        if (line.IsJson)
        {
            Console.WriteLine(Json(scenario, played));
        }
        else
        {
            Print(scenario, played);
        }

        if (line.Plot is not null || line.ShowsLog)
        {
            ShowFirst(line, scenario);
        }

        return !line.IsJson && played.Any(seed => seed.Faults.Count > 0) ? 1 : 0; // whoever reads the object judges by it
    }

    private static void ShowFirst(CommandLine line, Scenario scenario)
    {
        var run = scenario.Play(line.Seeds[0], (int)Math.Max(1, scenario.Setup.Limit / PlotPoints));
        if (line.Plot is { } file)
        {
            File.WriteAllText(file, Plot.Svg(scenario, run));
        }

        var text = line.IsJson ? Console.Error : Console.Out;
        foreach (var entry in run.Log.Lines.Where(_ => line.ShowsLog))
        {
            text.WriteLine($"{entry.Time,12:F3} {entry.Level,-11} {entry.Text}");
        }
    }

    private static void Print(Scenario scenario, Played[] played)
    {
        Console.WriteLine($"{scenario.Name}: {scenario.Endures}; {played.Length} seed{(played.Length == 1 ? "" : "s")}, {scenario.Setup.Limit:F0} s each");
        Console.WriteLine(Row("seed", Column.All.Select(column => column.Heading)));
        foreach (var seed in played)
        {
            Console.WriteLine(Row($"{seed.Figures.Seed}", Column.All.Select(column => column.Show(column.Value(seed.Figures)))));
        }

        var statistics = Column.All.Select(column => (Column: column, Of: Statistic.Of(played.Select(seed => seed.Figures), column.Value))).ToList();
        Console.WriteLine(Row("median", statistics.Select(one => one.Column.Show(one.Of.Median))));
        Console.WriteLine(Row("p10", statistics.Select(one => one.Column.Show(one.Of.P10))));
        Console.WriteLine(Row("p90", statistics.Select(one => one.Column.Show(one.Of.P90))));
        foreach (string fault in played.SelectMany(seed => seed.Faults))
        {
            Console.WriteLine($"does not hold: {fault}");
        }
    }

    private static string Row(string head, IEnumerable<string> cells) => $"{head,7}{string.Concat(cells.Select(cell => $"{cell,13}"))}";

    private static string Json(Scenario scenario, Played[] played)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("scenario", scenario.Name);
            json.WriteNumber("seeds", played.Length);
            foreach (var column in Column.All)
            {
                var statistic = Statistic.Of(played.Select(seed => seed.Figures), column.Value);
                json.WriteStartObject(column.Key);
                Write(json, "median", statistic.Median);
                Write(json, "p10", statistic.P10);
                Write(json, "p90", statistic.P90);
                json.WriteEndObject();
            }

            json.WriteStartArray("runs");
            foreach (var seed in played)
            {
                json.WriteStartObject();
                json.WriteNumber("seed", seed.Figures.Seed);
                foreach (var column in Column.All)
                {
                    Write(json, column.Key, column.Value(seed.Figures));
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>What never happened, and what was not measured, is null.</summary>
    private static void Write(Utf8JsonWriter json, string key, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(key, value);
        }
        else
        {
            json.WriteNull(key);
        }
    }
}
