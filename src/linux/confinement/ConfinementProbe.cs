using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>One thing that was tried from inside.</summary>
/// <param name="Name">What: a system call, or a deed with one.</param>
/// <param name="Errno">What came of it: 0 if it went through.</param>
/// <param name="IsRefused">Whether something stood in its way, rather than that the attempt made no sense.</param>
/// <param name="IsByFilter">Whether that was the filter beyond doubt: what closing it changed. Else it was refused before, too, by a right that is not there, a profile or a kernel that lacks the call.</param>
public sealed record ProbeOutcome(string Name, int Errno, bool IsRefused, bool IsByFilter = false)
{
    /// <summary>The error in the kernel's words.</summary>
    public string Error => Errno == 0 ? "went through" : Marshal.GetPInvokeErrorMessage(Errno);
}

/// <summary>Tries what no daemon should be able to do, in ways that do no harm where it is possible: with pointers to nothing and files that are not there.</summary>
/// <remarks>The kernel answers EFAULT, ENOENT, EBADF or EINVAL to such a call that it lets through, EPERM, EACCES or EAFNOSUPPORT to one that it does not, and ENOSYS to one that it lacks.</remarks>
public static unsafe partial class ConfinementProbe
{
    private const nint Nothing = 0, BadFd = -1;
    private const int ProtReadExec = 5, ProtReadWrite = 3, PrivateAnonymous = 0x22, Page = 4096, AfInet = 2, AfNetlink = 16, AfPacket = 17, SockStream = 1, SockRaw = 3, NetlinkAudit = 9, ReadOnly = 0, SetUserId = 0x9ED, CreateNew = 0xC1, OwnerOnly = 0x180; // 04755; O_WRONLY | O_CREAT | O_EXCL, 0600

    /// <summary>Tries everything, before the filter is closed and after.</summary>
    /// <param name="files">What is to be opened for reading beside that.</param>
    /// <param name="close">Closes the filter.</param>
    public static IReadOnlyList<ProbeOutcome> Run(IReadOnlyList<string> files, Action close)
    {
        ArgumentNullException.ThrowIfNull(close);
        var before = Calls();
        close();
        return [.. before.Zip(Calls(), Compare), .. Files(files)];
    }

    private static ProbeOutcome Compare(ProbeOutcome before, ProbeOutcome after) => after.Errno == Errno.ENOSYS
        ? after with { IsRefused = before.Errno == Errno.ENOSYS } // else it has an answer that looks like a kernel's without it: nothing has refused it
        : after with { IsByFilter = after.IsRefused && after.Errno != before.Errno };

    private static IReadOnlyList<ProbeOutcome> Calls()
    {
        fixed (byte* nowhere = "/nowhere/at/all\0"u8)
        {
            return
            [
                Try("execve", (nint)nowhere),
                Try("execveat", BadFd, (nint)nowhere),
                Try("fork", "clone", 17), // SIGCHLD: clone of a process, which would end at once below
                Try("ptrace", 3, 1), // PTRACE_PEEKUSER of init: ESRCH, for it is not traced
                Try("process_vm_readv", 1),
                Try("clock_settime", 0, Nothing),
                Try("settimeofday", 1, 1), // at addresses where nothing is
                Try("adjtimex", Nothing),
                Try("clock_adjtime", 0, Nothing),
                Try("socket AF_PACKET", "socket", AfPacket, SockRaw, 0),
                Try("socket SOCK_STREAM", "socket", AfInet, SockStream, 0),
                Try("socket NETLINK_AUDIT", "socket", AfNetlink, SockRaw, NetlinkAudit),
                Try("mount", Nothing, Nothing, Nothing),
                Try("umount2", (nint)nowhere),
                Try("init_module", Nothing),
                Try("finit_module", BadFd),
                Try("kexec_load", 0, 99),
                Try("bpf", 0, Nothing, 1),
                Try("perf_event_open", Nothing, BadFd),
                Try("userfaultfd", -1),
                Try("io_uring_setup", 0, Nothing),
                Try("unshare", 0x1000_0000), // CLONE_NEWUSER, from a process with threads: EINVAL
                Try("setns", BadFd),
                Try("chroot", (nint)nowhere),
                Try("fchmod S_ISUID", "fchmod", BadFd, SetUserId),
                Try("keyctl", 99),
                Try("setuid", 0),
                Try("kill", 1, 0), // signal 0: nothing is sent
                Try("personality", unchecked((nint)0xFFFF_FFFFL)),
                TryMap("mmap PROT_EXEC", ProtReadExec),
                TryProtect(),
            ];
        }
    }

