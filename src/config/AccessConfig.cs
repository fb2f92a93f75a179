using System.Net;
using TimeSuite.Time;

namespace TimeSuite.Config;

/// <summary>What holds for a network.</summary>
public enum AccessKind
{
    Allow,

    /// <summary>Silence.</summary>
    Deny,

    /// <summary>DENY, now and then.</summary>
    DenyKod,

    /// <summary>Served with NTS only.</summary>
    RequireNts,
}

/// <summary>A network, and what holds for it unless a narrower one says otherwise.</summary>
/// <param name="Network">All bits behind its length are zero.</param>
/// <param name="Kind">For whom is in it.</param>
public readonly record struct AccessPrefix(IPNetwork Network, AccessKind Kind)
{
    /// <summary>As it is written: 192.0.2.0/24.</summary>
    public override string ToString() => Network.ToString();
}

/// <summary>The keys of [serve] that say who is served.</summary>
public sealed record AccessConfig
{
    /// <summary>In the order of the keys; each network once.</summary>
    public IReadOnlyList<AccessPrefix> Prefixes { get; init; } = [];

    /// <summary>Whether somebody whom no prefix names is served: if <c>allow</c> is not there.</summary>
    public bool IsOpen { get; init; } = true;

    /// <summary>Clients remembered by all threads together, 0 to 2^24; 0: none.</summary>
    public int ClientLog { get; init; } = 16_384;
}

/// <summary>[rate-limit]: chrony's ratelimit.</summary>
public sealed record RateLimitConfig
{
    /// <summary>A client may ask once in this time on average...</summary>
    public Duration Interval { get; init; } = Duration.FromSeconds(8L);

    /// <summary>...and so often at once, 1 to 255.</summary>
    public int Burst { get; init; } = 8;

    /// <summary>One of 2^n beyond the limit is answered, 1 to 4; 0: none.</summary>
    public int Leak { get; init; } = 2;

    /// <summary>One of 2^n of the others gets RATE, 1 to 4; 0: none.</summary>
    public int Kod { get; init; }

    /// <summary>Bits of an address that make one client, 8 to 32.</summary>
    public int Ipv4Prefix { get; init; } = 32;

    /// <summary>Bits of an address that make one client, 16 to 128.</summary>
    public int Ipv6Prefix { get; init; } = 64;
}
