using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>A network interface as PTP needs it: its number and its hardware address, looked up once. See netdevice(7).</summary>
/// <param name="Name">E.g. eth0.</param>
/// <param name="Index">The kernel's number of it.</param>
/// <param name="Mac">Six octets, right-aligned; 0 where it has none, as on the loopback.</param>
public readonly record struct LinkAddress(string Name, int Index, ulong Mac)
{
    private const uint SiocGetIndex = 0x8933, SiocGetHardwareAddress = 0x8927, SiocGetFlags = 0x8913;
    private const ushort ArphrdEthernet = 1, IffUp = 1;

    /// <summary>Looks an interface of our network namespace up. Needs no right.</summary>
    /// <returns>False if there is none of this name.</returns>
    public static bool TryFind(string name, out LinkAddress link)
    {
        link = default;
        Span<byte> index = stackalloc byte[sizeof(int)], address = stackalloc byte[8]; // struct sockaddr: the kind of link, then its address
        if (InterfaceRequest.Ask(name, SiocGetIndex, index) != 0)
        {
            return false;
        }

        bool hasAddress = InterfaceRequest.Ask(name, SiocGetHardwareAddress, address) == 0 && MemoryMarshal.Read<ushort>(address) == ArphrdEthernet;
        link = new(name, MemoryMarshal.Read<int>(index), hasAddress ? BinaryPrimitives.ReadUInt64BigEndian(address) & 0xFFFF_FFFF_FFFF : 0);
        return true;
    }

    /// <summary>Whether an interface is there and nobody has set it down; a cable it need not have. Needs no right.</summary>
    public static bool IsUp(string name)
    {
        Span<byte> flags = stackalloc byte[sizeof(ushort)];
        return InterfaceRequest.Ask(name, SiocGetFlags, flags) == 0 && (MemoryMarshal.Read<ushort>(flags) & IffUp) != 0;
    }
}
