namespace TimeSuite.Ptp;

/// <summary>What a port is on, for those who ask: nothing is decided by it.</summary>
/// <param name="Interface">E.g. eth0.</param>
/// <param name="Mac">Its hardware address, right-aligned; 0: it has none.</param>
/// <param name="Address">Where it is reached.</param>
/// <param name="HasHardwareStamps">Whose stamps they are.</param>
/// <param name="Product">Manufacturer;model;instance.</param>
/// <param name="Revision">Hardware;firmware;software.</param>
public sealed record PortDescription(string Interface, ulong Mac, PtpAddress Address, bool HasHardwareStamps, string Product, string Revision);
