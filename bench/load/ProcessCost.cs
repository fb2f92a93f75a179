using System.Globalization;

namespace TimeSuite.Load;

/// <summary>What a process has cost so far, all of its threads, user and system.</summary>
internal static class ProcessCost
{
    /// <summary>Time on a processor, in nanoseconds: the first number of each thread's schedstat. See proc(5).</summary>
    public static long CpuNanoseconds(int process)
    {
        long sum = 0;
        foreach (string task in Directory.EnumerateDirectories($"/proc/{process}/task"))
        {
            sum += long.Parse(File.ReadAllText(task + "/schedstat").Split(' ')[0], CultureInfo.InvariantCulture);
        }

        return sum;
    }

    /// <summary>Its share of memory, in KiB.</summary>
    public static long PssKib(int process) =>
        long.Parse(
            File.ReadLines($"/proc/{process}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
}
