using System.ComponentModel;
using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>The system call adjtimex(2), so that tests can put a model of the kernel in its place.</summary>
public interface IAdjtimex
{
    /// <summary>Sets what <see cref="Timex.modes"/> names, then fills in the rest.</summary>
    /// <exception cref="Win32Exception">EPERM without CAP_SYS_TIME, EINVAL for values out of range.</exception>
    void Adjust(ref Timex timex);
}

/// <summary>The running kernel. Anything but <c>modes = 0</c> sets the machine's clock.</summary>
public sealed partial class KernelAdjtimex : IAdjtimex
{
    /// <inheritdoc/>
    public void Adjust(ref Timex timex)
    {
        if (CallAdjtimex(ref timex) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new Win32Exception(error, $"adjtimex (modes {timex.modes:x}): {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    [LibraryImport("libc", EntryPoint = "adjtimex", SetLastError = true)]
    private static partial int CallAdjtimex(ref Timex timex);
}
