using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Ptp;
using TimeSuite.Ptpd.Hardware;

namespace TimeSuite.Ptpd.Tests;

/// <summary>A port on an interface of a network namespace of its own.</summary>
public sealed class PortDriverTests
{
    private const int NewNetwork = 0x40000000; // CLONE_NEWNET

    [RootFact]
    public void A_port_on_an_interface_that_is_down_says_so_once_and_starts_when_it_is_up() => Run((driver, log) =>
    {
        driver.Start();
        driver.Start();

        Assert.Equal("the interface is down", driver.Trouble);
        Assert.Contains("the interface is down", Assert.Single(log.Lines), StringComparison.Ordinal);

        Ip("link set timesuite0 up");
        driver.Start();
        Assert.Null(driver.Trouble);
        Assert.Equal(PortState.Listening, driver.Port.State);
        Assert.Single(log.Lines, line => line.Contains("stamped by software", StringComparison.Ordinal));
    });

    [RootFact]
    public void A_listening_port_notices_that_its_interface_is_set_down() => Run((driver, log) =>
    {
        Ip("link set timesuite0 up");
        driver.Start();
        driver.LookForInterface();
        Assert.Null(driver.Trouble);

        Ip("link set timesuite0 down");
        driver.LookForInterface();
        int said = log.Lines.Count;
        driver.Start();
        driver.LookForInterface();

        Assert.Equal(("the interface is down", PortState.Faulty), (driver.Trouble, driver.Port.State));
        Assert.Equal(said, log.Lines.Count);
    });

    [RootFact]
    public void A_port_that_opens_and_cannot_send_says_so_once() => Run((driver, log) =>
    {
        Ip("link set timesuite0 up addrgenmode none"); // without an address nothing leaves over IPv6
        for (int i = 0; i < 3; i++)
        {
            driver.Start();
            driver.SendGeneral(new byte[44], Destination.Group);
            Assert.Contains("has no address", driver.Trouble, StringComparison.Ordinal);
        }

        Assert.Single(log.Lines, line => line.Contains("does not work", StringComparison.Ordinal));
        Assert.Single(log.Lines, line => line.Contains("Initializing -> Listening", StringComparison.Ordinal));
        Assert.Single(log.Lines, line => line.Contains("stamped by software", StringComparison.Ordinal));
    }, PtpConfig.PtpTransport.Udp6);

    [Theory]
    [InlineData(13, PtpConfig.PtpTransport.Udp4, "CAP_NET_BIND_SERVICE")]
    [InlineData(13, PtpConfig.PtpTransport.Udp6, "CAP_NET_BIND_SERVICE")]
    [InlineData(1, PtpConfig.PtpTransport.Ethernet, "CAP_NET_RAW")]
    [InlineData(1, PtpConfig.PtpTransport.Ethernet, "systemctl daemon-reload && systemctl restart timesuite-ptpd")]
    public void A_missing_right_is_named_with_what_gives_it(int error, PtpConfig.PtpTransport transport, string remedy) =>
        Assert.Contains(remedy, MissingRight.Remedy(error, transport, default), StringComparison.Ordinal);

    [Fact]
    public void No_right_is_named_where_it_is_held_or_is_not_what_is_missing()
    {
        const int addressInUse = 98;
        Assert.Empty(MissingRight.Remedy(addressInUse, PtpConfig.PtpTransport.Udp4, default));
        Assert.Empty(MissingRight.Remedy(13, PtpConfig.PtpTransport.Udp4, default(Capabilities) with { Permitted = 1UL << Capabilities.NetBindService }));
    }

    private static void Run(Action<PortDriver, LinesOf> test, PtpConfig.PtpTransport transport = PtpConfig.PtpTransport.Udp4)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Assert.Equal(0, Unshare(NewNetwork));
                Ip("link add timesuite0 address 02:00:5e:00:53:07 type veth peer name timesuite1");
                var log = new LinesOf();
                var config = new PtpConfig { Interfaces = ["timesuite0"], Transport = transport };
                var profile = Profile.Of(config);
                var instance = new PtpInstance(profile.Own with { Identity = new(1), SlaveOnly = true }, profile.Rule, () => 0.5);
                using var loop = new EventLoop();
                using var clock = new SuiteClock("/nonexistent/clock", "/nonexistent/leap", isLocalReference: false);
                using var hardware = new PhcSet(config, loop, clock, "/nonexistent/clockd.sock", log);
                using var driver = new PortDriver("timesuite0", profile, arbitraryIsUtc: false, instance, loop, clock, new ServedTime(clock, arbitraryIsUtc: false) { Instance = instance }, hardware, log);
                test(driver, log);
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    private static void Ip(string arguments)
    {
        using var ip = Process.Start("ip", arguments);
        ip.WaitForExit(); // started from this thread, it is in this thread's namespace
        Assert.Equal(0, ip.ExitCode);
    }

    [DllImport("libc", EntryPoint = "unshare")]
    private static extern int Unshare(int flags);
}
