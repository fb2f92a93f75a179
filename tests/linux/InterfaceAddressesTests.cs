using System.Net;

namespace TimeSuite.Linux.Tests;

public sealed class InterfaceAddressesTests
{
    [Fact]
    public void They_are_those_that_NET_finds()
    {
        var expected = global::System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(nic => nic.GetIPProperties().UnicastAddresses.Select(one => (nic.Name, Text(one.Address)))).ToHashSet();

        var found = InterfaceAddresses.List();

        Assert.Equal(expected, found.Select(one => (one.Interface, Text(one.Address))).ToHashSet());
        Assert.Contains(new("lo", true, IPAddress.Loopback), found);
        Assert.All(found, one => Assert.Equal(one.Interface == "lo", one.IsLoopback));
    }

    private static string Text(IPAddress address) => address.ToString().Split('%')[0]; // without the scope
}
