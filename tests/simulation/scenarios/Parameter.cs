using System.Globalization;
using TimeSuite.Config;

namespace TimeSuite.Simulation;

/// <summary>One thing that can be set of a <see cref="Setup"/> by name.</summary>
/// <param name="Name">In kebab case.</param>
/// <param name="Meaning">With its unit.</param>
/// <param name="Values">What may be written.</param>
/// <param name="Apply">Sets it; null if the text is not one of these values.</param>
/// <param name="Show">As it would be written.</param>
public sealed record Parameter(string Name, string Meaning, string Values, Func<Setup, string, Setup?> Apply, Func<Setup, string> Show)
{
    private const string Never = "never";

    /// <summary>A time that may never come: shown, and written, as "never".</summary>
    internal const double Ever = 1e300;

    internal static Parameter Number(string name, string meaning, double low, double high, Func<Setup, double> get, Func<Setup, double, Setup> set) => new(
        name, meaning,
        high == Ever ? FormattableString.Invariant($"a number from {low:G} on, or {Never}") : FormattableString.Invariant($"a number from {low:G} to {high:G}"),
        (setup, text) => high == Ever && text == Never ? set(setup, Ever)
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= low && value <= high ? set(setup, value) : null,
        setup => get(setup) >= Ever ? Never : get(setup).ToString("G9", CultureInfo.InvariantCulture));

    internal static Parameter Share(string name, string meaning, Func<Setup, double> get, Func<Setup, double, Setup> set) => Number(name, meaning, 0, 1, get, set);

    /// <summary>No part of it is cut off: 2.5 is wrong.</summary>
    internal static Parameter Whole(string name, string meaning, long low, long high, Func<Setup, long> get, Func<Setup, long, Setup> set) => new(
        name, meaning, FormattableString.Invariant($"a whole number from {low} to {high}"),
        (setup, text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= low && value <= high ? set(setup, value) : null,
        setup => get(setup).ToString(CultureInfo.InvariantCulture));

    internal static Parameter Flag(string name, string meaning, Func<Setup, bool> get, Func<Setup, bool, Setup> set) => new(
        name, meaning, "true or false", (setup, text) => text is "true" or "false" ? set(setup, text == "true") : null, setup => get(setup) ? "true" : "false");

    /// <summary>One of the names of an enumeration: neither its numbers nor a list of names.</summary>
    internal static Parameter Word<T>(string name, string meaning, Func<Setup, T> get, Func<Setup, T, Setup> set)
        where T : struct, Enum => new(
            name, meaning, string.Join(", ", Enum.GetNames<T>().Select(word => word.ToLowerInvariant())),
            (setup, text) => Enum.GetNames<T>().FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } word ? set(setup, Enum.Parse<T>(word)) : null,
            setup => get(setup).ToString().ToLowerInvariant());

    /// <summary>A key of timesuite.toml under a shorter name: its parser says what may be written, and what it is without.</summary>
    /// <param name="name">Here.</param>
    /// <param name="key"><c>table.key</c>.</param>
    /// <param name="meaning">With its unit.</param>
    /// <param name="values">As a hint; the parser's own words come with a refusal.</param>
    /// <param name="absent">Written here for the key's absence, if it may be absent.</param>
    internal static Parameter Key(string name, string key, string meaning, string values, string? absent = null) => new(
        name, meaning, values,
        (setup, text) => text == absent ? setup with { Keys = setup.Keys.Without(key) } : setup.WithKey(key, text),
        setup => setup.Keys[key]?.Trim('"') ?? absent ?? "");

    /// <summary>Least and longest.</summary>
    internal static Parameter Polls(string name, string meaning) => new(name, meaning, FormattableString.Invariant($"N or N..M, {PollRange.Least} to {PollRange.Most}"), SetPolls, setup => $"{setup.Keys["source.min-poll"]}..{setup.Keys["source.max-poll"]}");

    private static Setup? SetPolls(Setup setup, string text)
    {
        string[] ends = text.Split("..");
        bool ok = ends.Length is 1 or 2
            & int.TryParse(ends[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int least)
            & int.TryParse(ends[^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int longest);
        return ok && least >= PollRange.Least && longest <= PollRange.Most && least <= longest ? setup with { Keys = setup.Keys.WithPolls(least, longest) } : null;
    }
}
