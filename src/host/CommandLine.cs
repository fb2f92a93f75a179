using System.Diagnostics.CodeAnalysis;

namespace TimeSuite.Host;

/// <summary>One option that a daemon understands.</summary>
/// <param name="Name">With its dashes: <c>--config</c>.</param>
/// <param name="Value">What stands for its value in the help, e.g. <c>FILE</c>; null for a switch.</param>
/// <param name="Help">One line.</param>
public sealed record Option(string Name, string? Value, string Help);

/// <summary>A daemon's arguments: <c>--name value</c>, <c>--name=value</c> and switches, nothing else.</summary>
public sealed class CommandLine
{
    private readonly Dictionary<string, string> _values = [];

    private CommandLine()
    {
    }

    /// <summary>Whether the option was given.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>The option's value, or <paramref name="fallback"/>.</summary>
    [return: NotNullIfNotNull(nameof(fallback))]
    public string? Get(string name, string? fallback = null) => _values.GetValueOrDefault(name, fallback!);

    /// <summary>Reads arguments.</summary>
    /// <param name="args">As Main got them.</param>
    /// <param name="options">What there is.</param>
    /// <param name="line">The result, if all were understood.</param>
    /// <param name="error">If not: which argument, and what would be right.</param>
    public static bool TryParse(IReadOnlyList<string> args, IReadOnlyList<Option> options, [NotNullWhen(true)] out CommandLine? line, [NotNullWhen(false)] out string? error)
    {
        line = null;
        error = null;
        var result = new CommandLine();
        for (int index = 0; index < args.Count; index++)
        {
            int equals = args[index].IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? args[index] : args[index][..equals];
            if (options.FirstOrDefault(option => option.Name == name) is not { } known)
            {
                error = $"{args[index]}: unknown; --help lists the options";
                return false;
            }

            if (known.Value is null)
            {
                if (equals >= 0)
                {
                    error = $"{name} takes no value";
                    return false;
                }

                result._values[name] = "";
            }
            else if (equals >= 0)
            {
                result._values[name] = args[index][(equals + 1)..];
            }
            else if (++index < args.Count)
            {
                result._values[name] = args[index];
            }
            else
            {
                error = $"{name} wants a value: {name} {known.Value}";
                return false;
            }
        }

        line = result;
        return true;
    }

    /// <summary>The text for <c>--help</c>.</summary>
    public static string Help(string program, string purpose, IEnumerable<Option> options)
    {
        var rows = options.Select(option => $"  {(option.Value is null ? option.Name : $"{option.Name} {option.Value}"),-28} {option.Help}");
        return $"{program}: {purpose}\n\n{string.Join('\n', rows)}\n";
    }
}
