namespace TimeSuite.Ntp;

/// <summary>What holds for a network and, within it, for all that no narrower rule names.</summary>
/// <param name="Network">Bits behind <paramref name="Length"/> do not matter.</param>
/// <param name="Length">0 to 32 or 0 to 128.</param>
/// <param name="Action">For whom is in it.</param>
public readonly record struct AccessRule(ClientAddress Network, int Length, AccessAction Action)
{
    /// <summary>Whether an address is of this network.</summary>
    public bool Contains(ClientAddress client) => client.IsIpv4 == Network.IsIpv4 && client.Masked(Length) == Network.Masked(Length);

    /// <summary>Whether two rules speak of the very same network.</summary>
    public bool IsOfSameNetwork(AccessRule other) =>
        Length == other.Length && Network.IsIpv4 == other.Network.IsIpv4 && Network.Masked(Length) == other.Network.Masked(Length);
}
