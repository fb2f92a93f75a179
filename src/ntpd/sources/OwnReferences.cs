using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using TimeSuite.Linux;
using TimeSuite.Ntp;

namespace TimeSuite.Ntpd.Sources;

/// <summary>The reference ids under which our own addresses appear at servers that follow us: a loop if one of them is our source.</summary>
internal sealed class OwnReferences
{
    private HashSet<ReferenceId> _own = [];

    /// <summary>Looks at the interfaces again. Loopback is left out: behind it can be anybody on this machine.</summary>
    public void Refresh()
    {
        try
        {
            _own = [.. InterfaceAddresses.List().Where(one => !one.IsLoopback).Select(one => Of(one.Address))];
        }
        catch (Win32Exception)
        {
            // The kernel has no room for an answer; the next change of the network asks again.
        }
    }

    /// <summary>Whether a server of this stratum and reference id follows us.</summary>
    public bool IsLoop(int stratum, ReferenceId reference) => stratum > 1 && _own.Contains(reference);

    /// <summary>Of the address that requests of a session leave from; null while there is no way to its server.</summary>
    public static ReferenceId? Towards(SourceSession session)
    {
        if (session.Config.SourceAddress is { } configured)
        {
            return Of(IPAddress.Parse(configured));
        }

        try
        {
            var server = new IPEndPoint(session.Address.ToIPAddress(), session.Address.Port);
            using var probe = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(server); // asks the routes; nothing is sent
            return Of(((IPEndPoint)probe.LocalEndPoint!).Address);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>RFC 5905 section 7.3: the address, or the start of the MD5 of an IPv6 one.</summary>
    public static ReferenceId Of(IPAddress address)
    {
        byte[] octets = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetwork ? ReferenceId.FromIPv4(octets) : ReferenceId.FromIPv6(octets);
    }
}
