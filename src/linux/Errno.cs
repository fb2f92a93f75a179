using System.ComponentModel;
using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>The error numbers that this library tells apart (errno(3)) and the exception for all others.</summary>
internal static class Errno
{
    public const int EPERM = 1, ENOENT = 2, ENOSYS = 38, EAFNOSUPPORT = 97, EINTR = 4, EBADF = 9, EAGAIN = 11, ENOMEM = 12, EACCES = 13, EFAULT = 14, EEXIST = 17, EROFS = 30, EINVAL = 22, ELOOP = 40, ENODEV = 19,
        ENOTSOCK = 88, EMSGSIZE = 90, EPROTO = 71, EADDRNOTAVAIL = 99, ENETDOWN = 100, ENETUNREACH = 101, ENOBUFS = 105, ETIMEDOUT = 110,
        ECONNREFUSED = 111, EHOSTDOWN = 112, EHOSTUNREACH = 113, ECANCELED = 125, ENOPROTOOPT = 92, EOPNOTSUPP = 95, ENONET = 64, ENXIO = 6, ENOTDIR = 20, ENOTTY = 25;

    /// <summary>What the last call of this thread through LibraryImport left behind.</summary>
    public static int Last => Marshal.GetLastPInvokeError();

    /// <summary>The exception for the last error, with the name of the call that failed.</summary>
    public static Win32Exception Failure(string call) => Failure(call, Last);

    /// <summary>The exception for an error number, with the name of the call that failed.</summary>
    public static Win32Exception Failure(string call, int errno) =>
        new(errno, $"{call}: {Marshal.GetPInvokeErrorMessage(errno)}");

    /// <summary>Passes a result that is not negative, throws for -1.</summary>
    public static int Check(int result, string call) => result >= 0 ? result : throw Failure(call);
}
