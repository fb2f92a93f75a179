using System.Globalization;

namespace TimeSuite.KeBench;

/// <summary>What a server's process and its children have cost. See proc(5).</summary>
internal sealed class ServerCost(int process)
{
    /// <summary>Time on a processor, user and system, all threads.</summary>
    public double CpuMilliseconds() => Family().Sum(id => Directory.EnumerateDirectories($"/proc/{id}/task")
        .Sum(task => double.Parse(File.ReadAllText(task + "/schedstat").Split(' ')[0], CultureInfo.InvariantCulture))) / 1e6;

    /// <summary>Share of memory.</summary>
    public double PssKib() => Family().Sum(id => double.Parse(
        File.ReadLines($"/proc/{id}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture));

    private List<int> Family() =>
    [
        process, .. Directory.GetDirectories("/proc/").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
            .Where(id => File.Exists($"/proc/{id}/stat") && File.ReadAllText($"/proc/{id}/stat").Split(") ")[1].Split(' ')[1] == process.ToString(CultureInfo.InvariantCulture)),
    ];
}
