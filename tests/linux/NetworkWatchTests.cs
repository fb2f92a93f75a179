using System.Diagnostics;
using TimeSuite.Time;

namespace TimeSuite.Linux.Tests;

public sealed class NetworkWatchTests
{
    [RootFact]
    public void Interfaces_and_addresses_that_change_are_noticed() => OwnThread.Run(() =>
    {
        Assert.Equal(0, NativeCalls.Unshare(NativeCalls.NewNetwork)); // this thread's own network, and what it starts
        using var watch = new NetworkWatch();
        using var poller = new Poller();
        poller.Add(watch.Descriptor, 1);
        Assert.False(watch.Drain());

        foreach (string change in (string[])["link set lo up", "address add 127.0.0.77/32 dev lo", "address del 127.0.0.77/32 dev lo", "link set lo down"])
        {
            using var ip = Process.Start("ip", change.Split(' '));
            ip.WaitForExit();
            Assert.Equal(0, ip.ExitCode);

            Assert.Equal(1, poller.Wait(Duration.FromSeconds(30L), new PollEvent[1]));
            Assert.True(watch.Drain(), change);
            Assert.False(watch.Drain(), change);
        }
    });
}
