using System.Collections.Concurrent;

namespace TimeSuite.Ntskeyd.Server;

/// <summary>What became of connections, by name. The names are ours: there is a dozen.</summary>
internal sealed class KeCounters
{
    private readonly ConcurrentDictionary<string, long> _counts = [];

    public void Count(string name) => _counts.AddOrUpdate(name, 1, (_, count) => count + 1);

    public IEnumerable<(string Name, long Count)> All => _counts.Select(entry => (entry.Key, entry.Value)).OrderBy(entry => entry.Key, StringComparer.Ordinal);
}
