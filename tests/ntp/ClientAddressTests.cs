using System.Net;

namespace TimeSuite.Ntp.Tests;

public sealed class ClientAddressTests
{
    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("0.0.0.0")]
    [InlineData("255.255.255.255")]
    public void An_ipv4_address_is_the_one_mapped_into_ipv6(string text)
    {
        var plain = IPAddress.Parse(text);

        var address = ClientAddress.FromOctets(plain.GetAddressBytes());

        Assert.True(address.IsIpv4);
        Assert.Equal(ClientAddress.FromOctets(plain.MapToIPv6().GetAddressBytes()), address);
    }

    [Theory]
    [InlineData("::")]
    [InlineData("::192.0.2.1")]
    [InlineData("1::ffff:192.0.2.1")]
    [InlineData("2001:db8::1")]
    public void Other_ipv6_addresses_are_not_ipv4(string text) => Assert.False(ClientAddress.FromOctets(IPAddress.Parse(text).GetAddressBytes()).IsIpv4);

    [Fact]
    public void The_first_bits_are_the_network() =>
        Assert.Equal(new ClientAddress(0x2001_0DB8_0001_0002, 3), ClientAddress.FromOctets(IPAddress.Parse("2001:db8:1:2::3").GetAddressBytes()));
}
