using System.CommandLine;
using System.Globalization;
using System.Text;
using TimeSuite.Config;

namespace TimeSuite.Ctl;

/// <summary>Sources at run time: add and delete.</summary>
internal static class SourceCommands
{
    public static IEnumerable<Command> All(CommandBuilder build)
    {
        var toml = new Argument<string?>("TOML") { Description = "The keys of one [[source]] table, e.g. 'server = \"ntp.example.net\"'.", Arity = ArgumentArity.ZeroOrOne };
        yield return build.Command(
            "add",
            "Adds a source until ntpd stops; to keep it, write it into timesuite.toml.",
            (session, arguments, cancel) => AddAsync(session, arguments.GetValue(toml), cancel),
            toml,
            AddOf(build, "server", "Adds one server."),
            AddOf(build, "pool", "Adds a pool: a name with several addresses."));

        var which = ControlCommands.SourceName(ArgumentArity.ExactlyOne);
        yield return build.Command(
            "delete", "Takes a source out; one that is configured comes back when ntpd starts again.", (session, arguments, cancel) => DeleteAsync(session, arguments.GetValue(which)!, cancel), which);
    }

    /// <summary><c>add server NAME --iburst --min-poll 4</c>: each key of [[source]] is an option.</summary>
    private static Command AddOf(CommandBuilder build, string kind, string description)
    {
        var name = new Argument<string>("NAME") { Description = kind == "pool" ? "Host name." : "Host name or address." };
        var options = ConfigFile.Keys["source"].Where(key => key.Name is not ("server" or "pool")).Select(key => (key.Name, Option: OptionOf(key))).ToArray();
        return build.Command(
            kind,
            description,
            (session, arguments, cancel) =>
            {
                var text = new StringBuilder().Append(kind).Append(" = ").AppendLine(Quoted(arguments.GetValue(name)!));
                foreach (var (key, option) in options.Where(option => arguments.GetResult(option.Option) is { Implicit: false }))
                {
                    text.Append(key).Append(" = ").AppendLine(option is Option<bool> flag
                        ? arguments.GetValue(flag) ? "true" : "false"
                        : Value(arguments.GetValue((Option<string>)option)!));
                }

                return AddAsync(session, text.ToString(), cancel);
            },
            [name, .. options.Select(option => option.Option)]);
    }

    private static Option OptionOf(ConfigKey key)
    {
        string description = $"{key.Name} of timesuite.toml(5).";
        return key.IsFlag
            ? new Option<bool>($"--{key.Name}") { Description = description, HelpName = "true|false" }
            : new Option<string>($"--{key.Name}") { Description = description, HelpName = "VALUE" };
    }

    private static async Task<int> AddAsync(Session session, string? toml, CancellationToken cancel)
    {
        if (toml is null)
        {
            throw new CtlException("add: say what, e.g. timectl add server ntp.example.net --iburst", ExitCode.Usage);
        }

        var source = SourceToml.Parse(toml, "add");
        if (source.Errors.Count > 0)
        {
            throw new CtlException(string.Join("\ntimectl: ", source.Errors), ExitCode.Usage);
        }

        var reply = await session.Daemons.ControlAsync((ntpd, options) => ntpd.AddSourceAsync(new() { Toml = toml }, options), cancel);
        session.Tell(new NameJson(reply.Name), CtlJson.Default.NameJson, $"added {Safe.Text(reply.Name)}");
        return ExitCode.Done;
    }

    private static async Task<int> DeleteAsync(Session session, string name, CancellationToken cancel)
    {
        var reply = await session.Daemons.ControlAsync((ntpd, options) => ntpd.DeleteSourceAsync(new() { Name = name }, options), cancel);
        session.Tell(
            new DeletedJson(name, reply.Sources),
            CtlJson.Default.DeletedJson,
            reply.Sources > 1 ? Units.Invariant($"deleted {reply.Sources} sources called {Safe.Text(name)}") : $"deleted {Safe.Text(name)}");
        return ExitCode.Done;
    }

    /// <summary>Numbers stand as they are; the rest is a string.</summary>
    private static string Value(string written) => written switch
    {
        _ when long.TryParse(written, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => Units.Invariant($"{whole}"),
        _ when double.TryParse(written, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double real)
            => real.ToString("0.0###############", CultureInfo.InvariantCulture),
        _ => Quoted(written),
    };

    /// <summary>A TOML basic string (TOML 1.0, section String).</summary>
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char character in text)
        {
            quoted.Append(character switch
            {
                '"' or '\\' => $"\\{character}",
                _ when char.IsControl(character) => Units.Invariant($"\\u{(int)character:X4}"),
                _ => character.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }
}
