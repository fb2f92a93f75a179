using System.Net.Sockets;
using System.Text.Json;
using TimeSuite.Linux;
using TimeSuite.System.Tests.Suite;

namespace TimeSuite.System.Tests;

/// <summary>Each daemon, as it is shipped, closes its filter and then tries what it should not be able to do (threats.md, row 66). It had tried the same before, so that what the filter refuses is told from what rights that are not there do.</summary>
public sealed class ConfinementTests
{
    private static readonly string[] s_neverPossible =
    [
        "execve", "execveat", "fork", "ptrace", "process_vm_readv", "clock_settime", "settimeofday", "mount", "umount2", "init_module", "finit_module", "kexec_load", "bpf", "perf_event_open",
        "userfaultfd", "io_uring_setup", "unshare", "setns", "chroot", "keyctl", "setuid", "kill", "personality", "socket NETLINK_AUDIT",
    ];

    /// <summary>What takes no right that a test may lack, so that nothing but the filter refuses it. As a unit of systemd, or the daemon itself gives up rights first.</summary>
    private static readonly string[] s_byFilterAlone = ["execve", "execveat", "fork", "process_vm_readv", "setns", "unshare", "personality", "socket NETLINK_AUDIT"];

    private static readonly string[] s_asAUnit = ["/bin/sh", "-c", "export SYSTEMD_EXEC_PID=$$; exec \"$@\"", "as-a-unit"];

    private static readonly string[] s_ofSomeDaemon = ["adjtimex", "clock_adjtime", "socket AF_PACKET", "socket SOCK_STREAM", "mmap PROT_EXEC", "mprotect PROT_EXEC"];

    public static TheoryData<string, string[]> Daemons => new()
    {
        { "clockd", ["adjtimex", "clock_adjtime"] },
        { "ntpd", [] },
        { "ntskeyd", ["socket SOCK_STREAM"] },
        { "ptpd", ["socket AF_PACKET"] },
        { "lookupd", ["socket SOCK_STREAM", "mmap PROT_EXEC", "mprotect PROT_EXEC"] },
    };

    [Theory]
    [MemberData(nameof(Daemons))]
    public async Task A_daemon_can_do_nothing_that_is_not_its_work(string daemon, string[] work)
    {
        string folder = Directory.CreateTempSubdirectory("confinement-").FullName;
        string config = Path.Combine(folder, "timesuite.toml");
        await global::System.IO.File.WriteAllTextAsync(config, "[ptp]\ninterfaces = [\"lo\"]\ntransport = \"ethernet\"\n"); // so that ptpd has the right to packet sockets
        var (refused, byFilter, _) = await TriedAsync(s_asAUnit, daemon, "--runtime-dir", folder, "--state-dir", folder, "--config", config);
        Directory.Delete(folder, recursive: true);

        Assert.Empty(s_byFilterAlone.Except(byFilter));
        if (Capabilities.Read().Permitted == ~0UL >> 23) // all 41 of them: root outside of a container
        {
            Assert.Empty(s_neverPossible.Except(byFilter));
        }

        Assert.Empty(s_neverPossible.Except(refused));
        Assert.Equal(s_ofSomeDaemon.Except(work).Order(), s_ofSomeDaemon.Intersect(refused).Order());
    }

