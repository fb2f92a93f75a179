using System.Net;

namespace TimeSuite.Linux.Tests;

public sealed class DatagramAddressTests
{
    [Theory]
    [InlineData("192.0.2.1", 123, "192.0.2.1:123")]
    [InlineData("2001:db8::1", 65535, "[2001:db8::1]:65535")]
    [InlineData("fe80::1%3", 123, "[fe80::1%3]:123")]
    [InlineData("::ffff:192.0.2.1", 123, "192.0.2.1:123")]
    public void An_address_survives_the_way_through_a_sockaddr(string address, int port, string shown)
    {
        var original = DatagramAddress.From(IPAddress.Parse(address), port);
        byte[] sockaddr = new byte[original.Size];
        original.WriteSockaddr(sockaddr);

        Assert.Equal(original, DatagramAddress.FromSockaddr(sockaddr));
        Assert.Equal(shown, original.ToString());
        Assert.Equal(original, DatagramAddress.From(original.ToIPAddress(), port));
    }

    [Fact]
    public void A_sockaddr_has_its_octets_where_the_kernel_looks()
    {
        byte[] sockaddr = new byte[16];
        DatagramAddress.From(IPAddress.Parse("192.0.2.1"), 123).WriteSockaddr(sockaddr);

        Assert.Equal([2, 0, 0, 123, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0], sockaddr);

        byte[] sockaddr6 = new byte[28];
        DatagramAddress.From(IPAddress.Parse("fe80::2%5"), 258).WriteSockaddr(sockaddr6);

        Assert.Equal([10, 0, 1, 2, 0, 0, 0, 0, 0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 5, 0, 0, 0], sockaddr6);
    }

    [Fact]
    public void Other_families_and_short_ones_are_no_address()
    {
        Assert.False(DatagramAddress.FromSockaddr(new byte[28]).IsKnown);
        Assert.False(DatagramAddress.FromSockaddr([2, 0, 0]).IsKnown);
        Assert.False(DatagramAddress.FromSockaddr([10, 0, 0, 123, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).IsKnown);
        Assert.Equal("(no address)", default(DatagramAddress).ToString());
    }

    [Theory]
    [InlineData("fe80::1", true)]
    [InlineData("febf::1", true)]
    [InlineData("fec0::1", false)]
    [InlineData("::1", false)]
    [InlineData("169.254.0.1", false)]
    public void Only_IPv6_link_local_addresses_need_an_interface(string address, bool isLinkLocal) =>
        Assert.Equal(isLinkLocal, DatagramAddress.From(IPAddress.Parse(address), 0).IsLinkLocal);

    [Theory]
    [InlineData(-1)]
    [InlineData(65536)]
    public void A_port_outside_of_its_range_is_refused(int port) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => DatagramAddress.From(IPAddress.Loopback, port));

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.255.255.255", true)]
    [InlineData("128.0.0.1", false)]
    [InlineData("::1", true)]
    [InlineData("::2", false)]
    [InlineData("::127.0.0.1", false)]
    public void Loopback_is_this_machine_alone(string address, bool expected) =>
        Assert.Equal(expected, DatagramAddress.From(IPAddress.Parse(address), 123).IsLoopback);
}
