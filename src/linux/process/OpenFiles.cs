using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>How many descriptors this process may have. See getrlimit(2), RLIMIT_NOFILE.</summary>
public static partial class OpenFiles
{
    private const int RlimitNofile = 7;

    /// <summary>The limit in force now, at most <see cref="int.MaxValue"/>.</summary>
    public static int Limit
    {
        get
        {
            Errno.Check(GetLimit(RlimitNofile, out var limit), "getrlimit RLIMIT_NOFILE");
            return (int)Math.Min(limit.Current, int.MaxValue);
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, out Limits limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limits
    {
        public ulong Current, Most;
    }
}
