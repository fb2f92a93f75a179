using System.Globalization;

namespace TimeSuite.Linux;

/// <summary>Which hardware clock: what its driver calls it, and the device that it is on. The number of /dev/ptpN is no identity: it changes with the order of plugging.</summary>
/// <param name="Name">E.g. 00:11:22:33:44:55 or mlx5_ptp; whatever is not printable, or would be taken for a part of the text, is an underscore.</param>
/// <param name="Device">The address on its bus, e.g. 0000:03:00.0; empty for a clock without a device.</param>
public readonly record struct PhcIdentity(string Name, string Device)
{
    /// <summary>How the text of an identity begins.</summary>
    public const string Prefix = "phc:";

    private const string Root = "/sys/class/ptp";
    private const int LongestPart = 64;

    /// <summary>All clocks that there are, by their numbers. Needs no right.</summary>
    public static IReadOnlyList<(int Index, PhcIdentity Identity)> List(string root = Root)
    {
        if (!Directory.Exists(root))
        {
            return [];
        }

        List<(int, PhcIdentity)> found = [];
        foreach (string folder in Directory.EnumerateFileSystemEntries(root, "ptp*"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan())[3..], NumberStyles.None, CultureInfo.InvariantCulture, out int index) && TryRead(index, out var identity, root))
            {
                found.Add((index, identity));
            }
        }

        found.Sort((left, right) => left.Item1.CompareTo(right.Item1));
        return found;
    }

    /// <summary>Whose number this is now.</summary>
    /// <returns>False if there is no such clock.</returns>
    public static bool TryRead(int index, out PhcIdentity identity, string root = Root)
    {
        identity = default;
        string folder = Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"ptp{index}"));
        try
        {
            string name = File.ReadAllText(Path.Combine(folder, "clock_name"));
            string device = Path.Combine(folder, "device"); // a link to its place on the bus
            identity = new(Clean(name.Trim()), Directory.Exists(device) ? Clean(new DirectoryInfo(device).ResolveLinkTarget(returnFinalTarget: true)?.Name ?? "") : "");
            return identity.Name.Length > 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The clock of this text.</summary>
    /// <param name="text">As <see cref="ToString"/> makes it.</param>
    /// <param name="index">Its number now.</param>
    /// <param name="root">Where the kernel shows its clocks.</param>
    /// <returns>False if there is none, or more than one: then nobody knows which is meant.</returns>
    public static bool TryFind(string text, out int index, string root = Root)
    {
        index = -1;
        int count = 0;
        foreach (var (number, identity) in List(root))
        {
            if (identity.ToString() == text)
            {
                (index, count) = (number, count + 1);
            }
        }

        return count == 1;
    }

    /// <summary>E.g. phc:mlx5_ptp@0000:03:00.0.</summary>
    public override string ToString() => Device.Length == 0 ? $"{Prefix}{Name}" : $"{Prefix}{Name}@{Device}";

    private static string Clean(string text) =>
        string.Concat(text.Take(LongestPart).Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is ':' or '.' or '-' or '_' ? letter : '_'));
}
