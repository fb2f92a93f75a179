using TimeSuite.Simulation;

namespace TimeSuite.Scenarios.Tests;

/// <summary>What can be set by name.</summary>
public sealed class ParameterTests
{
    public static TheoryData<string> Names => [.. Parameters.All.Select(parameter => parameter.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_shown_can_be_set(string name)
    {
        var parameter = Parameters.All.Single(candidate => candidate.Name == name);
        string shown = parameter.Show(new Setup());

        Assert.True(shown == "never" || Parameters.Set(new Setup(), name, shown) == new Setup());
    }

    [Theory]
    [InlineData("wander", "1e-8")]
    [InlineData("poll", "4..4")]
    [InlineData("servers", "3")]
    [InlineData("delay", "lognormal")]
    [InlineData("actuator", "kernel")]
    [InlineData("iburst", "true")]
    public void A_setting_changes_that_and_is_shown(string name, string value)
    {
        var setup = Parameters.Set(new Setup(), name, value);

        Assert.NotEqual(new Setup(), setup);
        Assert.Equal(setup, Parameters.Set(new Setup(), name, Parameters.All.Single(parameter => parameter.Name == name).Show(setup)));
    }

    [Theory]
    [InlineData("wonder", "1e-8", "wander")]
    [InlineData("wander", "fast", "a number from 0 to 0.001")]
    [InlineData("wander", "-1", "a number from 0 to 0.001")]
    [InlineData("wander", "NaN", "a number from 0 to 0.001")]
    [InlineData("poll", "9..4", "N or N..M")]
    [InlineData("delay", "3", "lognormal")]
    [InlineData("iburst", "yes", "true or false")]
    [InlineData("selection.combine-limit", "99", "combine-limit")]
    [InlineData("selction.combine-limit", "3", "[selection]")]
    [InlineData("source.min-pol", "3", "min-poll")]
    public void What_is_wrong_is_told_with_what_would_be_right(string name, string value, string right)
    {
        var wrong = Assert.Throws<FormatException>(() => Parameters.Set(new Setup(), name, value));

        Assert.Contains(right, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_of_the_configuration_reach_the_daemons()
    {
        var setup = Parameters.Set(Parameters.Set(new Setup(), "selection.combine-limit", "4"), "source.max-delay", "\"1 ms\"");
        var config = setup.ToConfig();

        Assert.Equal(4, config.Selection.CombineLimit);
        Assert.Equal(1e-3, config.Sources.Single().MaxDelay.Seconds, 9);
    }
}
