using System.Globalization;
using TimeSuite.Simulation;

namespace TimeSuite.Simulate;

/// <summary>What the caller wants.</summary>
internal sealed record CommandLine
{
    public const string Usage = """
        simulate NAME [options]     plays one scenario
        simulate table [options]    plays the rows of the table with both actuators and writes bench/results/discipline.md
        simulate shapes [options]   plays the rows with delays of other shapes, beside a yardstick, and writes bench/results/shapes.md
        simulate targets [options]  packets against the accuracy target in three networks; writes bench/results/targets.md
        simulate ptp [options]      plays the rows of PTP and writes bench/results/ptp.md
        simulate all [options]      plays every scenario and tells what did not hold
        simulate --list             shows the scenarios and the parameters

          --seeds LIST      e.g. 7, 1-25 (default), 1,3,10-12
          --set NAME=VALUE  a parameter, or table.key=VALUE of timesuite.toml; may be given again
          --oracle          the errors beside those of the exact filter that is told how the world is made; slow where exchanges are many
          --json            one object on standard output, nothing else
          --plot FILE.svg   true offset and claimed bound of the first seed over time
          --log             what the daemons wrote, of the first seed
          --toml            the configuration that the daemons get, and no run
          --out FILE        where the table goes
        """;

    private const int MostSeeds = 100_000;

    private static readonly string[] s_options = ["--seeds", "--set", "--json", "--plot", "--log", "--toml", "--out", "--oracle", "--list", "--help"];

    public enum What
    {
        Help, List, Table, Shapes, Targets, Ptp, All, One, Oracle,
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
        var line = new CommandLine();
        List<(string Name, string Value)> settings = [];
        List<string> given = [];
        for (int i = 0; i < args.Length; i++)
        {
            string option = args[i];
            string Value() => i + 1 < args.Length && args[i + 1] is { Length: > 0 } value && !s_options.Contains(value) ? args[++i] : throw new FormatException($"{option} needs a value; --help shows how");
            line = option switch
            {
                "--help" or "-h" => line with { Mode = What.Help },
                "--list" or "--json" or "--log" or "--toml" or "--oracle" => line,
                "--plot" => line with { Plot = Value() },
                "--out" => line with { Out = Value() },
                "--seeds" => line with { Seeds = ParseSeeds(Value()) },
                "--set" => Add(line, settings, Value()),
                ['-', ..] => throw new FormatException($"there is no option {option}{Parameters.Hint(option, s_options)}; --help shows all"),
                _ when line.Name.Length > 0 => throw new FormatException($"\"{option}\" after \"{line.Name}\": one scenario at a time"),
                _ => line with { Name = option },
            };
            if (option.StartsWith('-') && option != "--set" && given.Contains(option))
            {
                throw new FormatException($"{option} is given twice");
            }

            given.Add(option);
        }

        if (args.Length == 0 || given.Contains("--help") || given.Contains("-h"))
        {
            return line with { Mode = What.Help };
        }

        line = line with
        {
            Mode = ModeOf(line.Name, given.Contains("--list"), given.Contains("--oracle")), Settings = settings, IsJson = given.Contains("--json"), ShowsLog = given.Contains("--log"), ShowsToml = given.Contains("--toml"),
        };
        line.RefuseWhatHasNoEffect(given);
        return line;
    }

    /// <summary>The scenario that was asked for, with all that was set.</summary>
    /// <exception cref="FormatException">No such scenario or parameter.</exception>
    public Scenario Scenario() => Apply(Scenarios.Find(Name) ?? throw new FormatException(
        $"there is no scenario \"{Name}\"{Parameters.Hint(Name, Scenarios.All.Select(scenario => scenario.Name))}; --list shows all"));

    /// <summary>A scenario with all that was set. What is set may break what it expects: then it expects nothing.</summary>
    /// <exception cref="FormatException">What was set is wrong, or cannot be in this scenario.</exception>
    public Scenario Apply(Scenario scenario)
    {
        if (Settings.Count == 0)
        {
            return scenario;
        }

        var setup = Settings.Aggregate(scenario.Setup, (setup, setting) => Parameters.Set(setup, setting.Name, setting.Value));
        try
        {
            setup.Check();
        }
        catch (FormatException wrong)
        {
            throw new FormatException($"{scenario.Name}: {wrong.Message}");
        }

        return scenario with { Setup = setup, Expectations = [], InsideOverAll = 0 };
    }

    private static What ModeOf(string name, bool lists, bool asksOracle) => (name, lists) switch
    {
        ("", true) => What.List,
        (_, true) => throw new FormatException($"\"{name}\" beside --list: it shows all scenarios and parameters, and plays none"),
        ("", _) => throw new FormatException("which scenario? --list shows them"),
        ("table", _) => What.Table,
        ("shapes", _) => What.Shapes,
        ("targets", _) => What.Targets,
        ("ptp", _) => What.Ptp,
        ("all", _) => What.All,
        _ => asksOracle ? What.Oracle : What.One,
    };

    private void RefuseWhatHasNoEffect(List<string> given)
    {
        string[] taken = (Mode, ShowsToml) switch
        {
            (What.List, _) => ["--list"],
            (What.One or What.Oracle, true) => ["--toml", "--set"],
            (What.One, _) => ["--seeds", "--set", "--json", "--plot", "--log"],
            (What.Oracle, false) => ["--seeds", "--set", "--oracle"],
            (What.All, _) => ["--seeds", "--set"],
            _ => ["--seeds", "--set", "--out"],
        };
        if (given.Find(option => option.StartsWith('-') && !taken.Contains(option)) is { } idle)
        {
            throw new FormatException($"{idle} has no effect with {(ShowsToml ? "--toml" : Mode switch { What.List => "--list", What.Oracle => "--oracle", _ => Name })}, which takes {string.Join(", ", taken.Where(option => option != "--toml" && option != "--list" && option != "--oracle").DefaultIfEmpty("nothing else"))}");
        }

        string[] own = Mode switch
        {
            What.Table => ["actuator"],
            What.Ptp => ["actuator"],
            What.Shapes => ["delay"],
            What.Targets => ["accuracy-target", "selection.accuracy-target"],
            _ => [],
        };
        if (Settings.FirstOrDefault(setting => own.Contains(setting.Name)).Name is { } name)
        {
            throw new FormatException($"--set {name}: {Name} goes through its values by itself");
        }
    }

    private static CommandLine Add(CommandLine line, List<(string Name, string Value)> settings, string text)
    {
        int at = text.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0)
        {
            throw new FormatException($"--set {text}: expected NAME=VALUE, e.g. jitter=1e-3");
        }

        string name = text[..at];
        settings.Add(settings.Exists(setting => setting.Name == name) ? throw new FormatException($"--set {text}: {name} is set twice") : (name, text[(at + 1)..]));
        return line;
    }

    private static List<ulong> ParseSeeds(string text)
    {
        List<ulong> seeds = [];
        HashSet<ulong> known = [];
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryParse(ends[0], out ulong first) || !TryParse(ends[^1], out ulong last) || first > last || last - first >= MostSeeds)
            {
                throw new FormatException($"--seeds {text}: expected numbers and ranges, e.g. 1-25 or 1,3,10-12");
            }

            for (ulong seed = first; seed <= last; seed++)
            {
                seeds.Add(known.Add(seed) ? seed : throw new FormatException($"--seeds {text}: {seed} stands there twice and would count twice"));
            }
        }

        return seeds;
    }

    private static bool TryParse(string text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value < ulong.MaxValue;
}
