namespace TimeSuite.Config.Tests;

public sealed class BroadcastTests
{
    [Fact]
    public void The_table_is_read_with_ports_filled_in()
    {
        var result = ConfigFile.Parse("[serve]\n[keys]\n[broadcast]\nto = [\"192.0.2.255\", \"[ff05::101]:1123\"]\ninterval = \"16 s\"\nttl = 4\nkey = 7", "test.toml");

        Assert.Empty(result.Errors);
        var broadcast = result.Value!.Broadcast!;
        Assert.Equal(["192.0.2.255:123", "[ff05::101]:1123"], broadcast.To);
        Assert.Equal((4, 4, 7u), (broadcast.Interval, broadcast.Ttl, broadcast.Key));
        Assert.Null(ConfigFile.Parse("[serve]", "test.toml").Value!.Broadcast);
    }

    [Theory]
    [InlineData("[serve]\n[broadcast]", "(2,2): [broadcast] needs to = ")]
    [InlineData("[serve]\n[broadcast]\nto = []", "must name somebody")]
    [InlineData("[broadcast]\nto = [\"192.0.2.255\"]", "(1,2): [broadcast] needs [serve]")]
    [InlineData("[serve]\n[broadcast]\nto = [\"192.0.2.255\"]\nkey = 1", "(2,2): [broadcast] needs [keys]")]
    [InlineData("[serve]\n[broadcast]\nto = [\"0.0.0.0\"]", "(3,7): [broadcast] to: \"0.0.0.0\" must be an address")]
    [InlineData("[serve]\n[broadcast]\nto = [\"[::]:123\"]", "must be an address")]
    [InlineData("[serve]\n[broadcast]\nto = [\"192.0.2.255%eth0\"]", "must be an address")]
    [InlineData("[serve]\n[broadcast]\nto = [\"2001:db8::1%eth0\"]", "must be an address")]
    [InlineData("[serve]\n[broadcast]\nto = [\"everybody\"]", "(3,7): [broadcast] to: \"everybody\" must be an address, perhaps with a port")]
    [InlineData("[serve]\n[broadcast]\nto = [\"192.0.2.255\"]\ninterval = \"250 ms\"", "must be from 0 (1 s) to 17")]
    [InlineData("[serve]\n[broadcast]\nto = [\"192.0.2.255\"]\nttl = 0", "must be a whole number from 1 to 255")]
    public void What_is_wrong_is_named(string text, string expected) =>
        Assert.Contains(expected, Assert.Single(ConfigFile.Parse(text, "test.toml").Errors).ToString(), StringComparison.Ordinal);
}
