using System.Net;
using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>An address of this machine.</summary>
/// <param name="Interface">The name of the network interface that has it.</param>
/// <param name="IsLoopback">Whether that leads back to this machine.</param>
/// <param name="Address">IPv4 or IPv6.</param>
public readonly record struct InterfaceAddress(string Interface, bool IsLoopback, IPAddress Address);

/// <summary>The addresses of this machine, by getifaddrs(3), which asks the kernel by netlink alone.</summary>
/// <remarks>System.Net.NetworkInformation reads /proc/sys and /etc/resolv.conf as well, which a confined daemon does not see, and fails without.</remarks>
public static unsafe partial class InterfaceAddresses
{
    private const uint IffLoopback = 0x8;
    private const ushort AfInet = 2, AfInet6 = 10;
    private const int V4Offset = 4, V6Offset = 8, V6Length = 16; // sin_addr, sin6_addr

    /// <summary>All of them, as they are now.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel does not tell.</exception>
    public static IReadOnlyList<InterfaceAddress> List()
    {
        List<InterfaceAddress> found = [];
        Walk((name, entry) =>
        {
            if (AddressOf(entry.Address) is { } address)
            {
                found.Add(new(name, (entry.Flags & IffLoopback) != 0, address));
            }
        });
        return found;
    }

    /// <summary>The names of all interfaces of our network namespace, with an address or without.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel does not tell.</exception>
    public static IReadOnlySet<string> Names()
    {
        SortedSet<string> found = new(StringComparer.Ordinal);
        Walk((name, _) => found.Add(name));
        return found;
    }

    private static void Walk(Action<string, Entry> visit)
    {
        Entry* first;
        Errno.Check(GetAddresses(&first), "getifaddrs");
        try
        {
            for (var entry = first; entry is not null; entry = entry->Next)
            {
                visit(Marshal.PtrToStringUTF8(entry->Name)!, *entry);
            }
        }
        finally
        {
            FreeAddresses(first);
        }
    }

    private static IPAddress? AddressOf(byte* socketAddress) => socketAddress is null ? null : *(ushort*)socketAddress switch
    {
        AfInet => new(new ReadOnlySpan<byte>(socketAddress + V4Offset, sizeof(uint))),
        AfInet6 => new(new ReadOnlySpan<byte>(socketAddress + V6Offset, V6Length)),
        _ => null, // a hardware address, or none
    };

    [LibraryImport("libc", EntryPoint = "getifaddrs", SetLastError = true)]
    private static partial int GetAddresses(Entry** first);

    [LibraryImport("libc", EntryPoint = "freeifaddrs")]
    private static partial void FreeAddresses(Entry* first);

    // struct ifaddrs
    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public Entry* Next;
        public nint Name;
        public uint Flags;
        public byte* Address;
        public nint Netmask, Destination, Data;
    }
}
