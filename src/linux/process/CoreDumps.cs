using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>Keeps this process's memory from the disk and from debuggers of the same user.</summary>
public static partial class CoreDumps
{
    private const int PrSetDumpable = 4;

    /// <summary>No core dump, no ptrace and no /proc/PID/mem by anybody but root. See prctl(2), PR_SET_DUMPABLE.</summary>
    public static void Forbid() => Errno.Check(Prctl(PrSetDumpable, 0, 0, 0, 0), "prctl PR_SET_DUMPABLE");

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);
}
