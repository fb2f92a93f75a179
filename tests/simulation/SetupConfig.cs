using System.Globalization;
using System.Text;
using TimeSuite.Config;

namespace TimeSuite.Simulation;

/// <summary>The timesuite.toml of a <see cref="Setup"/>: the daemons read it with their own parser.</summary>
public static class SetupConfig
{
    /// <exception cref="FormatException">A key of <see cref="Setup.Keys"/> is wrong: what, and what would be right.</exception>
    public static SuiteConfig ToConfig(this Setup setup)
    {
        var read = ConfigFile.Parse(ToToml(setup), "simulation");
        return read.TryGet(out var config) ? config : throw new FormatException(string.Join('\n', read.Errors.Select(error => error.Message)));
    }

    public static string ToToml(this Setup setup)
    {
        var text = new StringBuilder();
        foreach (string table in setup.Keys.Keys.Select(key => key.Split('.')[0]).Append("clock").Where(table => table != "source").Distinct())
        {
            text.Append(CultureInfo.InvariantCulture, $"[{table}]\n");
            if (table == "clock" && !setup.Keys.ContainsKey("clock.policy"))
            {
                text.Append(CultureInfo.InvariantCulture, $"policy = \"{setup.Policy}\"\n");
            }

            Append(text, setup, table);
        }

        text.Append(setup.Sources);
        for (int server = 0; setup.Sources is null && server < setup.Servers; server++)
        {
            text.Append(CultureInfo.InvariantCulture, $"[[source]]\nserver = \"{World.AddressOf(server + 1)}\"\n");
            foreach (var (key, value) in OwnKeys(setup).Where(own => !setup.Keys.ContainsKey($"source.{own.Key}")))
            {
                text.Append(CultureInfo.InvariantCulture, $"{key} = {value}\n");
            }

            Append(text, setup, "source");
        }

        return text.ToString();
    }

    private static IEnumerable<(string Key, string Value)> OwnKeys(Setup setup) =>
    [
        ("min-poll", setup.MinPoll.ToString(CultureInfo.InvariantCulture)), ("max-poll", setup.MaxPoll.ToString(CultureInfo.InvariantCulture)),
        ("iburst", Word(setup.Iburst)), ("interleaved", Word(setup.Interleaved)),
    ];

    private static void Append(StringBuilder text, Setup setup, string table)
    {
        foreach (var (key, value) in setup.Keys.Where(key => key.Key.Split('.')[0] == table))
        {
            text.Append(CultureInfo.InvariantCulture, $"{key[(table.Length + 1)..]} = {value}\n");
        }
    }

    private static string Word(bool value) => value ? "true" : "false";
}
