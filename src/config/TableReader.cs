using System.Globalization;
using TimeSuite.Time;

namespace TimeSuite.Config;

/// <summary>Takes typed values out of one table, and remembers which keys were asked for: what is left over is unknown.</summary>
/// <param name="name">As in the file: <c>[clock]</c>, <c>[[source]]</c>.</param>
/// <param name="table">Empty if the file has none.</param>
/// <param name="errors">Where refusals go; a refused key reads as its default, so that the rest is still checked.</param>
internal sealed class TableReader(string name, TomlTable table, List<ConfigError> errors)
{
    private readonly List<string> _known = [];
    private readonly HashSet<string> _flags = [];

    /// <summary>Every key that was asked for, in that order.</summary>
    public IReadOnlyList<ConfigKey> Known => [.. _known.Distinct().Select(key => new ConfigKey(key, _flags.Contains(key)))];

    /// <summary>Where the table begins.</summary>
    public Position At => table.At;

    /// <summary>Whether the file sets this key.</summary>
    public bool Has(string key) => table.Entries.ContainsKey(key);

    public bool TryGet(string key, out TomlNode node)
    {
        _known.Add(key);
        bool found = table.Entries.TryGetValue(key, out var entry);
        node = entry.Value;
        return found;
    }

    /// <summary>Refuses the value of a key that is there.</summary>
    public void Refuse(string key, string right)
    {
        var node = table.Entries[key].Value;
        errors.Add(node.At.Error($"{name} {key} = {node.Written}: {right}"));
    }

    /// <summary>Refuses the table as a whole.</summary>
    public void Refuse(string right) => errors.Add(table.At.Error($"{name}: {right}"));

    public bool Bool(string key, bool otherwise)
    {
        _flags.Add(key);
        return Read(key, otherwise, "must be true or false", (TomlNode node, out bool value) =>
        {
            value = node is TomlScalar { Value: true };
            return node is TomlScalar { Value: bool };
        });
    }

    public int Int(string key, int otherwise, int least, int most) =>
        Read(key, otherwise, Invariant($"must be a whole number from {least} to {most}"), (TomlNode node, out int value) =>
        {
            bool ok = node is TomlScalar { Value: long number } && number >= least && number <= most;
            value = ok ? (int)(long)((TomlScalar)node).Value! : 0;
            return ok;
        });

    /// <summary>The same; null if absent.</summary>
    public int? Int(string key, int least, int most) => TryGet(key, out _) ? Int(key, least, least, most) : null;

    /// <summary>1 to 2^32 - 1; 0 if absent.</summary>
    public uint UInt(string key) =>
        Read(key, 0u, "must be a whole number from 1 to 4294967295", (TomlNode node, out uint value) =>
        {
            bool ok = node is TomlScalar { Value: long and >= 1 and <= uint.MaxValue };
            value = ok ? (uint)(long)((TomlScalar)node).Value! : 0;
            return ok;
        });

    public double Number(string key, double otherwise, double least, double most) =>
        Read(key, otherwise, Invariant($"must be a number from {least} to {most}"), (TomlNode node, out double value) =>
            TryNumber(node, out value) && value >= least && value <= most);

    /// <summary>A string with a unit, or a number of seconds.</summary>
    public Duration Duration(string key, Duration otherwise, Duration least, Duration most, string range) =>
        Read(key, otherwise, $"must be a length of time {range}, e.g. \"{Example(otherwise, least)}\" (units ns, us, ms, s, min, h, d)",
            (TomlNode node, out Duration value) => TryDuration(node, out value) && value >= least && value <= most);

    /// <summary>The same; null if absent.</summary>
    public Duration? Duration(string key, Duration least, Duration most, string range, string example) =>
        Read<Duration?>(key, null, $"must be a length of time {range}, e.g. \"{example}\" (units ns, us, ms, s, min, h, d)", (TomlNode node, out Duration? value) =>
        {
            value = TryDuration(node, out var length) && length >= least && length <= most ? length : null;
            return value is not null;
        });

    /// <summary>A string with a unit, or a number of ppm. Never negative.</summary>
    public FrequencyOffset Frequency(string key, FrequencyOffset otherwise, FrequencyOffset least, FrequencyOffset most) =>
        Read(key, otherwise, Invariant($"must be a rate from {least.Ppm:0.###} to {most.Ppm:0.###} ppm, e.g. \"{otherwise.Ppm:0.###} ppm\" (units ppm, ppb)"),
            (TomlNode node, out FrequencyOffset value) =>
                TryFrequency(node, out value) && value.Fraction >= least.Fraction && value.Fraction <= most.Fraction);

    /// <summary>log2 s as a whole number, or a length of time that is a power of two. Null if absent.</summary>
    public int? Poll(string key) =>
        Read<int?>(key, null, "must be a whole number from -4 to 17 (log2 of seconds) or a power of two, 62.5 ms to 131072 s, e.g. \"64 s\"",
            (TomlNode node, out int? value) =>
            {
                value = node switch
                {
                    TomlScalar { Value: long number and >= PollRange.Least and <= PollRange.Most } => (int)number,
                    TomlScalar { Value: string text } when Quantity.TryParseDuration(text, out var length)
                        && Quantity.TryPollFrom(length, out int log2) => log2,
                    _ => null,
                };
                return value is not null;
            });

