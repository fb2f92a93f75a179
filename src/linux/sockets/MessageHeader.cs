using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>struct iovec. See recvmsg(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* iov_base;
    public nuint iov_len;
}

/// <summary>struct msghdr on a 64-bit machine, 56 octets. See recvmsg(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public byte* msg_name;
    public uint msg_namelen;
    public IoVector* msg_iov;
    public nuint msg_iovlen;
    public byte* msg_control;
    public nuint msg_controllen;
    public int msg_flags;
}
