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
    public static string NameOf(ManagementId id)
    {
        var name = new StringBuilder();
        foreach (char c in id.ToString())
        {
            name.Append(char.IsAsciiLetterUpper(c) && name.Length > 0 ? "_" : "").Append(char.ToUpperInvariant(c));
        }

        return name.ToString();
    }
}
