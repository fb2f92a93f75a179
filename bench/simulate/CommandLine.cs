using System.Globalization;
using TimeSuite.Simulation;

namespace TimeSuite.Simulate;

/// <summary>What the caller wants.</summary>
internal sealed record CommandLine
{
    public const string Usage = """
        simulate NAME [options]     plays one scenario
        simulate table [options]    plays the rows of the table with both actuators and writes bench/results/discipline.md
        simulate all [options]      plays every scenario and tells what did not hold
        simulate --list             shows the scenarios and the parameters

          --seeds LIST      e.g. 7, 1-25 (default), 1,3,10-12
          --set NAME=VALUE  a parameter, or table.key=VALUE of timesuite.toml; may be given again
          --json            one object on standard output, nothing else
          --plot FILE.svg   true offset and claimed bound of the first seed over time
          --log             what the daemons wrote, of the first seed
          --toml            the configuration that the daemons get, and no run
          --out FILE        where the table goes
        """;

    private const int MostSeeds = 100_000;

    public enum What
    {
        Help, List, Table, All, One,
    }

    public What Mode { get; private init; }

    public string Name { get; private init; } = "";

    public IReadOnlyList<ulong> Seeds { get; private init; } = [.. Enumerable.Range(1, 25).Select(seed => (ulong)seed)];

    public IReadOnlyList<(string Name, string Value)> Settings { get; private init; } = [];

    public bool IsJson { get; private init; }

    public bool ShowsLog { get; private init; }

    public bool ShowsToml { get; private init; }

    public string? Plot { get; private init; }

    public string? Out { get; private init; }

    /// <exception cref="FormatException">With what would be right.</exception>
    public static CommandLine Parse(string[] args)
    {
        var line = new CommandLine { Mode = args.Length == 0 ? What.Help : What.One };
        List<(string, string)> settings = [];
        for (int i = 0; i < args.Length; i++)
        {
            string Value() => ++i < args.Length ? args[i] : throw new FormatException($"{args[i - 1]} needs a value; --help shows how");
            line = args[i] switch
            {
                "--help" or "-h" => line with { Mode = What.Help },
                "--list" => line with { Mode = What.List },
                "--json" => line with { IsJson = true },
                "--log" => line with { ShowsLog = true },
                "--toml" => line with { ShowsToml = true },
                "--plot" => line with { Plot = Value() },
                "--out" => line with { Out = Value() },
                "--seeds" => line with { Seeds = ParseSeeds(Value()) },
                "--set" => Add(line, settings, Value()),
                ['-', ..] => throw new FormatException($"there is no option {args[i]}; nearest is {Parameters.Nearest(args[i], ["--seeds", "--set", "--json", "--plot", "--log", "--toml", "--out", "--list", "--help"])}"),
                _ when line.Name.Length > 0 => throw new FormatException($"\"{args[i]}\" after \"{line.Name}\": one scenario at a time"),
                _ => line with { Name = args[i] },
            };
        }

        var mode = (line.Mode, line.Name) switch
        {
            (What.One, "table") => What.Table,
            (What.One, "all") => What.All,
            (What.One, "") => throw new FormatException("which scenario? --list shows them"),
            _ => line.Mode,
        };
        return line with { Mode = mode, Settings = settings };
    }

    /// <summary>The scenario that was asked for, with all that was set.</summary>
    /// <exception cref="FormatException">No such scenario or parameter.</exception>
    public Scenario Scenario() => Apply(Scenarios.Find(Name) ?? throw new FormatException(
        $"there is no scenario \"{Name}\"; nearest is \"{Parameters.Nearest(Name, Scenarios.All.Select(scenario => scenario.Name))}\"; --list shows all"));

    /// <summary>A scenario with all that was set. What is set may break what it expects: then it expects nothing.</summary>
    public Scenario Apply(Scenario scenario)
    {
        var setup = Settings.Aggregate(scenario.Setup, (setup, setting) => Parameters.Set(setup, setting.Name, setting.Value));
        return Settings.Count == 0 ? scenario : scenario with { Setup = setup, Expectations = [] };
    }

    private static CommandLine Add(CommandLine line, List<(string, string)> settings, string text)
    {
        int at = text.IndexOf('=', StringComparison.Ordinal);
        settings.Add(at > 0 ? (text[..at], text[(at + 1)..]) : throw new FormatException($"--set {text}: expected NAME=VALUE, e.g. jitter=1e-3"));
        return line;
    }

    private static List<ulong> ParseSeeds(string text)
    {
        List<ulong> seeds = [];
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryParse(ends[0], out ulong first) || !TryParse(ends[^1], out ulong last) || first > last || last - first >= MostSeeds)
            {
                throw new FormatException($"--seeds {text}: expected numbers and ranges, e.g. 1-25 or 1,3,10-12");
            }

            for (ulong seed = first; seed <= last; seed++)
            {
                seeds.Add(seed);
            }
        }

        return seeds;
    }

    private static bool TryParse(string text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value < ulong.MaxValue;
}
