using System.Globalization;

namespace TimeSuite.Linux;

/// <summary>A network interface as PTP needs it: its number and its hardware address, looked up once. See netdevice(7) and sysfs-class-net.</summary>
/// <param name="Name">E.g. eth0.</param>
/// <param name="Index">The kernel's number of it.</param>
/// <param name="Mac">Six octets, right-aligned; 0 where it has none, as on the loopback.</param>
public readonly record struct LinkAddress(string Name, int Index, ulong Mac)
{
    /// <summary>Looks an interface up.</summary>
    /// <returns>False if there is none of this name.</returns>
    public static bool TryFind(string name, out LinkAddress link)
    {
        link = default;
        try
        {
            string folder = Path.Combine("/sys/class/net", name);
            int index = int.Parse(File.ReadAllText(Path.Combine(folder, "ifindex")), CultureInfo.InvariantCulture);
            string address = File.ReadAllText(Path.Combine(folder, "address")).Trim().Replace(":", "", StringComparison.Ordinal);
            link = new(name, index, address.Length == 12 ? ulong.Parse(address, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : 0);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            return false;
        }
    }
}
