using System.Net;
using CsCheck;

namespace TimeSuite.Ntp.Tests;

public sealed class AccessTableTests
{
    [Theory]
    [InlineData("192.0.2.1", AccessAction.Allow)]
    [InlineData("192.0.2.129", AccessAction.Ignore)]
    [InlineData("192.0.2.200", AccessAction.Deny)]
    [InlineData("192.0.3.1", AccessAction.Ignore)]
    [InlineData("191.255.255.255", AccessAction.Ignore)]
    [InlineData("2001:db8::1", AccessAction.RequireNts)]
    [InlineData("2001:db8:0:1::1", AccessAction.Allow)]
    [InlineData("2001:db9::", AccessAction.Ignore)]
    [InlineData("::ffff:192.0.2.200", AccessAction.Deny)]
    public void The_most_specific_network_decides(string address, AccessAction expected)
    {
        var table = new AccessTable(
            [
                Rule("192.0.2.200/32", AccessAction.Deny),
                Rule("192.0.2.0/24", AccessAction.Allow),
                Rule("192.0.2.128/25", AccessAction.Ignore),
                Rule("2001:db8:0:1::/64", AccessAction.Allow),
                Rule("2001:db8::/32", AccessAction.RequireNts),
            ],
            AccessAction.Ignore);

        Assert.Equal(expected, table.Find(Client(address)));
    }

    [Fact]
    public void A_rule_for_all_of_one_family_says_nothing_of_the_other()
    {
        var table = new AccessTable([Rule("0.0.0.0/0", AccessAction.Deny)], AccessAction.Allow);

        Assert.Equal(AccessAction.Deny, table.Find(Client("255.255.255.255")));
        Assert.Equal(AccessAction.Allow, table.Find(Client("::")));
        Assert.Equal(AccessAction.Deny, new AccessTable([Rule("::/0", AccessAction.Deny)], AccessAction.Allow).Find(Client("ffff::1")));
    }

    [Fact]
    public void Of_two_rules_for_one_network_the_later_holds() =>
        Assert.Equal(
            AccessAction.Allow,
            new AccessTable([Rule("10.0.0.0/8", AccessAction.Ignore), Rule("10.1.2.3/8", AccessAction.Allow)], AccessAction.Deny).Find(Client("10.9.9.9")));

    [Fact]
    public void Serves_everybody_without_rules() =>
        Assert.All(new[] { "0.0.0.0", "255.255.255.255", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" }, address => Assert.Equal(AccessAction.Allow, AccessTable.Open.Find(Client(address))));

    [Theory]
    [InlineData("0.0.0.0", 33)]
    [InlineData("0.0.0.0", -1)]
    [InlineData("::", 129)]
    public void No_network_is_longer_than_its_addresses(string address, int length) =>
        Assert.Throws<ArgumentException>(() => new AccessTable([new(Client(address), length, AccessAction.Allow)], AccessAction.Allow));

    /// <summary>Against the definition: of the rules that contain an address, the longest decides. Lengths 0 to 32 and 0 to 128, edges of all networks.</summary>
    [Fact]
    public void Agrees_with_a_search_of_every_rule_at_the_edges_of_every_network()
    {
        // Few distinct leading bits, so that networks nest.
        var number = Gen.Select(Gen.UInt[0, 3], Gen.UInt).Select((top, rest) => top << 30 | (rest & 0x00FF_FFFF));
        var v4 = Gen.Select(number, Gen.Int[0, 32], Gen.Int[0, 3]).Select((at, length, action) => new AccessRule(ClientAddress.FromIpv4(at), length, (AccessAction)action));
        var v6 = Gen.Select(number, number, Gen.Int[0, 128], Gen.Int[0, 3]).Select((at, low, length, action) =>
            new AccessRule(ClientAddress.FromIpv6(new UInt128((ulong)at << 32, (ulong)low << 32 | 7)), length, (AccessAction)action));
        Gen.OneOf(v4, v6).Array[0, 24].Sample(
            rules =>
            {
                var table = new AccessTable(rules, AccessAction.RequireNts);
                foreach (var address in rules.SelectMany(Edges))
                {
                    Assert.Equal(ByDefinition(rules, address), table.Find(address));
                }
            },
            iter: 3_000);
    }

    private static IEnumerable<ClientAddress> Edges(AccessRule rule)
    {
        var first = rule.Network.Masked(rule.Length).Value;
        int free = rule.Network.Width - rule.Length;
        var last = first | (free == 128 ? UInt128.MaxValue : (UInt128.One << free) - 1);
        var one = UInt128.One;
        return new[] { first, last, unchecked(first - one), unchecked(last + one), rule.Network.Value }
            .Select(value => rule.Network.IsIpv4 ? ClientAddress.FromIpv4(unchecked((uint)value)) : ClientAddress.FromIpv6(value))
            .Where(address => address.IsIpv4 == rule.Network.IsIpv4);
    }

    private static AccessAction ByDefinition(AccessRule[] rules, ClientAddress address) =>
        rules.Where(rule => rule.Network.IsIpv4 == address.IsIpv4 && address.Masked(rule.Length) == rule.Network.Masked(rule.Length))
            .Select((rule, index) => (rule, index))
            .OrderBy(found => found.rule.Length).ThenBy(found => found.index)
            .Select(found => (AccessAction?)found.rule.Action).LastOrDefault() ?? AccessAction.RequireNts;

    private static AccessRule Rule(string prefix, AccessAction action)
    {
        string[] parts = prefix.Split('/');
        return new(Client(parts[0]), int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), action);
    }

    private static ClientAddress Client(string address) => ClientAddress.FromOctets(IPAddress.Parse(address).GetAddressBytes());
}
