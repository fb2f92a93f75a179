using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>The file of a time page in memory: 4,096 octets, shared. clockd never replaces it; somebody else may have taken it away.</summary>
/// <remarks>
/// octets 0 to 7: "TSCLOCK" and a zero; 8: layout version (1); 12: size (4,096); 16 to 31: boot id; 32: sequence;
/// 64: body; 2048: a second copy of the body, from which a writer that starts mends what one killed in the middle of a write left.
/// </remarks>
internal sealed unsafe partial class MappedPage : SafeHandle
{
    public const int Size = 4096, SequenceAt = 32, BootIdAt = 16, BodyAt = 64, MendAt = 2048;
    public const uint LayoutVersion = 1;

    private const int ReadOnly = 0, ReadWrite = 2, Create = 0x40, CloseOnExec = 0x80000;
    private const int ProtRead = 1, ProtWrite = 2, MapShared = 1, SeekEnd = 2, LockExclusiveNoWait = 2 | 4;
    private const int LockAttempts = 60;
    private const uint OthersRead = 0x1A4, OwnerOnly = 0x180; // rw-r--r--, rw-------

    private readonly int _lock;

    private MappedPage(nint address, int @lock, FileIdentity identity = default)
        : base(nint.Zero, ownsHandle: true)
    {
        SetHandle(address);
        (_lock, Identity) = (@lock, identity);
    }

    /// <summary>Of the file behind a page that is mapped to be read.</summary>
    public FileIdentity Identity { get; }

    public static ReadOnlySpan<byte> Magic => "TSCLOCK\0"u8;

    // O_NOFOLLOW is one of the few numbers that differ between machines.
    private static int NoFollow => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;

    /// <summary>Whether the file was there, and shorter than a page: somebody has cut it.</summary>
    public bool WasCut { get; private init; }

    public override bool IsInvalid => handle is 0 or -1;

    public byte* Address => (byte*)handle;

    public ref uint Sequence => ref *(uint*)(Address + SequenceAt);

    public ref TimePageBody Body => ref *(TimePageBody*)(Address + BodyAt);

    public ref TimePageBody Mend => ref *(TimePageBody*)(Address + MendAt);

    public Span<byte> Header => new(Address, BodyAt);

    /// <summary>Whether anybody has written a body; a page that was only begun has none.</summary>
    public bool HasBody => new ReadOnlySpan<byte>(Address + BodyAt, sizeof(TimePageBody)).ContainsAnyExcept((byte)0);

    /// <summary>Whether it begins like a page, of whatever boot, or was only just made.</summary>
    public bool HasMagic => Header.StartsWith(Magic) || !Header.ContainsAnyExcept((byte)0);

    /// <summary>Maps an existing page to be read.</summary>
    /// <returns>Null if there is none.</returns>
    public static MappedPage? OpenToRead(string path)
    {
        int file = CallOpen(path, ReadOnly | NoFollow | CloseOnExec, 0);
        if (file < 0)
        {
            return null;
        }

        // A shorter file would end in SIGBUS.
        nint address = Seek(file, 0, SeekEnd) >= Size ? Map(0, Size, ProtRead, MapShared, file, 0) : -1;
        var identity = FileIdentity.Of(file);
        _ = Close(file);
        return address == -1 ? null : new(address, @lock: -1, identity);
    }

    /// <summary>Maps a page to be written, makes it if it is not there, and keeps other writers out.</summary>
    /// <exception cref="IOException">Another writer has it, or the file cannot be had.</exception>
    public static MappedPage OpenToWrite(string path)
    {
        // A file of its own, that only we can open: whoever may read the page could lock the page.
        int guard = Open(path + ".lock", OwnerOnly);
        for (int attempt = 0; Lock(guard, LockExclusiveNoWait) < 0; attempt++)
        {
            if (attempt < LockAttempts)
            {
                Thread.Sleep(50); // one that was killed is just going, or a child of ours is between fork and exec
                continue;
            }

            _ = Close(guard);
            throw new IOException($"{path}: another clockd writes it; stop it first, or use another --runtime-dir");
        }

        bool isThere = File.Exists(path);
        int file = Open(path, OthersRead);

        // fchmod because the umask took the others' right to read away.
        long length = Seek(file, 0, SeekEnd);
        nint address = (length >= Size || Truncate(file, Size) == 0) && ChangeMode(file, OthersRead) == 0
            ? Map(0, Size, ProtRead | ProtWrite, MapShared, file, 0)
            : -1;
        int error = Marshal.GetLastPInvokeError();
        _ = Close(file);
        return address == -1 ? throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}") : new(address, guard) { WasCut = isThere && length < Size };
    }

    protected override bool ReleaseHandle()
    {
        if (_lock >= 0)
        {
            _ = Close(_lock);
        }

        return Unmap(handle, Size) == 0;
    }

    private static int Open(string path, uint mode)
    {
        int file = CallOpen(path, ReadWrite | Create | NoFollow | CloseOnExec, mode);
        return file >= 0 ? file : throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CallOpen(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(int file, int operation);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(int file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Truncate(int file, long length);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int ChangeMode(int file, uint mode);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
