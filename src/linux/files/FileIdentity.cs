using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>Which file it is, whatever its name: equal for two descriptors of one file.</summary>
/// <param name="Device">Major number in the upper half, minor in the lower.</param>
/// <param name="Inode">On that device; not used again while the file is open or mapped.</param>
internal readonly partial record struct FileIdentity(ulong Device, ulong Inode)
{
    // linux/stat.h: struct statx has the same layout on every architecture.
    private const int StatxSize = 256, InodeOffset = 32, MajorOffset = 136, MinorOffset = 140;
    private const int AtEmptyPath = 0x1000;
    private const uint StatxInode = 0x100;

    /// <summary>Of an open file. statx(2); zeros if the kernel refuses.</summary>
    public static FileIdentity Of(int file)
    {
        byte[] status = new byte[StatxSize];
        return StatX(file, "", AtEmptyPath, StatxInode, status) == 0
            ? new(((ulong)BitConverter.ToUInt32(status, MajorOffset) << 32) | BitConverter.ToUInt32(status, MinorOffset), BitConverter.ToUInt64(status, InodeOffset))
            : default;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, [Out] byte[] status);
}
