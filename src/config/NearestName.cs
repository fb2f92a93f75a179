namespace TimeSuite.Config;

/// <summary>Finds what a person who mistyped a name most likely meant.</summary>
internal static class NearestName
{
    /// <summary>The known name with the fewest insertions, deletions and replacements; the first such one.</summary>
    public static string? To(string typed, IEnumerable<string> known) => known.MinBy(name => Distance(typed, name));

    /// <summary>Levenshtein's distance, case ignored. A longer <paramref name="typed"/> than any key is cut: it is far anyway.</summary>
    public static int Distance(string typed, string known)
    {
        string from = (typed.Length > 64 ? typed[..64] : typed).ToLowerInvariant();
        int[] row = [.. Enumerable.Range(0, known.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= known.Length; j++)
            {
                int replaced = diagonal + (from[i - 1] == char.ToLowerInvariant(known[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