    [Theory]
    [InlineData("off", "NOT CONFINED")]
    [InlineData("nonsense", "is enforce, kill, log or off, and not 'nonsense'")]
    public async Task A_mode_that_does_not_confine_is_said_loudly(string mode, string words)
    {
        string folder = Directory.CreateTempSubdirectory("confinement-").FullName;
        try
        {
            using var child = Child.Start("lookupd", ["--runtime-dir", folder, "--seccomp", mode]);
            await Wait.UntilAsync(() => child.Log.Contains(words, StringComparison.Ordinal), TimeSpan.FromSeconds(10), words);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [RootFact]
    public async Task Without_systemd_a_daemon_writes_to_its_own_directories_only_and_has_no_right_it_does_not_need()
    {
        string folder = Directory.CreateTempSubdirectory("confinement-").FullName;
        try
        {
            string config = Path.Combine(folder, "timesuite.toml");
            ulong ours = Capabilities.Read().Permitted;
            foreach (var (daemon, configuration, words, needed) in ((string, string, string[], int[])[])
            [
                ("clockd", "", [], []), // no test may set the clock
                ("ntpd", "", [], []), // port 123 is opened by a thread that does nothing else
                ("ntskeyd", "", [], []),
                ("ntskeyd", "[nts-server]\nlisten = [\"127.0.0.1:460\"]\n[[nts-server.certificate]]\nchain = \"/chain.pem\"\nkey = \"/key.pem\"\n", [], [Capabilities.NetBindService]),
                ("ptpd", "[ptp]\ninterfaces = [\"lo\"]\n", [], [Capabilities.NetBindService]),
                ("ptpd", "[ptp]\ninterfaces = [\"lo\"]\ntransport = \"ethernet\"\n", [], [Capabilities.NetRaw]),
                ("ptpd", "[ptp]\ninterfaces = [\"lo\"]\n", ["--set-hardware-filters"], [Capabilities.NetAdmin]),
                ("lookupd", "", [], []),
            ])
            {
                await global::System.IO.File.WriteAllTextAsync(config, configuration);
                var (refused, _, capabilities) = await TriedAsync([], daemon, ["--runtime-dir", folder, "--state-dir", folder, "--config", config, .. words]);
                Assert.Equal(Landlock.Version > 0, refused.Contains("create in /tmp")); // a kernel without Landlock cannot do it
                Assert.Equal(needed.Where(capability => (ours >> capability & 1) == 1), capabilities);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [RootFact]
    public async Task Not_even_its_own_user_looks_into_the_memory_of_a_daemon()
    {
        string folder = Directory.CreateTempSubdirectory("confinement-").FullName;
        try
        {
            global::System.IO.File.SetUnixFileMode(folder, (UnixFileMode)0x1FF); // 0777
            string config = Path.Combine(folder, "timesuite.toml");
            await global::System.IO.File.WriteAllTextAsync(config, "[ptp]\ninterfaces = [\"lo\"]\n");
            string[] asNobody = ["setpriv", $"--reuid={Native.Nobody}", $"--regid={Native.Nobody}", "--clear-groups"];
            string[] whole = ["--config", config, "--state-dir", Path.Combine(folder, "state")];
            foreach (var (daemon, words, file) in ((string, string[], string)[])
            [
                ("ntskeyd", whole, "status.sock"), ("ntpd", whole, "status.sock"), ("ptpd", whole, "status.sock"), ("clockd", [.. whole, "--clock", "shadow", "--same-uid-roles"], "clockd.sock"), ("lookupd", [], "lookupd.sock"),
            ])
            {
                using var child = Child.StartWithin(asNobody, daemon, ["--runtime-dir", Path.Combine(folder, "run"), .. words]);
                string socket = Path.Combine(folder, "run", daemon, file);
                await Wait.UntilAsync(() => global::System.IO.File.Exists(socket), TimeSpan.FromSeconds(20), $"{daemon} listens: {child.Log}");
                Assert.Contains($"\nUid:\t{Native.Nobody}\t", await global::System.IO.File.ReadAllTextAsync($"/proc/{child.Pid}/status"), StringComparison.Ordinal);
                Assert.True(OwnThread.Run(asNobody: true, () => IsRefused($"/proc/{child.Pid}/mem") && IsRefused($"/proc/{child.Pid}/environ")), daemon);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task With_few_descriptors_the_daemons_answer_as_long_as_they_have_one_and_live()
    {
        string folder = Directory.CreateTempSubdirectory("confinement-").FullName;
        try
        {
            using var station = new Station("few", folder, []);
            station.Configure("");
            station.StartLookupd();
            station.StartClockd();
            await station.ClockdIsUpAsync();
            string lookupd = Path.Combine(station.Runtime, "lookupd/lookupd.sock");
            foreach (var (child, path, type) in new[] { (station.Clockd, station.ClockdSocket, SocketType.Stream), (station.Lookupd, lookupd, SocketType.Seqpacket) })
            {
                Limit(child.Pid, Directory.GetFiles($"/proc/{child.Pid}/fd").Length);
                var connections = Enumerable.Range(0, 6).Select(_ => Connect(path, type)).ToList();
                await Task.Delay(500);
                connections.ForEach(connection => connection.Dispose());
                Limit(child.Pid, 256);
                Assert.False(child.HasEnded, child.Log);
            }

            await station.DescribedAsync();
            Assert.Equal(0, OwnThread.Run(asNobody: false, () =>
            {
                using var again = Connect(lookupd, SocketType.Seqpacket);
                again.Send(new byte[1]);
                byte[] reply = new byte[2_000];
                return again.Receive(reply) - Lookup.LookupAnswer.Size;
            }));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Socket Connect(string path, SocketType type)
    {
        var socket = new Socket(AddressFamily.Unix, type, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static void Limit(int process, int files)
    {
        using var prlimit = global::System.Diagnostics.Process.Start("prlimit", [$"--pid={process}", $"--nofile={files}:"]);
        prlimit.WaitForExit();
        Assert.Equal(0, prlimit.ExitCode);
    }

    private static bool IsRefused(string file)
    {
        try
        {
            using var opened = global::System.IO.File.OpenRead(file);
            return opened.ReadByte() < -1;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
    }

    [Fact]
    public async Task The_running_daemons_are_filtered_on_every_thread_and_get_no_new_privileges()
    {
        string folder = Directory.CreateTempSubdirectory("confinement-").FullName;
        try
        {
            using var station = new Station("confined", folder, []);
            station.Configure("");
            station.Start();
            await station.IsSteeredAsync(TimeSpan.FromSeconds(20));
            foreach (var child in (Child[])[station.Clockd, station.Ntpd])
            {
                string[] statuses = [.. Directory.GetDirectories($"/proc/{child.Pid}/task").Select(thread => Path.Combine(thread, "status")).Where(global::System.IO.File.Exists).Select(global::System.IO.File.ReadAllText)];
                Assert.True(statuses.Length > 3);
                Assert.All(statuses, status => Assert.Contains("\nSeccomp:\t2\n", status, StringComparison.Ordinal));
                Assert.All(statuses, status => Assert.Contains("\nNoNewPrivs:\t1\n", status, StringComparison.Ordinal));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("lookupd", "--self-test-confinement")]
    [InlineData("ntskeyd", "--self-test-confinement")]
    [InlineData("lookupd", "--seccomp=enforce")]
    [InlineData("ntskeyd", "--seccomp=enforce")]
    public async Task Where_there_is_no_filter_to_be_had_a_daemon_says_so_and_ends_with_the_code_that_is_not_tried_again(string daemon, string mode)
    {
        string folder = Directory.CreateTempSubdirectory("confinement-").FullName;
        try
        {
            await global::System.IO.File.WriteAllTextAsync(Path.Combine(folder, "libseccomp.so.2"), "no library");
            string config = Path.Combine(folder, "timesuite.toml");
            await global::System.IO.File.WriteAllTextAsync(config, "");
            using var child = Child.StartWithin(["env", $"LD_LIBRARY_PATH={folder}"], daemon, [mode, "--runtime-dir", folder, .. daemon == "lookupd" ? (string[])[] : ["--state-dir", folder, "--config", config]]);

            Assert.Equal(2, await child.EndAsync(TimeSpan.FromSeconds(20)));
            await Wait.UntilAsync(() => child.Log.Contains("libseccomp.so.2 is not there", StringComparison.Ordinal), TimeSpan.FromSeconds(5), "the sentence");
            Assert.DoesNotContain("   at ", child.Log, StringComparison.Ordinal); // a stack
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(List<string> Refused, List<string> ByFilter, int[] Capabilities)> TriedAsync(IReadOnlyList<string> within, string daemon, params string[] arguments)
    {
        using var child = Child.StartWithin(within, daemon, ["--self-test-confinement", "--json", .. arguments]);
        Assert.Equal(0, await child.EndAsync(TimeSpan.FromSeconds(20)));
        await Task.Delay(100); // the last of its output
        using var report = JsonDocument.Parse(child.Output);
        Assert.Equal(daemon, report.RootElement.GetProperty("daemon").GetString());
        List<string> Those(string property) => [.. report.RootElement.GetProperty("outcomes").EnumerateArray().Where(row => row.GetProperty(property).GetBoolean()).Select(row => row.GetProperty("try").GetString()!)];
        return (Those("refused"), Those("by_filter"),
            [.. report.RootElement.GetProperty("capabilities").EnumerateArray().Select(capability => capability.GetInt32())]);
    }
}
