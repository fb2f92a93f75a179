using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>Who is at the other end of a Unix socket, vouched for by the kernel at connect time. See unix(7), SO_PEERCRED.</summary>
/// <param name="Pid">Process that called connect; it may be gone, and the number in other hands.</param>
/// <param name="Uid">Effective user at that moment.</param>
/// <param name="Gid">Effective group at that moment.</param>
public readonly record struct PeerCredentials(int Pid, uint Uid, uint Gid)
{
    private const int SolSocket = 1, SoPeerCred = 17, SoPeerGroups = 59;

    /// <summary>Asks the kernel about a connected Unix stream socket.</summary>
    /// <exception cref="SocketException">Not a connected Unix socket.</exception>
    public static PeerCredentials Of(Socket socket)
    {
        Span<byte> ucred = stackalloc byte[12];
        int length = socket.GetRawSocketOption(SolSocket, SoPeerCred, ucred);
        return length == ucred.Length
            ? MemoryMarshal.Read<PeerCredentials>(ucred)
            : throw new SocketException((int)SocketError.ProtocolOption);
    }

    /// <summary>Whether <paramref name="gid"/> is the peer's group or one of its supplementary groups (SO_PEERGROUPS).</summary>
    public static bool IsInGroup(Socket socket, uint gid)
    {
        if (Of(socket).Gid == gid)
        {
            return true;
        }

        Span<uint> groups = stackalloc uint[256]; // beyond that the kernel answers ERANGE, and the peer is not let in by group
        try
        {
            int octets = socket.GetRawSocketOption(SolSocket, SoPeerGroups, MemoryMarshal.AsBytes(groups));
            return groups[..(octets / sizeof(uint))].Contains(gid);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>For logs and refusals: <c>uid 997 pid 1234</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"uid {Uid} pid {Pid}");
}
