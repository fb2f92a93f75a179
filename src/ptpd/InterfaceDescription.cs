using System.Buffers.Binary;
using System.ComponentModel;
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
            var address = InterfaceAddresses.List().FirstOrDefault(one => one.Interface == name && one.Address.AddressFamily == family).Address;
            address?.TryWriteBytes(family == AddressFamily.InterNetworkV6 ? octets : octets[12..], out _);
        }
        catch (Win32Exception)
        {
            // There is nothing to tell then.
        }

        return new(kind, BinaryPrimitives.ReadUInt128BigEndian(octets));
    }
}
