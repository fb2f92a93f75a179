using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>Becomes readable when a network interface or address comes, goes or changes. See rtnetlink(7).</summary>
/// <remarks>It says that something changed, not what: whoever cares looks again.</remarks>
public sealed partial class NetworkWatch : IDisposable
{
    private const int AfNetlink = 16, SockRaw = 3, SockFlags = 0x80800, NetlinkRoute = 0; // SOCK_CLOEXEC | SOCK_NONBLOCK
    private const uint Groups = 0x1 | 0x10 | 0x100; // RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR
    private const int MsgDontwait = 0x40;
    private const int MaxMessages = 1024; // in one go: a storm of changes must not hold the loop

    /// <summary>Hears of changes from now on.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">Netlink is not to be had, e.g. behind a filter of system calls.</exception>
    public NetworkWatch()
    {
        var address = new NetlinkAddress { nl_family = AfNetlink, nl_groups = Groups };
        Errno.Check(Bind(Descriptor, in address, 12), "bind netlink");
    }

    /// <summary>For a <see cref="Poller"/>.</summary>
    public Descriptor Descriptor { get; } = Descriptor.FromCall(Socket(AfNetlink, SockRaw | SockFlags, NetlinkRoute), "socket netlink");

    /// <summary>Empties the queue. Whether anything changed since the last call.</summary>
    public bool Drain()
    {
        Span<byte> message = stackalloc byte[64]; // cut short on purpose: nobody reads it
        bool isChanged = false;
        for (int count = 0; count < MaxMessages; count++)
        {
            if (Receive(Descriptor, ref MemoryMarshal.GetReference(message), (nuint)message.Length, MsgDontwait) >= 0)
            {
                isChanged = true;
                continue;
            }

            switch (Errno.Last)
            {
                case Errno.ENOBUFS: // more changes than the queue holds
                    isChanged = true;
                    continue;
                case Errno.EAGAIN or Errno.EINTR:
                    return isChanged;
                default:
                    throw Errno.Failure("recv netlink");
            }
        }

        return isChanged;
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    // struct sockaddr_nl
    private struct NetlinkAddress
    {
        public ushort nl_family;
        public ushort nl_pad;
        public uint nl_pid;
        public uint nl_groups;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(Descriptor socket, in NetlinkAddress address, uint length);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(Descriptor socket, ref byte buffer, nuint length, int flags);
}
