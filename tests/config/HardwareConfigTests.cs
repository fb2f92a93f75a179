using TimeSuite.Time;

namespace TimeSuite.Config.Tests;

/// <summary>[ntp] hw-timestamp and [[source]] phc.</summary>
public sealed class HardwareConfigTests
{
    [Theory]
    [InlineData("hw-timestamp = \"eth0\"", "eth0", true)]
    [InlineData("hw-timestamp = \"eth0\"", "eth1", false)]
    [InlineData("hw-timestamp = [\"eth0\", \"eth1\"]", "eth1", true)]
    [InlineData("hw-timestamp = \"all\"", "eth7", true)]
    [InlineData("", "eth0", false)]
    public void Hardware_stamps_on_the_interfaces_that_are_named(string key, string name, bool stamps)
    {
        var result = ConfigFile.Parse("[ntp]\n" + key, "test.toml");

        Assert.Empty(result.Errors);
        Assert.Equal((stamps, key.Length > 0), (result.Value!.Ntp.StampsOn(name), result.Value.Ntp.UsesHardwareStamps));
    }

    [Theory]
    [InlineData("[ntp]\nhw-timestamp = 1", "e.g. \"eth0\", or \"all\"")]
    [InlineData("[ntp]\nhw-timestamp = [\"a b\"]", "e.g. \"eth0\", or \"all\"")]
    [InlineData("[ntp]\nhw-timestamps = \"eth0\"", "the nearest known key is \"hw-timestamp\"")]
    [InlineData("[[source]]\nphc = \"/dev/rtc0\"", "e.g. \"eth0\" or \"/dev/ptp0\"")]
    [InlineData("[[source]]\nphc = \"eth0\"\nserver = \"192.0.2.1\"", "exactly one of")]
    [InlineData("[[source]]\nphc = \"eth0\"\niburst = true", "a clock of this machine")]
    [InlineData("[[source]]\nphc = \"eth0\"\nmin-poll = 0", "a clock of this machine")]
    [InlineData("[[source]]\nserver = \"192.0.2.1\"\nphc-scale = \"utc\"", "is for phc")]
    [InlineData("[[source]]\nphc = \"eth0\"\n[[source]]\nphc = \"eth0\"", "already configured")]
    public void What_cannot_be_is_refused(string text, string right) =>
        Assert.Contains(ConfigFile.Parse(text, "test.toml").Errors, error => error.ToString().Contains(right, StringComparison.Ordinal));

    [Fact]
    public void A_hardware_clock_is_a_source()
    {
        var result = ConfigFile.Parse("[[source]]\nphc = \"/dev/ptp0\"\nphc-scale = \"utc\"\nphc-accuracy = \"50 ns\"\nprefer = true", "test.toml");

        Assert.Empty(result.Errors);
        var source = Assert.Single(result.Value!.Sources);
        Assert.Equal((SourceConfig.SourceKind.Phc, "/dev/ptp0", true, Duration.FromNanoseconds(50), true), (source.Kind, source.Name, source.IsUtc, source.Accuracy, source.Prefer));
    }
}
