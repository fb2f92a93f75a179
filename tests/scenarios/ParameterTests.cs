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

        Assert.Equal(new Setup(), Parameters.Set(new Setup(), name, shown));
    }

    [Theory]
    [InlineData("wander", "1e-8")]
    [InlineData("poll", "4..4")]
    [InlineData("servers", "3")]
    [InlineData("delay", "lognormal")]
    [InlineData("actuator", "kernel")]
    [InlineData("iburst", "true")]
    [InlineData("policy", "chrony-like")]
    [InlineData("accuracy-target", "1ms")]
    [InlineData("link-dies", "5000")]
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
    [InlineData("delay", "exponential,lognormal", "lognormal")]
    [InlineData("delay", "-1", "lognormal")]
    [InlineData("iburst", "yes", "true or false")]
    [InlineData("servers", "2.5", "a whole number from 1 to 50")]
    [InlineData("servers", "0", "a whole number from 1 to 50")]
    [InlineData("copies", "1.5", "a whole number")]
    [InlineData("policy", "lax", "chrony-like")]
    [InlineData("accuracy-target", "2", "from 10 ns to 1 s")]
    [InlineData("accuracy-target", "fast", "1 ms")]
    [InlineData("selection.combine-limit", "99", "combine-limit")]
    [InlineData("selction.combine-limit", "3", "[selection]")]
    [InlineData("source.min-pol", "3", "min-poll")]
    public void What_is_wrong_is_told_with_what_would_be_right(string name, string value, string right)
    {
        var wrong = Assert.Throws<FormatException>(() => Parameters.Set(new Setup(), name, value));

        Assert.Contains(right, wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("falsetickers = 2", "servers = 1", "falsetickers=2")]
    [InlineData("stepping-servers = 3", "servers = 2", "servers=2", "stepping-servers=3", "server-step=1")]
    [InlineData("from = 20000", "limit = 10000", "from=20000")]
    [InlineData("ramp-to = 5", "ramp-from = 10", "ramp-from=10", "ramp-to=5")]
    [InlineData("congestion-length = 200", "congestion-period = 100", "congestion-period=100")]
    public void What_cannot_be_together_is_told_with_both_values(string wrong, string limit, params string[] settings)
    {
        var setup = settings.Select(setting => setting.Split('=')).Aggregate(new Setup(), (setup, pair) => Parameters.Set(setup, pair[0], pair[1]));
        var refusal = Assert.Throws<FormatException>(setup.Check);

        Assert.Contains(wrong, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(limit, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_scenario_contradicts_itself() => Assert.All(Simulation.Scenarios.All, scenario => scenario.Setup.Check());

    [Fact]
    public void Text_may_come_without_the_quotes_that_a_shell_takes_away()
    {
        var setup = Parameters.Set(Parameters.Set(new Setup(), "accuracy-target", "1ms"), "source.max-delay", "1.5 ms");

        Assert.Equal(1e-3, setup.ToConfig().Selection.AccuracyTarget!.Value.Seconds, 12);
        Assert.Equal(1.5e-3, setup.ToConfig().Sources.Single().MaxDelay.Seconds, 12);
        Assert.Equal(setup.ToToml(), Parameters.Set(Parameters.Set(new Setup(), "selection.accuracy-target", "\"1ms\""), "source.max-delay", "\"1.5 ms\"").ToToml());
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
