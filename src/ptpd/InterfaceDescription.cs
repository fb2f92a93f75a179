using System.Buffers.Binary;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using TimeSuite.Config;
using TimeSuite.Host;
using TimeSuite.Linux;
using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>What management tells of a port's interface, as it is when ptpd starts.</summary>
internal static class InterfaceDescription
{
    public static PortDescription Of(string name, PtpConfig.PtpTransport transport)
    {
        ulong mac = LinkAddress.TryFind(name, out var link) ? link.Mac : 0;
        return new(name, mac, transport == PtpConfig.PtpTransport.Ethernet ? new(PtpAddressKind.Ethernet, mac) : AddressOf(name, transport), false, "TimeSuite;ptpd;", $";;{Daemon.Version}");
    }

    private static PtpAddress AddressOf(string name, PtpConfig.PtpTransport transport)
    {
        var (family, kind) = transport == PtpConfig.PtpTransport.Udp6 ? (AddressFamily.InterNetworkV6, PtpAddressKind.IPv6) : (AddressFamily.InterNetwork, PtpAddressKind.IPv4);
        Span<byte> octets = stackalloc byte[16];
        octets.Clear();
        try
        {
            var address = NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(one => one.Name == name)?.GetIPProperties().UnicastAddresses.FirstOrDefault(one => one.Address.AddressFamily == family)?.Address;
            address?.TryWriteBytes(family == AddressFamily.InterNetworkV6 ? octets : octets[12..], out _);
        }
        catch (NetworkInformationException)
        {
            // Without /proc there is nothing to tell.
        }

        return new(kind, BinaryPrimitives.ReadUInt128BigEndian(octets));
    }
}
