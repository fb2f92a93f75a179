namespace TimeSuite.Ntp;

/// <summary>Nested networks, the most specific one decides. Does not change: a new table takes the place of an old one.</summary>
/// <remarks>
/// The networks are flattened into ranges that do not overlap, sorted by their first address: n rules make at most 2 n + 1 ranges, and
/// a look-up is one binary search, whatever the nesting. Two flat arrays for each family.
/// </remarks>
public sealed class AccessTable
{
    private readonly Ranges<uint> _ipv4;
    private readonly Ranges<UInt128> _ipv6;

    /// <param name="rules">In any order. Of two rules for the same network, the later one holds.</param>
    /// <param name="otherwise">For an address that no rule names.</param>
    /// <exception cref="ArgumentException">A length that no network of its family has.</exception>
    public AccessTable(IEnumerable<AccessRule> rules, AccessAction otherwise)
    {
        AccessRule[] all = [.. rules];
        if (Array.Exists(all, rule => rule.Length < 0 || rule.Length > rule.Network.Width))
        {
            throw new ArgumentException("a network has 0 to 32 bits in IPv4, 0 to 128 in IPv6", nameof(rules));
        }

        _ipv4 = Flatten(all.Where(rule => rule.Network.IsIpv4), 32, otherwise, value => (uint)value);
        _ipv6 = Flatten(all.Where(rule => !rule.Network.IsIpv4), 128, otherwise, value => value);
    }

    /// <summary>Serves everybody.</summary>
    public static AccessTable Open { get; } = new([], AccessAction.Allow);

    /// <summary>What holds for this address.</summary>
    public AccessAction Find(in ClientAddress client) =>
        client.IsIpv4 ? _ipv4.Find((uint)(client.Low & uint.MaxValue)) : _ipv6.Find(new UInt128(client.High, client.Low));

    /// <summary>Broad networks first, each painted over the ranges that it meets: what is left standing is the most specific.</summary>
    private static Ranges<T> Flatten<T>(IEnumerable<AccessRule> rules, int width, AccessAction otherwise, Func<UInt128, T> narrow)
        where T : struct, IComparable<T>
    {
        var starts = new List<(UInt128 First, AccessAction Action)> { (0, otherwise) };
        foreach (var rule in rules.OrderBy(rule => rule.Length)) // a stable sort: later rules paint over earlier ones
        {
            var first = rule.Network.Masked(rule.Length).Value;
            var last = first + (rule.Length == 0 ? UInt128.MaxValue >> (128 - width) : (UInt128.One << (width - rule.Length)) - 1);
            int from = starts.FindLastIndex(range => range.First <= first);
            int to = starts.FindLastIndex(range => range.First <= last);
            var (start, before) = starts[from];
            var after = starts[to].Action;
            bool endsAtEnd = last == UInt128.MaxValue >> (128 - width);
            bool nextBegins = to + 1 < starts.Count && starts[to + 1].First == last + 1;
            starts.RemoveRange(from, to - from + 1);
            (UInt128, AccessAction)[] pieces =
            [
                .. start < first ? [(start, before)] : Array.Empty<(UInt128, AccessAction)>(),
                (first, rule.Action),
                .. endsAtEnd || nextBegins ? [] : new[] { (last + 1, after) },
            ];
            starts.InsertRange(from, pieces);
        }

        return new([.. starts.Select(range => narrow(range.First))], [.. starts.Select(range => range.Action)]);
    }

    /// <param name="firsts">Ascending, the first one zero.</param>
    /// <param name="actions">For each.</param>
    private readonly struct Ranges<T>(T[] firsts, AccessAction[] actions)
        where T : struct, IComparable<T>
    {
        public AccessAction Find(T value)
        {
            int low = 0;
            int high = firsts.Length - 1;
            while (low < high)
            {
                int middle = (low + high + 1) >>> 1;
                if (firsts[middle].CompareTo(value) <= 0)
                {
                    low = middle;
                }
                else
                {
                    high = middle - 1;
                }
            }

            return actions[low];
        }
    }
}
