using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace TimeSuite.Config;

/// <summary>Tomlyn's syntax tree as nested tables whose every key and value has its position.</summary>
/// <remarks>The generated binding of Tomlyn is not used: it stops at the first error and lets unknown keys pass.</remarks>
internal sealed class TomlTree
{
    private static readonly TomlSerializerOptions Shallow = new() { MaxDepth = 16 };

    private readonly string _text;
    private readonly string _file;
    private readonly List<ConfigError> _errors;

    private TomlTree(string text, string file, List<ConfigError> errors) => (_text, _file, _errors) = (text, file, errors);

    /// <summary>Reads one text. Null, and at least one more error, if it is not TOML.</summary>
    public static TomlTable? Parse(string text, string file, List<ConfigError> errors) =>
        ParseSyntax(text, file, errors) is { } document ? new TomlTree(text, file, errors).Build(document) : null;

    private static DocumentSyntax? ParseSyntax(string text, string file, List<ConfigError> errors)
    {
        try
        {
            return SyntaxParser.Parse(text, Shallow, file, validate: true);
        }
        catch (TomlException refused)
        {
            // Too deep a nesting is the one mistake that the parser means to throw for.
            errors.Add(new(file, refused.Line ?? 1, refused.Column ?? 1, Printable.Shortened(refused.Message, 200)));
        }
        catch (ArgumentOutOfRangeException)
        {
            // Tomlyn 2.10.2 means to report what follows the backslash and fails to print it when that is no character.
            int lines = text.AsSpan().Count('\n') + 1;
            errors.Add(new(file, lines, text.Length - text.LastIndexOf('\n'), "a string with a \\ escape is not closed before the file ends; close it with a quote"));
        }

        return null;
    }

    private TomlTable? Build(DocumentSyntax document)
    {
        if (document.HasErrors)
        {
            _errors.AddRange(document.Diagnostics
                .Where(diagnostic => diagnostic.Kind == DiagnosticMessageKind.Error)
                .Select(diagnostic => At(diagnostic.Span).Error(Printable.Shortened(diagnostic.Message, 200))));
            return null;
        }

        var root = new TomlTable(new(_file, 1, 1));
        Assign(root, document.KeyValues);
        foreach (var header in document.Tables)
        {
            if (header.Name is { } name && Enter(root, name, appends: header is TableArraySyntax) is { } table)
            {
                Assign(table, header.Items);
            }
        }

        return root;
    }

    /// <summary>Goes to the table that a header names, making what is missing on the way.</summary>
    private TomlTable? Enter(TomlTable root, KeySyntax name, bool appends)
    {
        var at = At(name.Span);
        var path = Path(name);
        var table = root;
        for (int i = 0; i < path.Count && table is not null; i++)
        {
            bool makesElement = appends && i == path.Count - 1;
            if (!table.Entries.TryGetValue(path[i], out var entry))
            {
                entry = (at, makesElement ? new TomlArray(at, []) : new TomlTable(at));
                table.Entries.Add(path[i], entry);
            }

            if (makesElement && entry.Value is TomlArray array)
            {
                array.Items.Add(new TomlTable(at));
            }

            table = entry.Value switch
            {
                TomlTable inner => inner,
                TomlArray { Items: [.., TomlTable last] } => last,
                _ => null,
            };
        }

        if (table is null)
        {
            _errors.Add(at.Error($"[{string.Join('.', path)}]: this name already holds a value; a table needs a name of its own"));
        }

        return table;
    }

    private void Assign(TomlTable table, IEnumerable<KeyValueSyntax> items)
    {
        foreach (var item in items)
        {
            if (item is { Key: { } key, Value: { } value })
            {
                Assign(table, key, value);
            }
        }
    }

    private void Assign(TomlTable table, KeySyntax key, ValueSyntax value)
    {
        var at = At(key.Span);
        var path = Path(key);
        foreach (string step in path.SkipLast(1))
        {
            if (!table.Entries.TryGetValue(step, out var entry))
            {
                table.Entries.Add(step, entry = (at, new TomlTable(at)));
            }

            if (entry.Value is not TomlTable inner)
            {
                _errors.Add(at.Error($"{string.Join('.', path)}: {step} already holds a value, it is not a table"));
                return;
            }

            table = inner;
        }

        if (!table.Entries.TryAdd(path[^1], (at, Node(value))))
        {
            _errors.Add(at.Error($"{string.Join('.', path)}: set twice in this file; keep one of the two"));
        }
    }

    private TomlNode Node(ValueSyntax value)
    {
        var at = At(value.Span);
        switch (value)
        {
            case ArraySyntax array:
                return new TomlArray(at, [.. array.Items.Where(item => item.Value is not null).Select(item => Node(item.Value!))]);
            case InlineTableSyntax inline:
                var table = new TomlTable(at);
                Assign(table, inline.Items.Select(item => item.KeyValue).OfType<KeyValueSyntax>());
                return table;
            default:
                return new TomlScalar(at, Scalar(value), _text.Substring(value.Span.Offset, value.Span.Length));
        }
    }

    private static object? Scalar(ValueSyntax value) => value switch
    {
        StringValueSyntax text => text.Value,
        IntegerValueSyntax integer => integer.Value,
        FloatValueSyntax real => real.Value,
        BooleanValueSyntax boolean => boolean.Value,
        _ => null,
    };

    private static List<string> Path(KeySyntax key) =>
        [Name(key.Key), .. key.DotKeys.Select(item => Name(item.Key))];

    private static string Name(BareKeyOrStringValueSyntax? part) => part switch
    {
        BareKeySyntax bare => bare.Key?.Text ?? "",
        StringValueSyntax quoted => quoted.Value ?? "",
        _ => "",
    };

    private Position At(SourceSpan span) => new(_file, span.Start.Line + 1, span.Start.Column + 1);
}
