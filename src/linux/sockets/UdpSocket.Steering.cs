using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

public sealed partial class UdpSocket
{
    private const int SoAttachReuseportCbpf = 51;
    private const uint NetworkHeader = 0xFFF0_0000; // SKF_NET_OFF: offsets from here on are from the network header
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
    public unsafe void SteerByClient(int sockets, int ipv4Bits = 32, int ipv6Bits = 64)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sockets, 2);
        uint seed = (uint)(KernelRandom.Next() >> 32) | 1;
        FilterStep[] ofIpv4 = [FilterStep.Load(NetworkHeader + Ipv4Source), FilterStep.And(Mask(ipv4Bits))];
        FilterStep[] ofIpv6 =
        [
            FilterStep.Load(NetworkHeader + Ipv6Source),
            FilterStep.And(Mask(ipv6Bits)),
            FilterStep.Store,
            FilterStep.Load(NetworkHeader + Ipv6Source + 4),
            FilterStep.And(Mask(ipv6Bits - 32)),
            FilterStep.Multiply(0x9E37_79B1), // else equal changes in both words would cancel out
            FilterStep.Recall,
            FilterStep.Xor,
        ];
        FilterStep[] either = // the service manager's [::]:123 is of both families, unless it is told otherwise
        [
            FilterStep.LoadOctet(NetworkHeader), // version and length
            FilterStep.ShiftRight(4),
            FilterStep.SkipIfEqual(6, (byte)(ofIpv4.Length + 1)),
            .. ofIpv4,
            FilterStep.Skip((uint)ofIpv6.Length),
            .. ofIpv6,
        ];
        FilterStep[] steps =
            [.. _isIpv6 ? either : ofIpv4, FilterStep.Multiply(seed), FilterStep.ShiftRight(16), FilterStep.Modulo((uint)sockets), FilterStep.Return];
        fixed (FilterStep* first = steps)
        {
            var program = new FilterProgram { len = (ushort)steps.Length, filter = first };
            var octets = new ReadOnlySpan<byte>(&program, sizeof(FilterProgram));
            Errno.Check(Setsockopt(Descriptor, SolSocket, SoAttachReuseportCbpf, in octets[0], (uint)octets.Length), "setsockopt SO_ATTACH_REUSEPORT_CBPF");
        }
    }

    /// <summary>The first so many bits of 32.</summary>
    private static uint Mask(int bits) => bits <= 0 ? 0 : uint.MaxValue << (32 - Math.Min(bits, 32));

    /// <summary>struct sock_filter: a step of classic BPF. See linux/filter.h and linux/bpf_common.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct FilterStep(ushort code, uint operand, byte jumpTrue = 0)
    {
        private readonly ushort _code = code;
        private readonly byte _jumpTrue = jumpTrue, _jumpFalse;
        private readonly uint _operand = operand;

        public static FilterStep Store => new(0x02, 0); // BPF_ST: scratch[0] = A

        public static FilterStep Recall => new(0x61, 0); // BPF_LDX | BPF_W | BPF_MEM: X = scratch[0]

        public static FilterStep Xor => new(0xAC, 0); // BPF_ALU | BPF_XOR | BPF_X

        public static FilterStep Return => new(0x16, 0); // BPF_RET | BPF_A

        public static FilterStep Load(uint offset) => new(0x20, offset); // BPF_LD | BPF_W | BPF_ABS

        public static FilterStep LoadOctet(uint offset) => new(0x30, offset); // BPF_LD | BPF_B | BPF_ABS

        public static FilterStep And(uint mask) => new(0x54, mask); // BPF_ALU | BPF_AND | BPF_K

        public static FilterStep SkipIfEqual(uint value, byte steps) => new(0x15, value, steps); // BPF_JMP | BPF_JEQ | BPF_K

        public static FilterStep Skip(uint steps) => new(0x05, steps); // BPF_JMP | BPF_JA

        public static FilterStep Multiply(uint by) => new(0x24, by); // BPF_ALU | BPF_MUL | BPF_K

        public static FilterStep ShiftRight(uint bits) => new(0x74, bits); // BPF_ALU | BPF_RSH | BPF_K

        public static FilterStep Modulo(uint by) => new(0x94, by); // BPF_ALU | BPF_MOD | BPF_K
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct FilterProgram
    {
        public ushort len;
        public FilterStep* filter;
    }
}
