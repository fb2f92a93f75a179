using System.Net.Sockets;
using System.Text;
using TimeSuite.Linux;

namespace TimeSuite.Ntskeyd.Server;

/// <summary>A listening socket for one address of the configuration.</summary>
internal static class KeSocket
{
    private const int Backlog = 512;
    private const int SolSocket = 1, BindToDevice = 25, IpFreeBind = 15, SolIpv6 = 41, Ipv6FreeBind = 78; // asm-generic/socket.h, linux/in.h, linux/in6.h

    /// <summary>Opens it. The machine need not have the address yet, but the interface.</summary>
    /// <exception cref="SocketException">In use, no right to the port, or no such interface.</exception>
    public static Socket Open(string text)
    {
        var (endpoint, name) = ListenAddress.Parse(text);
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            bool isV6 = endpoint.AddressFamily == AddressFamily.InterNetworkV6;
            if (isV6)
            {
                socket.DualMode = false;
            }

            socket.SetRawSocketOption(isV6 ? SolIpv6 : 0, isV6 ? Ipv6FreeBind : IpFreeBind, BitConverter.GetBytes(1));
            if (name is not null)
            {
                socket.SetRawSocketOption(SolSocket, BindToDevice, Encoding.UTF8.GetBytes(name + "\0")); // rather nowhere than everywhere
            }

            socket.Bind(endpoint);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
