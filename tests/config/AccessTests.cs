using System.Net;
using TimeSuite.Time;

namespace TimeSuite.Config.Tests;

public sealed class AccessTests
{
    [Fact]
    public void Each_list_says_who_is_in_it_and_allow_closes_the_door_to_others()
    {
        var access = Good("""
            [serve]
            allow = ["192.0.2.0/24", "2001:db8::/32"]
            deny = ["192.0.2.128/25", "::1"]
            deny-kod = ["198.51.100.7"]
            require-nts = ["0.0.0.0/0"]
            client-log = 100
            """).Serve!.Access;

        Assert.Equal(
            [
                new(IPNetwork.Parse("192.0.2.0/24"), AccessKind.Allow), new(IPNetwork.Parse("2001:db8::/32"), AccessKind.Allow),
                new(IPNetwork.Parse("192.0.2.128/25"), AccessKind.Deny), new(IPNetwork.Parse("::1/128"), AccessKind.Deny),
                new(IPNetwork.Parse("198.51.100.7/32"), AccessKind.DenyKod), new(IPNetwork.Parse("0.0.0.0/0"), AccessKind.RequireNts),
            ],
            access.Prefixes);
        Assert.False(access.IsOpen);
        Assert.Equal(100, access.ClientLog);
        Assert.True(Good("[serve]\ndeny = [\"10.0.0.0/8\"]").Serve!.Access.IsOpen);
    }

    [Fact]
    public void All_is_both_families() =>
        Assert.Equal(["0.0.0.0/0", "::/0"], Good("[serve]\nallow = [\"all\"]").Serve!.Access.Prefixes.Select(prefix => prefix.ToString()));

    [Fact]
    public void A_rate_limit_arrives_whole()
    {
        var limit = Good("[rate-limit]\ninterval = \"62.5 ms\"\nburst = 16\nleak = 3\nkod = 1\nipv4-prefix = 24\nipv6-prefix = 48").RateLimit;

        Assert.Equal(
            new RateLimitConfig { Interval = Duration.FromSeconds(0.0625), Burst = 16, Leak = 3, Kod = 1, Ipv4Prefix = 24, Ipv6Prefix = 48 },
            limit);
        Assert.Null(Good("").RateLimit);
    }

    [Fact]
    public void A_source_names_its_key()
    {
        var config = Good("[keys]\nfile = \"/etc/timesuite/ntp.keys\"\n[[source]]\nserver = \"a.example\"\nkey = 4294967295");

        Assert.Equal((uint.MaxValue, "/etc/timesuite/ntp.keys"), (config.Sources[0].Key, config.Keys!.File));
    }

    [Theory]
    [InlineData("[serve]\nallow = [\"192.0.2.5/24\"]", "(2,10): [serve] allow: \"192.0.2.5/24\" has bits set behind the slash; 192.0.2.0/24 is the network, 192.0.2.5 alone one address")]
    [InlineData("[serve]\nallow = [\"192.0.2.0/33\"]", "must have 0 to 32 behind the slash")]
    [InlineData("[serve]\nallow = [\"2001:db8::/129\"]", "must have 0 to 128 behind the slash")]
    [InlineData("[serve]\nallow = [\"2001:db8::/-1\"]", "must have 0 to 128 behind the slash")]
    [InlineData("[serve]\nallow = [\"::ffff:192.0.2.1\"]", "must be written as IPv4, 192.0.2.1")]
    [InlineData("[serve]\nallow = [\"1.2.3\"]", "must be an address with the number of its leading bits")]
    [InlineData("[serve]\nallow = [\"fe80::1%eth0\"]", "must be an address with the number of its leading bits")]
    [InlineData("[serve]\nallow = [7]", "(2,10): [serve] allow: 7 must be an address")]
    [InlineData("[serve]\nallow = \"all\"", "(2,9): [serve] allow = \"all\": must be a list")]
    [InlineData("[serve]\nallow = [\"10.0.0.0/8\"]\ndeny = [\"10.0.0.0/8\"]", "(3,8): [serve] deny = [\"10.0.0.0/8\"]: 10.0.0.0/8 stands in allow already; keep one of the two")]
    [InlineData("[serve]\nclient-log = -1", "must be a whole number from 0 to 16777216")]
    [InlineData("[serve]\nclient-log = 0\n[rate-limit]", "(1,2): [serve] client-log = 0: [rate-limit] needs clients to be remembered")]
    [InlineData("[serve]\nalow = []", "unknown key \"alow\" (= []); the nearest known key is \"allow\"")]
    [InlineData("[rate-limit]\ninterval = \"1 us\"", "must be a length of time from 2 us to 4096 s, e.g. \"8 s\"")]
    [InlineData("[rate-limit]\nburst = 256", "from 1 to 255")]
    [InlineData("[rate-limit]\nleak = 5", "from 0 to 4")]
    [InlineData("[ratelimit]\nburst = 4", "the nearest known table is [rate-limit]")]
    [InlineData("[keys]\nfile = \"ntp.keys\"", "must be an absolute path")]
    [InlineData("[[source]]\nserver = \"a\"\nkey = 3", "(3,7): [[source]] key = 3: needs [keys] with file")]
    [InlineData("[keys]\nfile = \"/k\"\n[[source]]\nserver = \"a\"\nkey = 0", "must be a whole number from 1 to 4294967295")]
    public void Each_mistake_says_where_it_is_and_what_would_be_right(string text, string part) =>
        Assert.Contains(part, Assert.Single(ConfigFile.Parse(text, "test.toml").Errors).ToString(), StringComparison.Ordinal);

    private static SuiteConfig Good(string text)
    {
        var result = ConfigFile.Parse(text, "test.toml");
        Assert.Empty(result.Errors);
        return result.Value!;
    }
}
