namespace TimeSuite.Config;

/// <summary>Where something stands in a file: line and column from 1.</summary>
internal readonly record struct Position(string File, int Line, int Column)
{
    public ConfigError Error(string message) => new(File, Line, Column, message);
}

/// <summary>A piece of TOML that knows where it was written.</summary>
internal abstract record TomlNode(Position At)
{
    /// <summary>The value as a person would write it, shortened and without control characters, for messages.</summary>
    public abstract string Written { get; }
}

/// <summary>A string, a long, a double, a bool, or null for what no key takes (dates).</summary>
internal sealed record TomlScalar(Position At, object? Value, string Text) : TomlNode(At)
{
    public override string Written => Printable.Shortened(Text);
}

/// <summary>A list, or an array of tables.</summary>
internal sealed record TomlArray(Position At, List<TomlNode> Items) : TomlNode(At)
{
    public bool HoldsTables => Items.Count > 0 && Items.TrueForAll(item => item is TomlTable);

    public override string Written => Printable.Shortened($"[{string.Join(", ", Items.Take(8).Select(item => item.Written))}]");
}

/// <summary>A table; each entry also knows where its key stands.</summary>
internal sealed record TomlTable(Position At) : TomlNode(At)
{
    public Dictionary<string, (Position KeyAt, TomlNode Value)> Entries { get; } = [];

    public override string Written => "{...}";

    /// <summary>Lays a later file over an earlier one: tables merge, arrays of tables append, else the later value wins.</summary>
    public void Merge(TomlTable later)
    {
        foreach (var (key, entry) in later.Entries)
        {
            switch (Entries.TryGetValue(key, out var mine) ? mine.Value : null, entry.Value)
            {
                case (TomlTable table, TomlTable other):
                    table.Merge(other);
                    break;
                case (TomlArray { HoldsTables: true } array, TomlArray { HoldsTables: true } other):
                    array.Items.AddRange(other.Items);
                    break;
                default:
                    Entries[key] = entry;
                    break;
            }
        }
    }
}
