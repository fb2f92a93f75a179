using System.Globalization;
using System.Text;
using TimeSuite.Config;

namespace TimeSuite.Simulation;

/// <summary>The timesuite.toml of a <see cref="Setup"/>: the daemons read it with their own parser.</summary>
public static class SetupConfig
{
    private const string SourceTable = "source";

    /// <exception cref="FormatException">A key of <see cref="Setup.Keys"/> is wrong: what, and what would be right.</exception>
    public static SuiteConfig ToConfig(this Setup setup)
    {
        var read = ConfigFile.Parse(ToToml(setup), "simulation");
        return read.TryGet(out var config) ? config : throw new FormatException(string.Join('\n', read.Errors.Select(error => error.Message).Distinct()));
    }

    /// <summary>One key more.</summary>
    /// <param name="setup">To which.</param>
    /// <param name="key"><c>table.key</c>.</param>
    /// <param name="value">As in the file; text may come without its quotes.</param>
    /// <exception cref="FormatException">The key or its value is wrong: what would be right.</exception>
    public static Setup WithKey(this Setup setup, string key, string value)
    {
        var changed = setup with { Keys = setup.Keys.With(key, IsToml(value) ? value : $"\"{value}\"") };
        changed.ToConfig();
        return changed;
    }

    public static string ToToml(this Setup setup)
    {
        var text = new StringBuilder();
        foreach (string table in setup.Keys.Tables.Where(table => table != SourceTable))
        {
            text.Append(CultureInfo.InvariantCulture, $"[{table}]\n");
            Append(text, setup, table);
        }

        text.Append(setup.Sources);
        for (int server = 0; setup.Sources is null && server < setup.Servers; server++)
        {
            text.Append(CultureInfo.InvariantCulture, $"[[{SourceTable}]]\nserver = \"{World.AddressOf(server + 1)}\"\n");
            Append(text, setup, SourceTable);
        }

        return text.ToString();
    }

    /// <summary>Numbers, truth values, and all that begins with a quote or a bracket; else it is text whose quotes a shell has taken.</summary>
    private static bool IsToml(string value) =>
        value is ['"' or '\'' or '[' or '{', ..] or "true" or "false" || double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static void Append(StringBuilder text, Setup setup, string table)
    {
        foreach (var (key, value) in setup.Keys.Of(table))
        {
            text.Append(CultureInfo.InvariantCulture, $"{key} = {value}\n");
        }
    }
}
