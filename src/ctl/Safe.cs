using System.Globalization;
using System.Text;

namespace TimeSuite.Ctl;

/// <summary>Text from a daemon or the network made harmless for a terminal (threat 25).</summary>
public static class Safe
{
    /// <summary>
    /// At most <paramref name="longest"/> characters on one line. Control characters, and those that turn the writing direction or
    /// show nothing, become question marks.
    /// </summary>
    public static string Text(string text, int longest = 80)
    {
        var safe = new StringBuilder(Math.Min(text.Length, longest));
        int length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (length++ == longest)
            {
                return safe.Append("...").ToString();
            }

            safe.Append(IsHarmless(rune) ? rune.ToString() : "?");
        }

        return safe.ToString();
    }

    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);
}
