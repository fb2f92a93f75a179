using System.Net;
using TimeSuite.Time;

namespace TimeSuite.Config;

/// <summary>Who is served, and how often: keys of [serve] and the table [rate-limit].</summary>
internal static class AccessToml
{
    private const int LargestLog = 1 << 24;

    private static readonly (string Key, AccessKind Kind)[] Keys =
        [("allow", AccessKind.Allow), ("deny", AccessKind.Deny), ("deny-kod", AccessKind.DenyKod), ("require-nts", AccessKind.RequireNts)];

    public static AccessConfig Access(TableReader table)
    {
        var prefixes = new List<AccessPrefix>();
        foreach (var (key, kind) in Keys)
        {
            foreach (var network in table.Items<IPNetwork>(key, NetworkPrefix.TryParse))
            {
                int same = prefixes.FindIndex(prefix => prefix.Network.Equals(network));
                if (same >= 0)
                {
                    table.Refuse(key, $"{network} stands in {KeyOf(prefixes[same].Kind)} already; keep one of the two");
                }

                prefixes.Add(new(network, kind));
            }
        }

        return new()
        {
            Prefixes = prefixes,
            IsOpen = !table.Has("allow"),
            ClientLog = table.Int("client-log", new AccessConfig().ClientLog, 0, LargestLog),
        };
    }

    public static RateLimitConfig RateLimit(TableReader table)
    {
        var defaults = new RateLimitConfig();
        return new()
        {
            Interval = table.Duration("interval", defaults.Interval, Duration.FromSeconds(double.ScaleB(1, -19)), Duration.FromSeconds(4_096L), "from 2 us to 4096 s"),
            Burst = table.Int("burst", defaults.Burst, 1, 255),
            Leak = table.Int("leak", defaults.Leak, 0, 4),
            Kod = table.Int("kod", defaults.Kod, 0, 4),
            Ipv4Prefix = table.Int("ipv4-prefix", defaults.Ipv4Prefix, 8, 32),
            Ipv6Prefix = table.Int("ipv6-prefix", defaults.Ipv6Prefix, 16, 128),
        };
    }

    private static string KeyOf(AccessKind kind) => Array.Find(Keys, key => key.Kind == kind).Key;
}
