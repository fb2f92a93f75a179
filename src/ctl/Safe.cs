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

    /// <summary>
    /// Each line of <paramref name="text"/> as <see cref="Text"/> has it, behind <paramref name="prefix"/>. Lines with nothing in them are left out.
    /// </summary>
    /// <param name="text">With line feeds.</param>
    /// <param name="prefix">Harmless itself.</param>
    /// <param name="longest">Of the whole, in octets of UTF-8; what is cut ends in three dots, which are not counted.</param>
    public static string Lines(string text, string prefix, int longest)
    {
        var safe = new StringBuilder();
        int room = longest;
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string lead = safe.Length > 0 ? $"\n{prefix}" : prefix;
            room -= Encoding.UTF8.GetByteCount(lead);
            if (room <= 0)
            {
                return safe.Append("...").ToString();
            }

            safe.Append(lead);
            foreach (var rune in line.EnumerateRunes())
            {
                var shown = IsHarmless(rune) ? rune : new Rune('?');
                room -= shown.Utf8SequenceLength;
                if (room < 0)
                {
                    return safe.Append("...").ToString();
                }

                safe.Append(shown.ToString());
            }
        }

        return safe.ToString();
    }

    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);
}
