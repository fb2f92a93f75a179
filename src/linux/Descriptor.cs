using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TimeSuite.Linux;

/// <summary>A file descriptor that is closed exactly once. Passing it to a call keeps it open for the length of the call.</summary>
public sealed partial class Descriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>Takes over a descriptor, e.g. one that systemd handed down.</summary>
    public Descriptor(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>The number, for messages and for who takes a number.</summary>
    public int Number => (int)handle;

    /// <summary>The descriptor of a call that succeeded; throws for one that did not.</summary>
    internal static Descriptor FromCall(int result, string call) => new(Errno.Check(result, call));

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Close((int)handle) == 0;

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
