using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>A step of classic BPF, struct sock_filter: by a few of them the kernel decides what becomes of a datagram. See linux/filter.h and linux/bpf_common.h.</summary>
/// <remarks>They work on one number, A. To a filter of a UDP socket offset 0 is the UDP header.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly partial struct FilterStep
{
    /// <summary>SKF_NET_OFF: offsets from here on are from the network header.</summary>
    public const uint NetworkHeader = 0xFFF0_0000;

    private const int SolSocket = 1;

    private readonly ushort _code;
    private readonly byte _jumpTrue, _jumpFalse;
    private readonly uint _operand;

    private FilterStep(ushort code, uint operand, byte jumpTrue = 0, byte jumpFalse = 0) => (_code, _operand, _jumpTrue, _jumpFalse) = (code, operand, jumpTrue, jumpFalse);

    public static FilterStep Store => new(0x02, 0); // BPF_ST: scratch[0] = A

    public static FilterStep Recall => new(0x61, 0); // BPF_LDX | BPF_W | BPF_MEM: X = scratch[0]

    public static FilterStep Xor => new(0xAC, 0); // BPF_ALU | BPF_XOR | BPF_X

    /// <summary>Ends with A.</summary>
    public static FilterStep Return => new(0x16, 0); // BPF_RET | BPF_A

    /// <summary>Ends: the datagram is taken, as long as it is.</summary>
    public static FilterStep Take => new(0x06, uint.MaxValue); // BPF_RET | BPF_K

    /// <summary>Ends: the datagram is dropped. So is one that ends before what is loaded.</summary>
    public static FilterStep Drop => new(0x06, 0);

    public static FilterStep Load(uint offset) => new(0x20, offset); // BPF_LD | BPF_W | BPF_ABS

    public static FilterStep LoadHalf(uint offset) => new(0x28, offset); // BPF_LD | BPF_H | BPF_ABS

    public static FilterStep LoadOctet(uint offset) => new(0x30, offset); // BPF_LD | BPF_B | BPF_ABS

    public static FilterStep And(uint mask) => new(0x54, mask); // BPF_ALU | BPF_AND | BPF_K

    public static FilterStep SkipIfEqual(uint value, byte steps) => new(0x15, value, steps); // BPF_JMP | BPF_JEQ | BPF_K

    public static FilterStep SkipUnlessEqual(uint value, byte steps) => new(0x15, value, jumpFalse: steps);

    public static FilterStep Skip(uint steps) => new(0x05, steps); // BPF_JMP | BPF_JA

    public static FilterStep Multiply(uint by) => new(0x24, by); // BPF_ALU | BPF_MUL | BPF_K

    public static FilterStep ShiftRight(uint bits) => new(0x74, bits); // BPF_ALU | BPF_RSH | BPF_K

    public static FilterStep Modulo(uint by) => new(0x94, by); // BPF_ALU | BPF_MOD | BPF_K

    /// <summary>Has the kernel do them.</summary>
    /// <param name="socket">To whose datagrams.</param>
    /// <param name="option">The option of SOL_SOCKET that takes a struct sock_fprog.</param>
    /// <param name="steps">At most 4,096.</param>
    /// <param name="call">For the error.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel does not take them.</exception>
    internal static unsafe void Attach(Descriptor socket, int option, ReadOnlySpan<FilterStep> steps, string call)
    {
        fixed (FilterStep* first = steps)
        {
            var program = new Program { len = (ushort)steps.Length, filter = first };
            Errno.Check(Setsockopt(socket, SolSocket, option, in program, (uint)sizeof(Program)), call);
        }
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Program
    {
        public ushort len;
        public FilterStep* filter;
    }

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int Setsockopt(Descriptor socket, int level, int option, in Program value, uint length);
}
