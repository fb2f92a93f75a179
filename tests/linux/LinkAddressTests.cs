using System.Diagnostics;

namespace TimeSuite.Linux.Tests;

public sealed class LinkAddressTests
{
    [Fact]
    public void An_interface_that_is_not_there_is_not_found()
    {
        Assert.False(LinkAddress.TryFind("nosuchlink", out _));
        Assert.False(LinkAddress.TryFind("a-name-that-no-interface-can-have", out _));
        Assert.False(LinkAddress.IsUp("nosuchlink"));
    }

    [Fact]
    public void The_loopback_has_a_number_and_no_hardware_address()
    {
        Assert.True(LinkAddress.TryFind("lo", out var link));
        Assert.Equal(new LinkAddress("lo", 1, 0), link);
    }

    /// <summary>/sys/class/net goes on to show the namespace in which it was mounted, as it does to a daemon that systemd starts with a NetworkNamespacePath.</summary>
    [RootFact]
    public void Interfaces_are_those_of_our_own_network_namespace() => OwnThread.Run(() =>
    {
        Assert.Equal(0, NativeCalls.Unshare(NativeCalls.NewNetwork));
        using (var ip = Process.Start("ip", "link add timesuite0 address 02:00:5e:00:53:07 type veth peer name timesuite1"))
        {
            ip.WaitForExit(); // started from this thread, it is in this thread's namespace
            Assert.Equal(0, ip.ExitCode);
        }

        Assert.False(LinkAddress.IsUp("timesuite0"));
        using (var ip = Process.Start("ip", "link set timesuite0 up"))
        {
            ip.WaitForExit();
        }

        Assert.True(LinkAddress.IsUp("timesuite0"));
        Assert.True(LinkAddress.TryFind("timesuite0", out var link));
        Assert.Equal(0x02005E005307UL, link.Mac);
        Assert.Superset(new HashSet<string> { "lo", "timesuite0", "timesuite1" }, InterfaceAddresses.Names().ToHashSet());
        Assert.All(Directory.GetFileSystemEntries("/sys/class/net").Select(path => Path.GetFileName(path)!).Except(InterfaceAddresses.Names()), other => Assert.False(LinkAddress.TryFind(other, out _)));
    });
}
