namespace TimeSuite.Ptp;

/// <summary>What a <see cref="PtpAddress"/> is of.</summary>
public enum PtpAddressKind : byte
{
    None,
    IPv4,
    IPv6,
    Ethernet,
}

/// <summary>Where a message came from or goes to, as far as PTP minds: ports follow from its type, scope from the interface.</summary>
/// <param name="Kind">None: no address; as a destination, the group.</param>
/// <param name="Bits">The address, right-aligned: 32, 128 or 48 bits.</param>
public readonly record struct PtpAddress(PtpAddressKind Kind, UInt128 Bits);

/// <summary>Whom a port sends to.</summary>
/// <param name="Peer">The group of peer delay messages, which no bridge forwards.</param>
/// <param name="Unicast">One host; none: the group.</param>
public readonly record struct Destination(bool Peer, PtpAddress Unicast)
{
    /// <summary>All who listen.</summary>
    public static Destination Group => default;

    /// <summary>The other end of the link.</summary>
    public static Destination PeerGroup => new(true, default);

    public bool IsUnicast => Unicast.Kind != PtpAddressKind.None;
}