    private static IReadOnlyList<ProbeOutcome> Files(IReadOnlyList<string> files)
    {
        fixed (byte* shadow = "/etc/shadow\0"u8, elsewhere = "/tmp/timesuite-self-test\0"u8)
        {
            return
            [
                TryOpen("open /etc/shadow", (nint)shadow, ReadOnly),
                TryOpen("create in /tmp", (nint)elsewhere, CreateNew),
                .. files.Select(TryRead),
            ];
        }
    }

    private static ProbeOutcome Try(string name, nint first = 0, nint second = 0, nint third = 0) => Try(name, name, first, second, third);

    private static ProbeOutcome Try(string name, string call, nint first = 0, nint second = 0, nint third = 0)
    {
        if (SeccompFilter.NumberOf(call) is not { } number)
        {
            return new(name, Errno.ENOSYS, IsRefused: false);
        }

        int end = SeccompFilter.NumberOf("exit_group")!.Value; // found here: in the child another thread's locks stay locked
        nint result = SystemCall(number, first, second, third, 0, 0, 0);
        if (result == 0 && call == "clone")
        {
            SystemCall(end, 0, 0, 0, 0, 0, 0); // the child
        }

        if (result >= 0 && call == "socket")
        {
            SystemCall(SeccompFilter.NumberOf("close")!.Value, result, 0, 0, 0, 0, 0);
        }

        return Judge(name, result);
    }

    private static ProbeOutcome TryMap(string name, int protection)
    {
        nint address = SystemCall(SeccompFilter.NumberOf("mmap")!.Value, 0, Page, protection, PrivateAnonymous, -1, 0);
        var outcome = Judge(name, address);
        if (outcome.Errno == 0)
        {
            SystemCall(SeccompFilter.NumberOf("munmap")!.Value, address, Page, 0, 0, 0, 0);
        }

        return outcome;
    }

    private static ProbeOutcome TryProtect()
    {
        nint address = SystemCall(SeccompFilter.NumberOf("mmap")!.Value, 0, Page, ProtReadWrite, PrivateAnonymous, -1, 0);
        var outcome = Judge("mprotect PROT_EXEC", SystemCall(SeccompFilter.NumberOf("mprotect")!.Value, address, Page, ProtReadExec, 0, 0, 0));
        SystemCall(SeccompFilter.NumberOf("munmap")!.Value, address, Page, 0, 0, 0, 0);
        return outcome;
    }

    private static ProbeOutcome TryRead(string file)
    {
        fixed (byte* path = global::System.Text.Encoding.UTF8.GetBytes(file + '\0'))
        {
            return TryOpen($"read {file}", (nint)path, ReadOnly);
        }
    }

    private static ProbeOutcome TryOpen(string name, nint path, int flags)
    {
        const nint atCurrentDirectory = -100;
        nint fd = SystemCall(SeccompFilter.NumberOf("openat")!.Value, atCurrentDirectory, path, flags, OwnerOnly, 0, 0);
        var outcome = Judge(name, fd);
        if (outcome.Errno == 0)
        {
            SystemCall(SeccompFilter.NumberOf("close")!.Value, fd, 0, 0, 0, 0, 0);
            if (flags == CreateNew)
            {
                SystemCall(SeccompFilter.NumberOf("unlinkat")!.Value, atCurrentDirectory, path, 0, 0, 0, 0);
            }
        }

        return outcome;
    }

    private static ProbeOutcome Judge(string name, nint result)
    {
        int error = result == -1 ? Errno.Last : 0;
        return new(name, error, error is Errno.EPERM or Errno.EACCES or Errno.EAFNOSUPPORT);
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);
}
