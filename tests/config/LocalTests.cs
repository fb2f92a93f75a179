using TimeSuite.Time;

namespace TimeSuite.Config.Tests;

public sealed class LocalTests
{
    [Fact]
    public void Every_key_arrives() =>
        Assert.Equal(
            new LocalConfig { Stratum = 8, Orphan = true, Distance = Duration.FromSeconds(0.125), Activate = Duration.FromSeconds(0.5), Wait = Duration.FromSeconds(60L) },
            Good("[local]\nstratum = 8\norphan = true\ndistance = \"125 ms\"\nactivate = \"500 ms\"\nwait = \"1 min\"").Local);

    [Fact]
    public void An_orphan_waits_five_minutes_unless_it_is_told_how_long()
    {
        Assert.Equal(Duration.FromSeconds(300L), Good("[local]\norphan = true").Local!.Wait);
        Assert.Equal(Duration.FromSeconds(2L), Good("[local]\norphan = true\nwait = 2").Local!.Wait);
        Assert.Equal(Duration.Zero, Good("[local]").Local!.Wait);
    }

    private static SuiteConfig Good(string text)
    {
        var result = ConfigFile.Parse(text, "test.toml");
        Assert.Empty(result.Errors);
        return result.Value!;
    }
}
