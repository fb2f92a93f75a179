using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace TimeSuite.Ntskeyd.Server;

/// <summary>Counts the connections that are open, in all and of each network: 24 bits of an IPv4 address, 64 of IPv6. Never holds more entries than connections.</summary>
internal sealed class PrefixCaps
{
    private readonly Dictionary<UInt128, int> _open = [];

    /// <summary>Connections that are open.</summary>
    public int Count { get; private set; }

    /// <summary>Counts one in. False: there are enough already.</summary>
    public bool TryEnter(IPAddress address, int most, int mostOfPrefix)
    {
        var prefix = PrefixOf(address);
        lock (_open)
        {
            int own = _open.GetValueOrDefault(prefix);
            if (Count >= most || own >= mostOfPrefix)
            {
                return false;
            }

            _open[prefix] = own + 1;
            Count++;
            return true;
        }
    }

    /// <summary>Counts it out.</summary>
    public void Leave(IPAddress address)
    {
        var prefix = PrefixOf(address);
        lock (_open)
        {
            Count--;
            if (--_open[prefix] == 0)
            {
                _open.Remove(prefix);
            }
        }
    }

    internal static UInt128 PrefixOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        byte[] octets = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? BinaryPrimitives.ReadUInt32BigEndian(octets) >> 8 // a smaller number than any of IPv6
            : ((UInt128)1 << 64) | BinaryPrimitives.ReadUInt64BigEndian(octets);
    }
}
