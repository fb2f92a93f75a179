using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>What the kernel tells of a datagram that it delivered.</summary>
/// <param name="Length">Octets in the buffer.</param>
/// <param name="IsTruncated">The datagram was longer than the buffer; the rest is lost.</param>
/// <param name="Source">Who sent it.</param>
/// <param name="LocalAddress">The local address it was sent to, port 0; <c>default</c> if the kernel does not say. To answer from.</param>
/// <param name="InterfaceIndex">Interface it came in by; 0 if the kernel does not say.</param>
/// <param name="Stamp">CLOCK_REALTIME when the network stack took it in; absent where stamps are not to be had.</param>
/// <param name="Hardware">When it came in by the interface's own clock, where <see cref="UdpSocket.StampByHardware"/> asks for it.</param>
public readonly record struct ReceivedDatagram(
    int Length,
    bool IsTruncated,
    DatagramAddress Source,
    DatagramAddress LocalAddress,
    int InterfaceIndex,
    Instant<Utc>? Stamp,
    HardwareStamp Hardware = default);
