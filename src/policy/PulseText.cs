using System.Globalization;
using System.Text;
using TimeSuite.Time;

namespace TimeSuite.Policy;

/// <summary>Hardware clocks that run at another rate than they should if nobody says more, as text: one line each, the identity and the rate to fall back to in ppb.</summary>
public static class PulseText
{
    private const int MostClocks = 64;

    public static string Write(IEnumerable<KeyValuePair<string, FrequencyOffset>> pulses)
    {
        var text = new StringBuilder();
        foreach (var (id, fallback) in pulses)
        {
            text.Append(CultureInfo.InvariantCulture, $"{id} {fallback.Ppb:R}\n");
        }

        return text.ToString();
    }

    /// <returns>False if it makes no sense.</returns>
    public static bool TryRead(string text, out Dictionary<string, FrequencyOffset> pulses)
    {
        pulses = [];
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ') is not [{ Length: > 0 } id, var rate] || pulses.Count == MostClocks
                || !double.TryParse(rate, NumberStyles.Float, CultureInfo.InvariantCulture, out double ppb) || !double.IsFinite(ppb))
            {
                return false;
            }

            pulses[id] = FrequencyOffset.FromPpb(ppb);
        }

        return true;
    }
}
