using System.ComponentModel;
using System.Runtime.InteropServices;

namespace TimeSuite.System.Tests.Suite;

/// <summary>The numbers are the same on every machine that Linux and .NET run on.</summary>
internal enum Signal
{
    HangUp = 1,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>What the tests need of the system and .NET does not offer.</summary>
internal static class Native
{
    public const int Nobody = 65534;

    private static readonly bool s_isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    public static uint OwnUid => GetEuid();

    public static void Send(int process, Signal signal)
    {
        if (Kill(process, (int)signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"kill {process} with {signal}");
        }
    }

    /// <summary>Makes the calling thread, and it alone, an ordinary user's for good. Only root may; the thread should end soon.</summary>
    /// <remarks>The system calls themselves: libc's functions would change every thread of the process.</remarks>
    public static void BecomeNobody()
    {
        Check(SystemCall(s_isArm ? 159 : 116, 0, 0, 0), "setgroups");
        Check(SystemCall(s_isArm ? 149 : 119, Nobody, Nobody, Nobody), "setresgid");
        Check(SystemCall(s_isArm ? 147 : 117, Nobody, Nobody, Nobody), "setresuid");
    }

    private static void Check(nint result, string call)
    {
        if (result != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), call);
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint GetEuid();

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern nint SystemCall(nint number, nint first, nint second, nint third);
}