    /// <summary>One of some whole numbers. Null if absent.</summary>
    public int? Number(string key, params int[] choices) =>
        Read<int?>(key, null, Invariant($"must be {string.Join(" or ", choices)}"), (TomlNode node, out int? value) =>
        {
            value = node is TomlScalar { Value: long number } && Array.Exists(choices, choice => choice == number) ? (int)number : null;
            return value is not null;
        });

    /// <summary>One of some words.</summary>
    public T Choice<T>(string key, T otherwise, params (string Word, T Value)[] choices) =>
        Read(key, otherwise, $"must be one of {string.Join(", ", choices.Select(choice => $"\"{choice.Word}\""))}", (TomlNode node, out T value) =>
        {
            foreach (var choice in choices)
            {
                if (node is TomlScalar { Value: string text } && text == choice.Word)
                {
                    value = choice.Value;
                    return true;
                }
            }

            value = otherwise;
            return false;
        });

    /// <summary>A string that passes a test. Null if absent.</summary>
    public string? Text(string key, Func<string, bool> isRight, string right) =>
        Read<string?>(key, null, right, (TomlNode node, out string? value) =>
        {
            value = (node as TomlScalar)?.Value as string;
            return value is not null && isRight(value);
        });

    /// <summary>A list of strings that each pass a test. Null if absent.</summary>
    public IReadOnlyList<string>? Texts(string key, Func<string, bool> isRight, string right)
    {
        if (!TryGet(key, out var node))
        {
            return null;
        }

        if (node is not TomlArray array)
        {
            Refuse(key, $"must be a list, e.g. [\"...\"]; each {right}");
            return null;
        }

        foreach (var item in array.Items.Where(item => item is not TomlScalar { Value: string text } || !isRight(text)))
        {
            errors.Add(item.At.Error($"{name} {key}: {item.Written} {right}"));
        }

        return [.. array.Items.OfType<TomlScalar>().Select(item => item.Value).OfType<string>()];
    }

    /// <summary>A string that passes a test, or a list of such. Empty if absent.</summary>
    public IReadOnlyList<string> TextOrTexts(string key, Func<string, bool> isRight, string right) =>
        table.Entries.TryGetValue(key, out var entry) && entry.Value is TomlScalar { Value: string }
            ? Text(key, isRight, right) is { } text ? [text] : []
            : Texts(key, isRight, right) ?? [];

    /// <summary>What a string stands for, or what would be right.</summary>
    public delegate bool ItemReader<T>(string text, out IReadOnlyList<T> items, out string right);

    /// <summary>A list of strings, each of which stands for some items. Empty if absent; each string that is wrong is refused where it stands.</summary>
    public List<T> Items<T>(string key, ItemReader<T> read)
    {
        var all = new List<T>();
        if (!TryGet(key, out var node))
        {
            return all;
        }

        if (node is not TomlArray array)
        {
            Refuse(key, "must be a list, e.g. [\"...\"]");
            return all;
        }

        foreach (var item in array.Items)
        {
            if (read((item as TomlScalar)?.Value as string ?? "", out var items, out string right))
            {
                all.AddRange(items);
            }
            else
            {
                errors.Add(item.At.Error($"{name} {key}: {item.Written} {right}"));
            }
        }

        return all;
    }

    /// <summary>Complains about every key that nobody asked for. Call it last.</summary>
    public void RefuseUnknown()
    {
        foreach (var (key, entry) in table.Entries.Where(entry => !_known.Contains(entry.Key)))
        {
            errors.Add(entry.KeyAt.Error(
                $"{name}: unknown key \"{Printable.Shortened(key)}\" (= {entry.Value.Written}); the nearest known key is \"{NearestName.To(key, _known)}\""));
        }
    }

    private delegate bool Reading<T>(TomlNode node, out T value);

    private T Read<T>(string key, T otherwise, string right, Reading<T> read)
    {
        if (!TryGet(key, out var node))
        {
            return otherwise;
        }

        if (read(node, out var value))
        {
            return value;
        }

        Refuse(key, right);
        return otherwise;
    }

    private static bool TryNumber(TomlNode node, out double value)
    {
        value = node switch
        {
            TomlScalar { Value: long whole } => whole,
            TomlScalar { Value: double real } => real,
            _ => double.NaN,
        };
        return double.IsFinite(value);
    }

    private static bool TryDuration(TomlNode node, out Duration value)
    {
        if (node is TomlScalar { Value: string text })
        {
            return Quantity.TryParseDuration(text, out value);
        }

        value = default;
        return TryNumber(node, out double seconds) && Math.Abs(seconds) <= 1e9 && Quantity.TryScale((decimal)seconds, 1, out value);
    }

    private static bool TryFrequency(TomlNode node, out FrequencyOffset value)
    {
        if (node is TomlScalar { Value: string text })
        {
            return Quantity.TryParseFrequency(text, out value);
        }

        bool ok = TryNumber(node, out double ppm);
        value = FrequencyOffset.FromPpm(ok ? ppm : 0);
        return ok;
    }

    private static string Example(Duration otherwise, Duration least) =>
        otherwise >= least && otherwise.Sign > 0 ? Invariant($"{otherwise.Seconds:0.#########} s") : "1 s";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
