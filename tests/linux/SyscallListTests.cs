namespace TimeSuite.Linux.Tests;

public sealed class SyscallListTests
{
    private static readonly string s_folder = Path.Combine(Repository.Root, "seccomp");

    public static TheoryData<string> Daemons => ["clockd", "ntpd", "ntskeyd", "ptpd", "lookupd"];

    [Theory]
    [MemberData(nameof(Daemons))]
    public void Every_line_of_every_list_names_a_system_call_and_says_why(string daemon) =>
        Assert.All(Read(daemon), rule => Assert.True(SeccompFilter.IsKnown(rule.Name) && rule.Reason.Length > 2, $"{rule.Name}: {rule.Reason}"));

    [Theory]
    [MemberData(nameof(Daemons))]
    public void No_list_lets_a_daemon_become_another_program_or_look_into_one(string daemon) =>
        Assert.Empty(Read(daemon).Select(rule => rule.Name).Intersect(
        [
            "execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev", "mount", "umount2", "init_module", "finit_module", "delete_module", "kexec_load", "bpf",
            "perf_event_open", "userfaultfd", "io_uring_setup", "unshare", "setns", "chroot", "pivot_root", "keyctl", "add_key", "setuid", "setgid", "setresuid", "capset", "reboot", "kill", "seccomp", "personality", "pkey_mprotect", "shmat",
        ]));

    [Theory]
    [MemberData(nameof(Daemons))]
    public void Only_clockd_sets_clocks(string daemon)
    {
        bool does = Read(daemon).Any(rule => rule.Name is "adjtimex" or "clock_adjtime" or "clock_settime" or "settimeofday" or "stime");

        Assert.Equal(daemon == "clockd", does);
    }

    [Theory]
    [MemberData(nameof(Daemons))]
    public void Only_lookupd_maps_code_and_only_ptpd_opens_raw_sockets(string daemon)
    {
        var rules = Read(daemon);

        Assert.Equal(daemon == "lookupd", rules.Any(rule => rule.Name is "mmap" or "mprotect" && !rule.Conditions.Any(condition => condition is { Argument: 2, Test: ArgumentTest.Lacks, Values: [4] })));
        Assert.Equal(daemon == "ptpd", rules.Any(rule => rule is { Name: "socket", Answer: null } && rule.Conditions[0].Values.Contains(17U)));
        Assert.All(rules.Where(rule => rule is { Name: "socket" or "clone" or "ioctl" or "prctl" or "setsockopt" or "fcntl" or "tgkill", Answer: null }), rule => Assert.NotEmpty(rule.Conditions));
    }

    [Fact]
    public void Conditions_and_answers_are_read()
    {
        var rules = SyscallList.Read("a", name => name == "a"
            ? "# nothing\ninclude b\nsocket arg0 in AF_UNIX 2 # why\nsocket arg0 outside AF_UNIX 2 -> EAFNOSUPPORT # because\n"
            : "mmap arg2 lacks PROT_EXEC arg0 null # so\n");

        Assert.Equal(["mmap", "socket", "socket"], rules.Select(rule => rule.Name));
        Assert.Equal((2, ArgumentTest.Lacks, 4U), (rules[0].Conditions[0].Argument, rules[0].Conditions[0].Test, rules[0].Conditions[0].Values[0]));
        Assert.Equal((0, ArgumentTest.Null), (rules[0].Conditions[1].Argument, rules[0].Conditions[1].Test));
        Assert.Equal([1U, 2U], rules[1].Conditions[0].Values);
        Assert.Equal((97, "because"), (rules[2].Answer, rules[2].Reason));
        Assert.Equal(2, SeccompFilter.Compile(rules[1]).Count());
        Assert.Equal(62, SeccompFilter.Compile(rules[2]).Count());
        Assert.Equal(2, Assert.Single(SeccompFilter.Compile(rules[0])).Length);
    }

    [Theory]
    [InlineData("read", "a reason is missing")]
    [InlineData("read # ", "a reason is missing")]
    [InlineData("socket arg0 in # why", "0 values behind in")]
    [InlineData("socket arg0 in AF_NONE # why", "'AF_NONE' is neither")]
    [InlineData("socket arg0 equals 1 # why", "'equals' is not")]
    [InlineData("socket arg6 in 1 # why", "'arg6'")]
    [InlineData("socket 1 # why", "'1'")]
    [InlineData("mmap arg2 lacks 1 2 # why", "2 values behind lacks")]
    [InlineData("mmap arg2 lacks 4 arg2 has 1 # why", "two conditions")]
    [InlineData("clone3 -> # why", "behind ->")]
    [InlineData("clone3 -> ENOSYS 1 # why", "behind ->")]
    public void What_is_wrong_is_told_with_its_line(string line, string complaint)
    {
        var exception = Assert.Throws<InvalidDataException>(() => SyscallList.Read("x", _ => $"\n{line}"));

        Assert.StartsWith("seccomp/x.list(2): ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(complaint, exception.Message, StringComparison.Ordinal);
    }

    /// <summary>A constant that is wrong would let the wrong thing through: the kernel's headers say what is right.</summary>
    [Fact]
    public void The_numbers_of_ioctls_are_those_that_the_kernel_computes()
    {
        // _IOC(direction, '=', number, size) of asm-generic/ioctl.h; sizes of structures in linux/ptp_clock.h
        static uint Ioc(uint direction, uint number, uint size) => direction << 30 | size << 16 | (uint)'=' << 8 | number;
        Assert.Equal(Ioc(2, 1, 80), KernelNames.Value("PTP_CLOCK_GETCAPS"));
        Assert.Equal(Ioc(1, 5, 832), KernelNames.Value("PTP_SYS_OFFSET"));
        Assert.Equal(Ioc(3, 8, 64), KernelNames.Value("PTP_SYS_OFFSET_PRECISE"));
        Assert.Equal(Ioc(3, 9, 1216), KernelNames.Value("PTP_SYS_OFFSET_EXTENDED"));
        Assert.Equal(Ioc(1, 2, 16), KernelNames.Value("PTP_EXTTS_REQUEST"));
        Assert.Equal(Ioc(1, 7, 96), KernelNames.Value("PTP_PIN_SETFUNC"));
    }

    private static IReadOnlyList<SyscallRule> Read(string daemon) => SyscallList.Read(daemon, name => File.ReadAllText(Path.Combine(s_folder, name + ".list")));
}
