using System.Collections.Immutable;
using System.Globalization;

namespace TimeSuite.Simulation;

/// <summary>What timesuite.toml says: values by <c>table.key</c>, as they are written there. Two that say the same are equal.</summary>
/// <remarks>What they mean and what they may be is known to the daemons' own parser alone (<see cref="SetupConfig"/>).</remarks>
public sealed class ConfigKeys : IEquatable<ConfigKeys>
{
    private readonly ImmutableSortedDictionary<string, string> _values;

    private ConfigKeys(ImmutableSortedDictionary<string, string> values) => _values = values;

    /// <summary>chrony's test.common: a server at polls of 64 to 1,024 s, without iburst.</summary>
    public static ConfigKeys Chrony { get; } = new ConfigKeys(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal))
        .With("source.iburst", "false").With("source.interleaved", "false").With("clock.policy", "\"default\"").WithPolls(6, 10);

    /// <summary>As written; null if the key is not.</summary>
    public string? this[string key] => _values.GetValueOrDefault(key);

    public IEnumerable<string> Tables => _values.Keys.Select(TableOf).Distinct();

    /// <summary>The keys of one table, without its name.</summary>
    public IEnumerable<(string Key, string Value)> Of(string table) =>
        _values.Where(pair => TableOf(pair.Key) == table).Select(pair => (pair.Key[(table.Length + 1)..], pair.Value));

    public ConfigKeys With(string key, string value) => new(_values.SetItem(key, value));

    /// <summary>Every server's, log2 s.</summary>
    public ConfigKeys WithPolls(int least, int longest) =>
        With("source.min-poll", least.ToString(CultureInfo.InvariantCulture)).With("source.max-poll", longest.ToString(CultureInfo.InvariantCulture));

    public ConfigKeys Without(string key) => new(_values.Remove(key));

    public bool Equals(ConfigKeys? other) => other is not null && _values.SequenceEqual(other._values);

    public override bool Equals(object? obj) => Equals(obj as ConfigKeys);

    public override int GetHashCode() => _values.Aggregate(0, (hash, pair) => HashCode.Combine(hash, pair.Key, pair.Value));

    private static string TableOf(string key) => key.Split('.')[0];
}
