namespace TimeSuite.Ntp;

/// <summary>Whom we serve and how: what an administrator decides. Does not change; a new one takes its place between two datagrams.</summary>
public sealed record ServicePolicy
{
    /// <summary>Serves everybody, without limit, without keys.</summary>
    public static ServicePolicy Open { get; } = new();

    public AccessTable Access { get; init; } = AccessTable.Open;

    /// <summary>Null: no client is limited.</summary>
    public RateLimit? Rate { get; init; }

    /// <summary>Whose MACs are known. A request without a MAC needs none.</summary>
    public KeyRing Keys { get; init; } = KeyRing.Empty;

    /// <summary>Bits of an IPv4 address that make one client, 1 to 32.</summary>
    public int Ipv4Bits { get; init; } = 32;

    /// <summary>Bits of an IPv6 address that make one client, 1 to 128. A household has a /64 at least: single addresses would limit nobody.</summary>
    public int Ipv6Bits { get; init; } = 64;

    /// <summary>The client that an address belongs to.</summary>
    internal ClientAddress NetworkOf(in ClientAddress client) => client.Masked(client.IsIpv4 ? Ipv4Bits : Ipv6Bits);
}
