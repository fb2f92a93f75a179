using System.ComponentModel;
using TimeSuite.Linux;

namespace TimeSuite.Ntpd.Serving;

/// <summary>How many leading bits of an address make one client, which is one thread's alone.</summary>
internal readonly record struct ClientBits(int Ipv4, int Ipv6);

/// <summary>Where to listen: an address with a port, and perhaps the interface or VRF that requests have to come in by.</summary>
/// <param name="Text">ADDRESS:PORT, [ADDRESS]:PORT, or either with %INTERFACE behind the address.</param>
/// <param name="Local">Address and port; a link-local or multicast address of IPv6 with its interface's number, if there is such an interface now.</param>
/// <param name="Interface">Null: any.</param>
internal sealed record ListenPoint(string Text, DatagramAddress Local, string? Interface)
{
    private const int ReceiveBuffer = 1 << 20; // octets: some milliseconds of the most that a thread can answer

    /// <param name="text">As the configuration has checked it.</param>
    public static ListenPoint Parse(string text)
    {
        var (endpoint, name) = ListenAddress.Parse(text);
        return new(text, DatagramAddress.From(endpoint.Address, endpoint.Port), name);
    }

    /// <summary>Opens the sockets, one for each thread, or none.</summary>
    /// <param name="threads">How many.</param>
    /// <param name="clients">What makes one client.</param>
    /// <exception cref="Win32Exception">No such interface, in use, or no right to it.</exception>
    public List<UdpSocket> Open(int threads, ClientBits clients)
    {
        var sockets = new List<UdpSocket> { OpenOne(sharesPort: false) }; // so that a second daemon is an error and not a thief
        try
        {
            Join(sockets, threads, clients);
            return sockets;
        }
        catch
        {
            sockets.ForEach(socket => socket.Dispose());
            throw;
        }
    }

    /// <summary>Opens as many more as are missing to one for each thread, and has the kernel choose among all of them.</summary>
    /// <returns>How many there are then.</returns>
    /// <exception cref="Win32Exception">As for <see cref="Open"/>. Those that were open are still served, and so are those that could be had.</exception>
    public int Join(List<UdpSocket> sockets, int threads, ClientBits clients)
    {
        if (threads > 1)
        {
            sockets[0].SharePort();
        }

        try
        {
            while (sockets.Count < threads)
            {
                sockets.Add(OpenOne(sharesPort: true));
            }
        }
        finally
        {
            if (sockets.Count > 1)
            {
                sockets[0].SteerByClient(sockets.Count, clients.Ipv4, clients.Ipv6);
            }
        }

        return sockets.Count;
    }

    private UdpSocket OpenOne(bool sharesPort)
    {
        var socket = UdpSocket.Open(new UdpSocketOptions { Local = Local, Interface = Interface, Serves = true, SharesPort = sharesPort });
        if (Interface is not null && !socket.IsOnInterface)
        {
            socket.Dispose();
            throw new Win32Exception($"there is no interface {Interface}, or no right to it"); // rather nowhere than everywhere
        }

        socket.WantReceiveBuffer(ReceiveBuffer);
        return socket;
    }
}
