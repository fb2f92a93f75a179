using System.Globalization;

namespace TimeSuite.Ptp;

/// <summary>Why one master is preferred to another, for people: the first claim, in the order in which they are compared, that tells the two apart.</summary>
public static class ComparisonReason
{
    /// <summary>In words, with the better value first.</summary>
    public static string Of(in Candidate better, in Candidate worse, ComparisonRule rule)
    {
        var (a, b) = (better, worse);
        bool isOneClock = a.Grandmaster == b.Grandmaster;
        if (rule == ComparisonRule.Ieee1588 && isOneClock)
        {
            return ByWay(a, b);
        }

        string? claim = rule == ComparisonRule.Ieee1588 && a.Priority1 != b.Priority1 ? Than("priority 1", a.Priority1, b.Priority1)
            : a.Quality.Class != b.Quality.Class ? Than("clock class", a.Quality.Class, b.Quality.Class)
            : a.Quality.Accuracy != b.Quality.Accuracy ? string.Create(CultureInfo.InvariantCulture, $"accuracy 0x{(byte)a.Quality.Accuracy:x2} and not 0x{(byte)b.Quality.Accuracy:x2}")
            : a.Quality.Variance != b.Quality.Variance ? Than("variance", a.Quality.Variance, b.Quality.Variance)
            : a.Priority2 != b.Priority2 ? Than("priority 2", a.Priority2, b.Priority2)
            : rule != ComparisonRule.Ieee1588 && a.LocalPriority != b.LocalPriority ? Than("local priority", a.LocalPriority, b.LocalPriority)
            : null;
        return claim ?? (isOneClock || rule != ComparisonRule.Ieee1588 ? ByWay(a, b) : "lower identity of the grandmaster");
    }

    private static string ByWay(in Candidate a, in Candidate b) =>
        a.StepsRemoved != b.StepsRemoved ? Than("steps to the grandmaster", a.StepsRemoved, b.StepsRemoved) : "lower identity of the sender";

    private static string Than(string what, int better, int worse) => string.Create(CultureInfo.InvariantCulture, $"{what} {better} and not {worse}");
}
