using System.Runtime.InteropServices;
using System.Text;

namespace TimeSuite.Linux;

/// <summary>What is asked of a network interface by its name: struct ifreq of netdevice(7).</summary>
/// <remarks>The kernel answers for the network namespace of who asks. /sys/class/net shows that of whoever mounted it.</remarks>
internal static partial class InterfaceRequest
{
    public const int ContentSize = 24;

    private const int AfUnix = 1, SockDgram = 2, SockCloexec = 0x80000, NameSize = 16; // with the zero at its end

    /// <summary>Asks.</summary>
    /// <param name="name">Of the interface.</param>
    /// <param name="request">SIOC...</param>
    /// <param name="content">What follows the name, both ways; at most <see cref="ContentSize"/> octets.</param>
    /// <returns>The error number; 0: done.</returns>
    public static int Ask(string name, uint request, Span<byte> content)
    {
        if (Encoding.UTF8.GetByteCount(name) >= NameSize)
        {
            return Errno.ENODEV;
        }

        // Any socket will do: what is asked concerns the interface alone.
        using var socket = Descriptor.FromCall(Socket(AfUnix, SockDgram | SockCloexec, 0), "socket");
        Span<byte> octets = stackalloc byte[NameSize + ContentSize];
        octets.Clear();
        Encoding.UTF8.GetBytes(name, octets);
        content.CopyTo(octets[NameSize..]);
        int error = Ioctl(socket, request, ref octets[0]) < 0 ? Errno.Last : 0;
        octets.Slice(NameSize, content.Length).CopyTo(content);
        return error;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ioctl(Descriptor socket, nuint request, ref byte argument);
}
