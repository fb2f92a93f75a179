using System.Globalization;

namespace TimeSuite.Load;

/// <summary>Rounds of measurements into the tables of bench/results/server.md.</summary>
/// <remarks>A line is "SCENARIO SERVER ROUND name value name value ...": what bench/server.sh writes. A scenario "start" has "ms" only.</remarks>
internal static class Table
{
    private const string Cost = "cpu-us/reply", ExchangeCost = "cpu-ms/exchange", Reference = "chronyd", Floor = "bare";

    public static void Write(IEnumerable<string> lines, TextWriter output)
    {
        foreach (var scenario in lines.Select(Parse).GroupBy(row => row.Scenario))
        {
            output.WriteLine(FormattableString.Invariant($"\n### {scenario.Key}\n"));
            var rows = scenario.ToList();
            if (rows[0].Values.ContainsKey("ms"))
            {
                WriteTimes(rows, output);
            }
            else if (rows[0].Values.ContainsKey(ExchangeCost))
            {
                WriteExchanges(rows, output);
            }
            else if (rows[0].Values.ContainsKey("kept-us"))
            {
                WriteLatencies(rows, output);
            }
            else
            {
                WriteCosts(rows, output);
            }
        }
    }

    private static void WriteCosts(List<Row> rows, TextWriter output)
    {
        output.WriteLine($"| server | CPU us a reply | to {Reference} | to {Floor} | replies/s | busy | lost, per mille | generator idle | Pss KiB |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var server in rows.GroupBy(row => row.Server))
        {
            var all = server.ToList();
            output.WriteLine(FormattableString.Invariant(
                $"| {server.Key} | {Spread(all.Select(row => row[Cost]), "F2")} | {Ratio(rows, all, Cost, Reference)} | {Ratio(rows, all, Cost, Floor)} | {Middle(all, "replies/s"):F0} | {Middle(all, "busy"):F2} | {1000 * all.Sum(row => row["lost"]) / all.Sum(row => row["sent"]):F2} | {Middle(all, "idle-looks"):F0} % | {all.Max(row => row["pss-kib"]):F0} |"));
        }
    }

    private static void WriteExchanges(List<Row> rows, TextWriter output)
    {
        output.WriteLine($"| server | CPU ms an exchange | to {Reference} | exchanges/s | failed | Pss KiB, at most |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (var server in rows.GroupBy(row => row.Server))
        {
            var all = server.ToList();
            output.WriteLine(FormattableString.Invariant(
                $"| {server.Key} | {Spread(all.Select(row => row[ExchangeCost]), "F3")} | {Ratio(rows, all, ExchangeCost, Reference)} | {Middle(all, "exchanges/s"):F0} | {all.Sum(row => row["failed"]):F0} | {all.Max(row => row["pss-kib"]):F0} |"));
        }
    }

    private static void WriteLatencies(List<Row> rows, TextWriter output)
    {
        output.WriteLine("| server | receive to transmit, us, median | 99th percentile | asked | lost |");
        output.WriteLine("|---|---|---|---|---|");
        foreach (var server in rows.GroupBy(row => row.Server))
        {
            var all = server.ToList();
            output.WriteLine(FormattableString.Invariant(
                $"| {server.Key} | {Spread(all.Select(row => row["kept-us"]), "F1")} | {Spread(all.Select(row => row["kept-us-p99"]), "F1")} | {all.Sum(row => row["asked"]):F0} | {all.Sum(row => row["lost"]):F0} |"));
        }
    }

    private static void WriteTimes(List<Row> rows, TextWriter output)
    {
        output.WriteLine("| server | ms, median (quartiles) | longest |");
        output.WriteLine("|---|---|---|");
        foreach (var server in rows.GroupBy(row => row.Server))
        {
            output.WriteLine(FormattableString.Invariant($"| {server.Key} | {Spread(server.Select(row => row["ms"]), "F1")} | {server.Max(row => row["ms"]):F1} |"));
        }
    }

    /// <summary>Of the rounds, each to the other server's measurement of the same round: what slows down the machine slows down both.</summary>
    private static string Ratio(List<Row> rows, List<Row> server, string cost, string other)
    {
        var others = rows.Where(row => row.Server == other).ToDictionary(row => row.Round, row => row[cost]);
        var ratios = server.Where(row => others.ContainsKey(row.Round)).Select(row => row[cost] / others[row.Round]).ToList();
        return ratios.Count == 0 ? "" : Spread(ratios, "F3");
    }

    private static double Middle(List<Row> rows, string name) => Quantile([.. rows.Select(row => row[name]).Order()], 0.5);

    private static string Spread(IEnumerable<double> values, string format)
    {
        double[] sorted = [.. values.Order()];
        return $"{At(0.5)} ({At(0.25)}-{At(0.75)})";

        string At(double share) => Quantile(sorted, share).ToString(format, CultureInfo.InvariantCulture);
    }

    private static double Quantile(double[] sorted, double share)
    {
        double at = share * (sorted.Length - 1);
        int below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + ((at - below) * (sorted[below + 1] - sorted[below])) : sorted[^1];
    }

    private static Row Parse(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var values = words.Skip(3).Chunk(2).ToDictionary(pair => pair[0], pair => double.Parse(pair[1], CultureInfo.InvariantCulture));
        return new(words[0], words[1], words[2], values);
    }

    private sealed record Row(string Scenario, string Server, string Round, Dictionary<string, double> Values)
    {
        public double this[string name] => Values[name];
    }
}
