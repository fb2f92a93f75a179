using System.Globalization;

namespace TimeSuite.Linux;

/// <summary>The ports that only CAP_NET_BIND_SERVICE may bind.</summary>
public static class PrivilegedPorts
{
    private const int Usual = 1024;

    /// <summary>The first port that everybody may bind, 0 to 65536 (net.ipv4.ip_unprivileged_port_start); 1024 where the kernel does not say.</summary>
    public static int End
    {
        get
        {
            try
            {
                return int.TryParse(File.ReadAllText("/proc/sys/net/ipv4/ip_unprivileged_port_start"), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int first) ? first : Usual;
            }
            catch (IOException)
            {
                return Usual;
            }
            catch (UnauthorizedAccessException)
            {
                return Usual;
            }
        }
    }
}
