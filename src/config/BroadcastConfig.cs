namespace TimeSuite.Config;

/// <summary>[broadcast]: the time is sent unasked.</summary>
public sealed record BroadcastConfig
{
    /// <summary>Addresses with ports, at least one, as those of [serve]; none is "any".</summary>
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>log2 s, 0 to 17.</summary>
    public int Interval { get; init; } = 6;

    /// <summary>Hops that multicast packets live, 1 to 255.</summary>
    public int Ttl { get; init; } = 1;

    /// <summary>Number of the key that signs; 0: none.</summary>
    public uint Key { get; init; }

    internal static BroadcastConfig Read(TableReader table)
    {
        const string right = "must be an address with a port, e.g. \"192.0.2.255:123\", \"224.0.1.1:123\" or \"[ff05::101]:123\"";
        var to = new List<string>();
        foreach (string text in table.Texts("to", text => HostName.TryParseEndpoint(text, out _), right) ?? [])
        {
            to.Add(HostName.TryParseEndpoint(text, out string canonical) ? canonical : text);
        }

        int? interval = table.Poll("interval");
        if (interval < 0)
        {
            table.Refuse("interval", "must be from 0 (1 s) to 17");
        }

        return new() { To = to, Interval = Math.Max(interval ?? new BroadcastConfig().Interval, 0), Ttl = table.Int("ttl", new BroadcastConfig().Ttl, 1, 255), Key = table.UInt("key") };
    }
}
