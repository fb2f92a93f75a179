using System.Runtime.InteropServices;
using System.Text;

namespace TimeSuite.Linux;

/// <summary>A UDP socket that never blocks and whose packets the kernel stamps, received and sent. See udp(7) and the kernel's timestamping.rst.</summary>
/// <remarks>
/// Nothing is allocated per packet. Not safe for several threads at once. Only errors of the program or the machine
/// throw (<see cref="System.ComponentModel.Win32Exception"/> with the call's name); what the network does is a <see cref="DatagramOutcome"/>.
/// </remarks>
public sealed partial class UdpSocket : IDisposable
{
    private const int SockDgram = 2, SockNonblock = 0x800, SockCloexec = 0x80000;
    internal const int SolSocket = 1, SolIp = 0, SolIpv6 = 41, SoTimestamping = 37, IpPktinfo = 8, Ipv6Pktinfo = 50;
    private const int SoReceiveBuffer = 8, SoBindToDevice = 25, SoReusePort = 15;
    private const int SoBroadcast = 6, IpMulticastTtl = 33, Ipv6MulticastHops = 18;
    private const int IpTos = 1, IpMtuDiscover = 10, IpRecverr = 11;
    private const int IpFreebind = 15, Ipv6Freebind = 78;
    private const int Ipv6V6Only = 26, Ipv6RecvPktinfo = 49, Ipv6MtuDiscover = 23, Ipv6Recverr = 25, Ipv6Tclass = 67;
    private const int NeverFragment = 3; // IP_PMTUDISC_PROBE: what ICMP says of the path's MTU is not believed either

    // SOF_TIMESTAMPING_: software stamps of both directions, transmit ones numbered and without a copy of the packet.
    private const int TxSoftware = 0x2, RxSoftware = 0x8, Software = 0x10, OptId = 0x80, OptTsOnly = 0x800;
    private const int StampingReceived = RxSoftware | Software | OptId | OptTsOnly;

    // Beside them those of the hardware, with the interface that a packet came by; of what is sent both, each by itself.
    private const int RxHardware = 0x4, RawHardware = 0x40, OptPktinfo = 0x2000, OptTxSwHw = 0x4000;
    internal const int TxHardware = 0x1;

    private readonly bool _isIpv6;
    private readonly bool _serves;
    private int _stamping;

    private UdpSocket(Descriptor descriptor, bool isIpv6, bool serves, bool isOnAny)
    {
        Descriptor = descriptor;
        (_isIpv6, _serves) = (isIpv6, serves);
        _stamping = serves ? StampingReceived : StampingReceived | TxSoftware;
        SetOption(isIpv6 ? SolIpv6 : SolIp, isIpv6 ? Ipv6RecvPktinfo : IpPktinfo, isOnAny || !serves ? 1 : 0, "setsockopt PKTINFO");
        if (serves)
        {
            TrySetOption(isIpv6 ? SolIpv6 : SolIp, isIpv6 ? Ipv6MtuDiscover : IpMtuDiscover, NeverFragment); // and so no packet needs a number of its own
        }

        HasStamps = TrySetOption(SolSocket, SoTimestamping, _stamping);
        RestartTransmitIds();
        while (TryReceiveTransmitStamp(out _, out _))
        {
            // A socket that the service manager keeps over our restarts still has the stamps of our predecessor.
        }
    }

    /// <summary>For a <see cref="Poller"/>: readable when a datagram waits, in error when a transmit stamp or an ICMP error does.</summary>
    public Descriptor Descriptor { get; }

    public bool IsIpv6 => _isIpv6;

    /// <summary>Whether the kernel agreed to stamp packets. A stamp can be missing all the same.</summary>
    public bool HasStamps { get; }

    /// <summary>Whether the hardware of interfaces is asked for stamps too.</summary>
    public bool StampsByHardware { get; private set; }

    /// <summary>Whether the socket is held to the interface that was asked for. False without one, and where the kernel refused.</summary>
    public bool IsOnInterface { get; private set; }

    /// <summary>Whether the machine did not have the address when the socket was bound to it: requests come as soon as it has. Only of <see cref="UdpSocketOptions.Serves"/>.</summary>
    public bool AwaitsItsAddress { get; private set; }

