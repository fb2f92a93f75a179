using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TimeSuite.Linux;

/// <summary>Who owns an open file and who may write it: what <see cref="File"/> does not tell.</summary>
public static partial class FileOwner
{
    // linux/stat.h: struct statx has the same layout on every architecture.
    private const int StatxSize = 256;
    private const int UidOffset = 20;
    private const int ModeOffset = 28;
    private const int AtEmptyPath = 0x1000;
    private const uint StatxType = 0x1;
    private const uint StatxMode = 0x2;
    private const uint StatxUid = 0x8;
    private const int TypeMask = 0xF000; // S_IFMT
    private const int RegularFile = 0x8000; // S_IFREG
    private const int OpenFlags = 0x80800; // O_RDONLY | O_CLOEXEC | O_NONBLOCK

    /// <summary>Opens whatever is there to be judged, and at once: <see cref="File.OpenHandle"/> waits for ever at a pipe that nobody writes to.</summary>
    /// <exception cref="FileNotFoundException">There is nothing.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to read it.</exception>
    /// <exception cref="IOException">Anything else: a socket, a loop of links.</exception>
    public static SafeFileHandle Open(string path)
    {
        int fd = Open(path, OpenFlags);
        return fd >= 0 ? new(fd, ownsHandle: true) : throw Errno.Last switch
        {
            Errno.ENOENT or Errno.ENOTDIR => new FileNotFoundException(Reason()),
            Errno.EACCES or Errno.EPERM => new UnauthorizedAccessException(Reason()),
            _ => new IOException(Reason()),
        };

        static string Reason() => Marshal.GetPInvokeErrorMessage(Errno.Last);
    }

    /// <summary>Owner's uid, permission bits, and whether it is a regular file. statx(2).</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel refuses.</exception>
    public static (uint Uid, UnixFileMode Mode, bool IsRegular) Of(SafeFileHandle file)
    {
        byte[] status = new byte[StatxSize];
        Errno.Check(StatX(file, "", AtEmptyPath, StatxType | StatxMode | StatxUid, status), "statx");
        int mode = BitConverter.ToUInt16(status, ModeOffset);
        return (BitConverter.ToUInt32(status, UidOffset), (UnixFileMode)(mode & 0xFFF), (mode & TypeMask) == RegularFile);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(SafeFileHandle directory, string path, int flags, uint mask, [Out] byte[] status);
}
