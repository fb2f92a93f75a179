using System.Text;

namespace TimeSuite.Ptp;

/// <summary>The names that pmc gives to the ids: PRIORITY1, DEFAULT_DATA_SET.</summary>
public static class ManagementNames
{
    private static readonly Dictionary<string, ManagementId> s_ids = Enum.GetValues<ManagementId>().ToDictionary(NameOf);

    /// <summary>All names, in the order of their numbers.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<ManagementId>().Select(NameOf)];

    /// <summary>Finds an id by its name, in whatever case.</summary>
    public static bool TryFind(string name, out ManagementId id) => s_ids.TryGetValue(name.ToUpperInvariant(), out id);

    /// <summary>The name of an id.</summary>
    public static string NameOf(ManagementId id) => Parted(id.ToString()).ToUpperInvariant();

    /// <summary>The words of a name of ours, as the standard and pmc part them: Delay_Req.</summary>
    internal static string Parted(string name)
    {
        var parted = new StringBuilder();
        foreach (char c in name)
        {
            parted.Append(char.IsAsciiLetterUpper(c) && parted.Length > 0 ? "_" : "").Append(c);
        }

        return parted.ToString();
    }
}
