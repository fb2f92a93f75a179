using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>Pages of 2 MiB, which a kernel may give unasked (transparent_hugepage "always"): a thread that touches three pages of its stack has 2 MiB then.</summary>
public static partial class HugePages
{
    private const int PrSetThpDisable = 41;

    /// <summary>None for this process from now on. See prctl(2), PR_SET_THP_DISABLE. A kernel without them has nothing to refuse.</summary>
    public static void Forbid() => _ = Prctl(PrSetThpDisable, 1, 0, 0, 0);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);
}
