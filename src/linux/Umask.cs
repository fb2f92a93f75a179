using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>The permissions that new files do not get. See umask(2).</summary>
public static partial class Umask
{
    /// <summary>From now on, what this process creates is for its own user alone.</summary>
    public static void OwnerOnly() => _ = SetUmask(0x3F); // 077

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetUmask(uint mask);
}
