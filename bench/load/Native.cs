using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]
[module: SkipLocalsInit]

namespace TimeSuite.Load;

/// <summary>struct iovec.</summary>
internal unsafe struct Vector
{
    public byte* Base;
    public nuint Length;
}

/// <summary>struct mmsghdr on a 64-bit machine: a msghdr and what came of it.</summary>
internal unsafe struct Message
{
    public byte* Name;
    public uint NameLength;
    public Vector* Vectors;
    public nuint VectorCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
    private readonly uint _padding;
    public uint Length;
    private readonly uint _end;
}

/// <summary>struct sockaddr_in.</summary>
internal struct Ipv4Name
{
    public ushort Family, Port;
    public uint Address;
    private readonly ulong _zero;

    public static Ipv4Name Of(uint address, int port) => new()
    {
        Family = 2,
        Port = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness((ushort)port),
        Address = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(address),
    };
}

/// <summary>The system calls of a load generator and a bare responder, and no more around them than they need. IPv4 only.</summary>
internal static unsafe partial class Native
{
    public const int DontWait = 0x40, WaitForOne = 0x10000;
    public const int SolSocket = 1, SolIp = 0, IpPktinfo = 8, SoTimestampNs = 35, SoReceiveTimeout = 20, SoReceiveBuffer = 8, SoSendBuffer = 7;

    /// <param name="local">Where.</param>
    /// <param name="option">Of SOL_SOCKET, to be set to 1 before binding; 0: none.</param>
    public static int OpenUdp(in Ipv4Name local, int option = 0)
    {
        int socket = Check(Socket(2, 2 | 0x80000, 0), "socket");
        if (option != 0)
        {
            Set(socket, SolSocket, option, 1);
        }

        Check(Bind(socket, in local, (uint)sizeof(Ipv4Name)), "bind");
        Set(socket, SolSocket, SoReceiveBuffer, 1 << 20);
        Set(socket, SolSocket, SoSendBuffer, 1 << 20);
        return socket;
    }

    public static void Set(int socket, int level, int option, int value) =>
        Check(Setsockopt(socket, level, option, &value, sizeof(int)), "setsockopt");

    /// <summary>A blocking receive gives up after so long.</summary>
    public static void SetReceiveTimeout(int socket, long milliseconds)
    {
        long* timeval = stackalloc long[] { milliseconds / 1000, milliseconds % 1000 * 1000 };
        Check(Setsockopt(socket, SolSocket, SoReceiveTimeout, timeval, 16), "setsockopt");
    }

    public static int Check(int result, string call) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), call);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int socket, in Ipv4Name name, uint length);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int socket, Message* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(int socket, Message* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int socket);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    public static partial int Duplicate(int socket, int number);

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true)]
    public static partial int Execute(byte* program, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int socket, in Ipv4Name name, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int Setsockopt(int socket, int level, int option, void* value, uint length);
}
