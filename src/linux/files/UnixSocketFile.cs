using System.Net.Sockets;

namespace TimeSuite.Linux;

/// <summary>The file that a Unix socket is reached by. See unix(7).</summary>
public static class UnixSocketFile
{
    /// <summary>Root and the socket's group may connect.</summary>
    public const UnixFileMode Group = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Whoever is on this machine may connect; who it is, is looked at then.</summary>
    public const UnixFileMode Everybody = Group | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Removes one that nobody listens on any more.</summary>
    /// <exception cref="IOException">Somebody listens there: another instance runs.</exception>
    public static void RemoveStale(string path, SocketType type)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, type, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new IOException($"{path}: another instance listens there; stop it first, or use another --runtime-dir");
    }
}