    /// <summary>The address and port that the socket has.</summary>
    public DatagramAddress Local
    {
        get
        {
            Span<byte> name = stackalloc byte[DatagramAddress.Ipv6Size];
            uint length = (uint)name.Length;
            Errno.Check(Getsockname(Descriptor, ref MemoryMarshal.GetReference(name), ref length), "getsockname");
            return DatagramAddress.FromSockaddr(name[..(int)length]);
        }
    }

    /// <summary>Opens and binds a socket. An IPv6 socket takes IPv6 only.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">No such local address, port in use, or no right to it.</exception>
    public static UdpSocket Open(UdpSocketOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Dscp);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Dscp, 63);
        var local = options.Local;
        int family = local.IsIpv6 ? DatagramAddress.AfInet6 : DatagramAddress.AfInet;
        var socket = new UdpSocket(Descriptor.FromCall(Socket(family, SockDgram | SockNonblock | SockCloexec, 0), "socket"), local.IsIpv6, options.Serves, local.IsAny);
        try
        {
            socket.Bind(options);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes over a bound UDP socket, e.g. one that systemd handed down, and owns it from now on.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="serves">As <see cref="UdpSocketOptions.Serves"/>.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">Not a socket, or not one of UDP.</exception>
    public static UdpSocket Adopt(Descriptor descriptor, bool serves = false)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        Span<byte> name = stackalloc byte[DatagramAddress.Ipv6Size];
        uint length = (uint)name.Length;
        Errno.Check(Getsockname(descriptor, ref MemoryMarshal.GetReference(name), ref length), "getsockname");
        var local = DatagramAddress.FromSockaddr(name[..(int)length]);
        if (!local.IsKnown)
        {
            throw Errno.Failure("getsockname", Errno.EPROTO);
        }

        const int getFlags = 3, setFlags = 4;
        int flags = Errno.Check(Fcntl(descriptor, getFlags, 0), "fcntl");
        Errno.Check(Fcntl(descriptor, setFlags, flags | SockNonblock), "fcntl");
        return new(descriptor, local.IsIpv6, serves, local.IsAny);
    }

    /// <summary>Fixes the other end: only its datagrams are received, and its ICMP errors are reported.</summary>
    /// <returns>Done or Unreachable.</returns>
    public DatagramOutcome Connect(in DatagramAddress remote)
    {
        Span<byte> name = stackalloc byte[DatagramAddress.Ipv6Size];
        remote.WriteSockaddr(name);
        return ConnectTo(Descriptor, in MemoryMarshal.GetReference(name), (uint)remote.Size) == 0 ? DatagramOutcome.Done : Outcome("connect");
    }

    /// <summary>The code point in force, as the kernel has it.</summary>
    public int ReadDscp()
    {
        int value = 0;
        uint length = sizeof(int);
        int result = Getsockopt(Descriptor, _isIpv6 ? SolIpv6 : SolIp, _isIpv6 ? Ipv6Tclass : IpTos, ref value, ref length);
        Errno.Check(result, "getsockopt TOS");
        return value >> 2;
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    /// <summary>Lets others that say the same have this port too (SO_REUSEPORT). After binding: until then nobody else has it, nor could have taken it.</summary>
    public void SharePort() => SetOption(SolSocket, SoReusePort, 1, "setsockopt SO_REUSEPORT");

    /// <summary>Asks for the stamps of interfaces' own clocks too, or no longer: where the hardware is told to give them (<see cref="HardwareFilters"/>).</summary>
    public void StampByHardware(bool isWanted)
    {
        const int both = RxHardware | RawHardware | OptPktinfo;
        int stamping = (_stamping & ~(both | TxHardware | OptTxSwHw)) | (isWanted ? both | (_serves ? 0 : TxHardware | OptTxSwHw) : 0);
        if (isWanted != StampsByHardware && HasStamps && TrySetOption(SolSocket, SoTimestamping, stamping))
        {
            (_stamping, StampsByHardware) = (stamping, isWanted);
            TrySetOption(_isIpv6 ? SolIpv6 : SolIp, _isIpv6 ? Ipv6RecvPktinfo : IpPktinfo, 1); // not every driver says which interface has stamped
        }
    }

    /// <summary>Asks for room for so many octets of datagrams that wait; the kernel gives what the machine's limits allow.</summary>
    public void WantReceiveBuffer(int octets) => TrySetOption(SolSocket, SoReceiveBuffer, octets);

    /// <summary>Lets datagrams be sent to broadcast addresses, and says how many hops those to multicast addresses live.</summary>
    public void AllowBroadcast(int hops)
    {
        TrySetOption(SolSocket, SoBroadcast, 1);
        TrySetOption(_isIpv6 ? SolIpv6 : SolIp, _isIpv6 ? Ipv6MulticastHops : IpMulticastTtl, hops);
    }

    private void Bind(UdpSocketOptions options)
    {
        if (_isIpv6)
        {
            SetOption(SolIpv6, Ipv6V6Only, 1, "setsockopt IPV6_V6ONLY");
        }

        if (options.SharesPort)
        {
            SetOption(SolSocket, SoReusePort, 1, "setsockopt SO_REUSEPORT");
        }

        if (options.Dscp != 0)
        {
            SetOption(_isIpv6 ? SolIpv6 : SolIp, _isIpv6 ? Ipv6Tclass : IpTos, options.Dscp << 2, "setsockopt TOS");
        }

        if (options.Interface is { } name)
        {
            byte[] octets = Encoding.UTF8.GetBytes(name);
            IsOnInterface = Setsockopt(Descriptor, SolSocket, SoBindToDevice, in MemoryMarshal.GetReference<byte>(octets), (uint)octets.Length) == 0;
        }

        Span<byte> address = stackalloc byte[DatagramAddress.Ipv6Size];
        options.Local.WriteSockaddr(address);
        int result = BindTo(Descriptor, in MemoryMarshal.GetReference(address), (uint)options.Local.Size);
        if (result < 0 && Errno.Last == Errno.EADDRNOTAVAIL && options.Serves && TrySetOption(_isIpv6 ? SolIpv6 : SolIp, _isIpv6 ? Ipv6Freebind : IpFreebind, 1))
        {
            result = BindTo(Descriptor, in MemoryMarshal.GetReference(address), (uint)options.Local.Size);
            AwaitsItsAddress = result >= 0;
        }

        Errno.Check(result, "bind");
    }

    private void SetOption(int level, int option, int value, string call)
    {
        if (!TrySetOption(level, option, value))
        {
            throw Errno.Failure(call);
        }
    }

    private bool TrySetOption(int level, int option, int value) =>
        Setsockopt(Descriptor, level, option, in MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value))[0], sizeof(int)) == 0;

    /// <summary>Sorts the last error into what the network does; what is left is a fault of ours or the machine's.</summary>
    internal static DatagramOutcome Outcome(string call) => Errno.Last switch
    {
        Errno.EAGAIN or Errno.ENOBUFS or Errno.EINTR or Errno.ENOMEM => DatagramOutcome.WouldBlock,
        Errno.ECONNREFUSED => DatagramOutcome.Refused,
        Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.ENETDOWN or Errno.EHOSTDOWN or Errno.EADDRNOTAVAIL or Errno.ETIMEDOUT
            or Errno.ENODEV or Errno.ENXIO or Errno.EINVAL or Errno.EPROTO or Errno.ENONET or Errno.ENOPROTOOPT or Errno.EOPNOTSUPP => DatagramOutcome.Unreachable,
        Errno.EPERM or Errno.EACCES => DatagramOutcome.Forbidden,
        Errno.EMSGSIZE => DatagramOutcome.TooLong,
        int other => throw Errno.Failure(call, other),
    };

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int BindTo(Descriptor socket, in byte name, uint length);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int ConnectTo(Descriptor socket, in byte name, uint length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    private static partial int Getsockname(Descriptor socket, ref byte name, ref uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int Setsockopt(Descriptor socket, int level, int option, in byte value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int Getsockopt(Descriptor socket, int level, int option, ref int value, ref uint length);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(Descriptor descriptor, int command, int argument);
}
