using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TimeSuite.Time;

namespace TimeSuite.Linux;

/// <summary>How reading a state file ended.</summary>
public enum FileOutcome
{
    /// <summary>All of it was read.</summary>
    Read,

    /// <summary>There is none.</summary>
    Absent,

    /// <summary>It is longer than the limit; nothing is returned.</summary>
    TooLong,

    /// <summary>A symbolic link, a directory or a pipe is in its place.</summary>
    NotRegular,

    /// <summary>No right to read it.</summary>
    Denied,
}

/// <summary>Outcomes for people.</summary>
public static class FileOutcomes
{
    /// <summary>Behind "cannot be read: ".</summary>
    public static string Words(this FileOutcome outcome) => outcome switch
    {
        FileOutcome.Absent => "it is not there",
        FileOutcome.TooLong => "it is too long",
        FileOutcome.NotRegular => "it is not a regular file",
        FileOutcome.Denied => "permission denied",
        _ => "it was read",
    };
}

/// <summary>Small state files that are always whole: readers and crashes see the old content or the new, never a part.</summary>
/// <remarks>One writer per file. Paths are the operator's; what lies there may have been planted by somebody else.</remarks>
public static partial class AtomicFile
{
    private const int ReadFlags = 0x80800; // O_RDONLY | O_CLOEXEC | O_NONBLOCK (for a pipe)
    private static readonly int NoFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000; // O_NOFOLLOW

    /// <summary>Replaces a file: writes beside it, then renames.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">All of it.</param>
    /// <param name="mode">Permissions of the new file, whatever the umask.</param>
    /// <param name="isDurable">Whether to wait until it survives a power cut; slow. A crash of the program alone it survives anyway.</param>
    /// <exception cref="IOException">Disk full, no such directory, and the like.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to write there.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode, bool isDurable)
    {
        string full = Path.GetFullPath(path);
        string directory = Path.GetDirectoryName(full)!;
        string beside = Path.Combine(directory, $".{Path.GetFileName(full)}.new");
        using (var file = Create(beside))
        {
            WriteAll(file, content, beside);
            Demand(Fchmod(file, (uint)mode), beside);
            if (isDurable)
            {
                Demand(Fsync(file), beside);
            }
        }

        Demand(Rename(beside, full), full);
        if (isDurable)
        {
            using var parent = Descriptor.FromCall(Open(directory, 0x80000), $"open {directory}");
            Errno.Check(Fsync(parent), $"fsync {directory}");
        }
    }

    /// <summary>Reads a file if it is a regular one of limited size.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxLength">Limit, octets.</param>
    /// <param name="content">The content; empty unless the result is Read.</param>
    /// <param name="followsLink">Whether the last component of the path may be a symbolic link: not where others can write.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The machine's fault, e.g. too many open files.</exception>
    /// <exception cref="IOException">The disk's.</exception>
    public static FileOutcome Read(string path, int maxLength, out byte[] content, bool followsLink = false)
    {
        content = [];
        int fd = Open(path, followsLink ? ReadFlags : ReadFlags | NoFollow);
        if (fd < 0)
        {
            return Errno.Last switch
            {
                Errno.ENOENT or Errno.ENOTDIR => FileOutcome.Absent,
                Errno.ELOOP or Errno.ENXIO => FileOutcome.NotRegular,
                Errno.EACCES or Errno.EPERM => FileOutcome.Denied,
                _ => throw Errno.Failure($"open {path}"),
            };
        }

        using var handle = new SafeFileHandle(fd, ownsHandle: true);
        if (!IsRegular(handle))
        {
            return FileOutcome.NotRegular;
        }

        // One octet more than allowed: a file that grows meanwhile, or lies about its length (/proc), is caught as well.
        byte[] buffer = new byte[maxLength + 1];
        int length = 0;
        int read;
        while ((read = RandomAccess.Read(handle, buffer.AsSpan(length), length)) > 0)
        {
            length += read;
        }

        if (length > maxLength)
        {
            return FileOutcome.TooLong;
        }

        content = buffer[..length];
        return FileOutcome.Read;
    }

    /// <summary>Moves a file that makes no sense out of the way, so that it can be looked at.</summary>
    /// <param name="path">The file.</param>
    /// <param name="now">For the name.</param>
    /// <returns>Its new name, PATH.bad-20260131T235959Z.</returns>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public static string SetAside(string path, Instant<Utc> now)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(now.SinceEpoch.WholeSeconds);
        string aside = string.Create(CultureInfo.InvariantCulture, $"{path}.bad-{time:yyyyMMdd'T'HHmmss'Z'}");
        File.Move(path, aside, overwrite: true);
        return aside;
    }

    /// <summary>A new file of nobody else's: O_EXCL follows no link. What a crash left there, or somebody planted, goes first.</summary>
    private static Descriptor Create(string path)
    {
        const int createExclusively = 0x80000 | 0x1 | 0x40 | 0x80; // O_CLOEXEC | O_WRONLY | O_CREAT | O_EXCL
        const uint ownerOnly = 0x180; // 0600
        int fd = Open(path, createExclusively, ownerOnly);
        if (fd < 0 && Errno.Last == Errno.EEXIST)
        {
            File.Delete(path);
            fd = Open(path, createExclusively, ownerOnly);
        }

        Demand(fd, path);
        return new Descriptor(fd);
    }

    private static void WriteAll(Descriptor file, ReadOnlySpan<byte> content, string path)
    {
        while (!content.IsEmpty)
        {
            nint written = Write(file, in MemoryMarshal.GetReference(content), (nuint)content.Length);
            if (written < 0 && Errno.Last == Errno.EINTR)
            {
                continue;
            }

            Demand((int)written, path);
            content = content[(int)written..];
        }
    }

    private static void Demand(int result, string path)
    {
        if (result < 0)
        {
            int errno = Errno.Last;
            string text = $"{path}: {Marshal.GetPInvokeErrorMessage(errno)}";
            throw errno is Errno.EACCES or Errno.EPERM or Errno.EROFS ? new UnauthorizedAccessException(text) : new IOException(text);
        }
    }

    private static bool IsRegular(SafeFileHandle handle)
    {
        try
        {
            _ = RandomAccess.GetLength(handle); // refuses what has no position: pipes, sockets, terminals
        }
        catch (NotSupportedException)
        {
            return false;
        }

        return (File.GetAttributes(handle) & FileAttributes.Directory) == 0;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(Descriptor file, in byte content, nuint length);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int Fchmod(Descriptor file, uint mode);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(Descriptor descriptor);
}
