using System.Runtime.InteropServices;

namespace TimeSuite.Linux.Tests;

/// <summary>What the tests need of the system and the library does not offer.</summary>
internal static class NativeCalls
{
    public const int NewNetwork = 0x40000000; // CLONE_NEWNET

    [DllImport("libc", EntryPoint = "dup")]
    public static extern int Dup(int fd);

    [DllImport("libc", EntryPoint = "unshare")]
    public static extern int Unshare(int flags);

    [DllImport("libc", EntryPoint = "mkfifo", CharSet = CharSet.Ansi)]
    public static extern int MakeFifo(string path, int mode);
}
