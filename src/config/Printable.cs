using System.Text;

namespace TimeSuite.Config;

/// <summary>Text from a file made safe for a terminal or a log line.</summary>
internal static class Printable
{
    /// <summary>At most <paramref name="longest"/> characters and an ellipsis on one line; control characters become spaces.</summary>
    public static string Shortened(string text, int longest = 60)
    {
        var safe = new StringBuilder(longest + 3);
        foreach (var rune in text.AsSpan().Trim().EnumerateRunes())
        {
            if (safe.Length >= longest)
            {
                return safe.Append("...").ToString();
            }

            safe.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return safe.ToString();
    }
}
