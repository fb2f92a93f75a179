using System.Net;

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
        const string right = "must be an address, perhaps with a port, e.g. \"192.0.2.255\", \"224.0.1.1:123\" or \"[ff02::101%eth0]:123\"";
        var to = new List<string>();
        foreach (string text in table.Texts("to", text => TryParse(text, out _), right) ?? [])
        {
            to.Add(TryParse(text, out string canonical) ? canonical : text);
        }

        if (table.TryGet("to", out var list) && list is TomlArray { Items.Count: 0 })
        {
            table.Refuse("to", "must name somebody");
        }

        int? interval = table.Poll("interval");
        if (interval < 0)
        {
            table.Refuse("interval", "must be from 0 (1 s) to 17");
        }

        var usual = new BroadcastConfig();
        return new() { To = to, Interval = Math.Max(interval ?? usual.Interval, 0), Ttl = table.Int("ttl", usual.Ttl, 1, 255), Key = table.UInt("key") };
    }

    /// <summary>Somebody's address; an interface is named only where the address alone does not say it.</summary>
    private static bool TryParse(string text, out string canonical)
    {
        if (!HostName.TryParseEndpoint(text, out canonical))
        {
            return false;
        }

        string host = canonical[..canonical.LastIndexOf(':')].Trim('[', ']');
        int zone = host.IndexOf('%', StringComparison.Ordinal);
        var address = IPAddress.Parse(zone < 0 ? host : host[..zone]);
        return !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && (zone < 0 || address.IsIPv6LinkLocal || address.IsIPv6Multicast);
    }
}
