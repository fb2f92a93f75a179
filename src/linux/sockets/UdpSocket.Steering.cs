namespace TimeSuite.Linux;

public sealed partial class UdpSocket
{
    private const int SoAttachReuseportCbpf = 51;
    private const uint Ipv4Source = 12, Ipv6Source = 8;

    /// <summary>Has the kernel give all that one client sends to one of the sockets that share this port, whatever port it comes from.</summary>
    /// <remarks>
    /// By the first bits of its address; the sockets count in the order in which they were bound. Without it the client's
    /// port would be taken into account, which changes with each request, and what is known of a client would be spread. The hash has a random
    /// seed: nobody can choose addresses that all meet in one socket. See SO_ATTACH_REUSEPORT_CBPF in socket(7).
    /// </remarks>
    /// <param name="sockets">How many share the port, 2 or more.</param>
    /// <param name="ipv4Bits">Of an IPv4 address, 1 to 32; on a socket of both families too.</param>
    /// <param name="ipv6Bits">Of an IPv6 address, 1 to 128; beyond 64 it is 64.</param>
    public void SteerByClient(int sockets, int ipv4Bits = 32, int ipv6Bits = 64)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sockets, 2);
        uint seed = (uint)(KernelRandom.Next() >> 32) | 1;
        FilterStep[] ofIpv4 = [FilterStep.Load(FilterStep.NetworkHeader + Ipv4Source), FilterStep.And(Mask(ipv4Bits))];
        FilterStep[] ofIpv6 =
        [
            FilterStep.Load(FilterStep.NetworkHeader + Ipv6Source),
            FilterStep.And(Mask(ipv6Bits)),
            FilterStep.Store,
            FilterStep.Load(FilterStep.NetworkHeader + Ipv6Source + 4),
            FilterStep.And(Mask(ipv6Bits - 32)),
            FilterStep.Multiply(0x9E37_79B1), // else equal changes in both words would cancel out
            FilterStep.Recall,
            FilterStep.Xor,
        ];
        FilterStep[] either = // the service manager's [::]:123 is of both families, unless it is told otherwise
        [
            FilterStep.LoadOctet(FilterStep.NetworkHeader), // version and length
            FilterStep.ShiftRight(4),
            FilterStep.SkipIfEqual(6, (byte)(ofIpv4.Length + 1)),
            .. ofIpv4,
            FilterStep.Skip((uint)ofIpv6.Length),
            .. ofIpv6,
        ];
        FilterStep[] steps =
            [.. _isIpv6 ? either : ofIpv4, FilterStep.Multiply(seed), FilterStep.ShiftRight(16), FilterStep.Modulo((uint)sockets), FilterStep.Return];
        FilterStep.Attach(Descriptor, SoAttachReuseportCbpf, steps, "setsockopt SO_ATTACH_REUSEPORT_CBPF");
    }

    /// <summary>The first so many bits of 32.</summary>
    private static uint Mask(int bits) => bits <= 0 ? 0 : uint.MaxValue << (32 - Math.Min(bits, 32));
}
