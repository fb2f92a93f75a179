using System.ComponentModel;
using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>What an interface can stamp by itself. See ethtool(8) -T and the kernel's timestamping.rst.</summary>
/// <param name="PhcIndex">N of the /dev/ptpN whose time its stamps are; -1: none.</param>
/// <param name="StampsBothWays">Transmits and receipts, by its own clock.</param>
/// <param name="Filters">Receive filters that there are, one bit each.</param>
/// <param name="Transmits">Ways of stamping departures, one bit each.</param>
public readonly record struct HardwareStamping(int PhcIndex, bool StampsBothWays, uint Filters, uint Transmits = 0)
{
    private const uint SiocEthtool = 0x8946, SiocSetFilters = 0x89B0, SiocGetFilters = 0x89B1, EthtoolGetTsInfo = 0x41;
    private const int InfoSize = 44, ModesAt = 4, IndexAt = 8, TransmitsAt = 12, FiltersAt = 28, ConfigSize = 12;
    private const uint BothWays = 0x1 | 0x4 | 0x40; // SOF_TIMESTAMPING_ TX_HARDWARE, RX_HARDWARE, RAW_HARDWARE

    /// <summary>Whether it can write the time into a Sync as it leaves.</summary>
    public bool CanOneStep => (Transmits & (1U << HardwareFilters.OneStepSync)) != 0;

    /// <summary>The names of the interfaces whose hardware stamps both ways; empty where the kernel does not tell which there are.</summary>
    public static IReadOnlyList<string> Interfaces()
    {
        try
        {
            return [.. InterfaceAddresses.Names().Where(name => TryDescribe(name, out var found) && found.StampsBothWays)];
        }
        catch (Win32Exception)
        {
            return [];
        }
    }

    /// <summary>Asks an interface. Needs no right.</summary>
    /// <returns>False if there is no such interface, or its driver knows nothing of it.</returns>
    public static bool TryDescribe(string name, out HardwareStamping stamping)
    {
        Span<byte> info = stackalloc byte[InfoSize];
        info.Clear();
        MemoryMarshal.Write(info, EthtoolGetTsInfo);
        bool isDone = Ask(name, SiocEthtool, info) == 0;
        stamping = isDone
            ? new(MemoryMarshal.Read<int>(info[IndexAt..]), (MemoryMarshal.Read<uint>(info[ModesAt..]) & BothWays) == BothWays, MemoryMarshal.Read<uint>(info[FiltersAt..]), MemoryMarshal.Read<uint>(info[TransmitsAt..]))
            : new(-1, false, 0);
        return isDone;
    }

    /// <summary>Reads what an interface is told to stamp. Needs no right.</summary>
    /// <returns>False if its driver does not tell: then nobody knows.</returns>
    public static bool TryReadFilters(string name, out HardwareFilters filters)
    {
        Span<byte> config = stackalloc byte[ConfigSize];
        config.Clear();
        bool isDone = Ask(name, SiocGetFilters, config) == 0;
        filters = isDone ? new(MemoryMarshal.Read<int>(config[4..]), MemoryMarshal.Read<int>(config[8..])) : default;
        return isDone;
    }

    /// <summary>Tells an interface what to stamp. Needs CAP_NET_ADMIN.</summary>
    /// <returns>What the driver made of it, which may be wider.</returns>
    /// <exception cref="Win32Exception">EPERM without the right; ERANGE: the hardware cannot do that.</exception>
    public static HardwareFilters SetFilters(string name, HardwareFilters wanted)
    {
        Span<byte> config = stackalloc byte[ConfigSize];
        config.Clear();
        MemoryMarshal.Write(config[4..], wanted.Transmit);
        MemoryMarshal.Write(config[8..], wanted.Receive);
        int error = Ask(name, SiocSetFilters, config);
        return error == 0 ? new(MemoryMarshal.Read<int>(config[4..]), MemoryMarshal.Read<int>(config[8..])) : throw Errno.Failure($"ioctl SIOCSHWTSTAMP {name}", error);
    }

    /// <returns>The error number; 0: done.</returns>
    private static unsafe int Ask(string name, uint request, Span<byte> data)
    {
        fixed (byte* content = data)
        {
            nint pointer = (nint)content;
            return InterfaceRequest.Ask(name, request, MemoryMarshal.AsBytes(new Span<nint>(ref pointer)));
        }
    }
}
