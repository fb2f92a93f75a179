using System.Globalization;
using System.Net.Sockets;
using System.Text;
using TimeSuite.Time;

namespace TimeSuite.Linux.Tests;

public sealed class ServiceManagerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_manager_hears_each_message(bool isAbstract)
    {
        using var folder = new ScratchFolder();
        string name = isAbstract ? $"@timesuite-test-{Guid.NewGuid()}" : folder["notify"];
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
        manager.Bind(new UnixDomainSocketEndPoint(isAbstract ? "\0" + name[1..] : name));
        using var readiness = new Readiness(name, Duration.FromSeconds(10L));

        readiness.Ready();
        readiness.Status("synchronised\nto 3 sources");
        readiness.Reloading(Duration.FromSeconds(1.5));
        readiness.WatchdogWait(null);
        readiness.Stopping();

        string[] expected = ["READY=1", "STATUS=synchronised to 3 sources", "RELOADING=1\nMONOTONIC_USEC=1500000", "WATCHDOG=1", "STOPPING=1"];
        Assert.Equal(expected, expected.Select(_ => ReceiveFrom(manager)));
    }

    [Fact]
    public void A_loop_gives_one_sign_of_life_in_half_the_interval_and_never_waits_longer()
    {
        using var folder = new ScratchFolder();
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000, Blocking = true };
        manager.Bind(new UnixDomainSocketEndPoint(folder["notify"]));
        using var readiness = new Readiness(folder["notify"], Duration.FromSeconds(100L));

        var first = readiness.WatchdogWait(null);
        var second = readiness.WatchdogWait(Duration.FromSeconds(1L));
        readiness.Stopping();

        Assert.InRange(first!.Value.Seconds, 49, 50);
        Assert.Equal(Duration.FromSeconds(1L), second);
        Assert.Equal(["WATCHDOG=1", "STOPPING=1"], new[] { ReceiveFrom(manager), ReceiveFrom(manager) });
        using var unwatched = new Readiness(folder["notify"], null);
        Assert.Null(unwatched.WatchdogWait(null));
    }

    [Fact]
    public void A_loop_that_runs_reassures_the_manager_by_itself()
    {
        using var folder = new ScratchFolder();
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
        manager.Bind(new UnixDomainSocketEndPoint(folder["notify"]));
        using var readiness = new Readiness(folder["notify"], Duration.FromSeconds(0.2));
        using var loop = new EventLoop();
        loop.Reassure(readiness);
        var thread = new Thread(() => loop.Run(() => null, _ => { }));
        thread.Start();

        string[] heard = [ReceiveFrom(manager), ReceiveFrom(manager), ReceiveFrom(manager)];
        loop.Stop();
        thread.Join();

        Assert.All(heard, message => Assert.Equal("WATCHDOG=1", message));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/nowhere/at/all")]
    public void Nobody_who_listens_is_no_fault(string? socket)
    {
        using var readiness = new Readiness(socket, null);

        readiness.Ready();
        readiness.Stopping();
    }

    [Fact]
    public void The_environment_is_read_once_and_only_if_it_is_for_this_process()
    {
        Environment.SetEnvironmentVariable("WATCHDOG_USEC", "3000000");
        Environment.SetEnvironmentVariable("WATCHDOG_PID", Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        using (var ours = Readiness.FromEnvironment())
        {
            Assert.Equal(Duration.FromSeconds(3L), ours.WatchdogInterval);
        }

        Environment.SetEnvironmentVariable("WATCHDOG_USEC", "3000000");
        Environment.SetEnvironmentVariable("WATCHDOG_PID", "1");
        using (var others = Readiness.FromEnvironment())
        {
            Assert.Null(others.WatchdogInterval);
        }

        Assert.Null(Environment.GetEnvironmentVariable("WATCHDOG_USEC"));
    }

    [Fact]
    public void Sockets_are_handed_out_by_name_once()
    {
        var sockets = ListenFds.Parse(pid: "77", count: "3", names: "clockd.socket:status:", ownPid: 77);

        Assert.Equal(["clockd.socket", "status", ""], sockets.Names);
        using var none = sockets.Take("ntpd.socket");
        Assert.Null(none);
        var status = sockets.Take("status")!;
        Assert.Equal(4, status.Number);
        status.SetHandleAsInvalid(); // 4 is not ours to close
        Assert.Null(sockets.Take("status"));
        Assert.Equal(["clockd.socket", ""], sockets.Names);
    }

    [Theory]
    [InlineData("78", "1", "a")]
    [InlineData(null, "1", "a")]
    [InlineData("77", null, "a")]
    [InlineData("77", "-1", "a")]
    [InlineData("77", "1000000", "a")]
    [InlineData("77", "one", "a")]
    public void What_is_for_another_process_or_malformed_is_nothing(string? pid, string? count, string? names) =>
        Assert.Empty(ListenFds.Parse(pid, count, names, ownPid: 77).Names);

    [Fact]
    public void Sockets_without_names_are_there_all_the_same() =>
        Assert.Equal(["unknown", "unknown"], ListenFds.Parse("77", "2", null, ownPid: 77).Names);

    private static string ReceiveFrom(Socket manager)
    {
        byte[] buffer = new byte[256];
        return Encoding.UTF8.GetString(buffer, 0, manager.Receive(buffer));
    }
}
