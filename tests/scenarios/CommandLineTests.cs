using TimeSuite.Simulate;

namespace TimeSuite.Scenarios.Tests;

/// <summary>bench/simulate's command line: what is wrong is told at once, with the value and what would be right.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("simulate-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("twice", "A", "--seeds", "1,1")]
    [InlineData("twice", "A", "--seeds", "1-5,3")]
    [InlineData("e.g. 1-25", "A", "--seeds", "5-1")]
    [InlineData("e.g. 1-25", "A", "--seeds", "1,,2")]
    [InlineData("needs a value", "A", "--seeds")]
    [InlineData("needs a value", "A", "--plot", "--json")]
    [InlineData("needs a value", "A", "--plot", "")]
    [InlineData("given twice", "A", "--seeds", "1", "--seeds", "2")]
    [InlineData("set twice", "A", "--set", "jitter=1", "--set", "jitter=2")]
    [InlineData("NAME=VALUE", "A", "--set", "jitter")]
    [InlineData("nearest is \"--seeds\"", "A", "--seds", "1")]
    [InlineData("no option --config; --help", "A", "--config")]
    [InlineData("one scenario at a time", "A", "B")]
    [InlineData("\"extra\"", "--list", "extra")]
    [InlineData("--seeds has no effect", "--list", "--seeds", "1")]
    [InlineData("--plot has no effect", "table", "--plot", "a.svg")]
    [InlineData("--json has no effect", "all", "--json")]
    [InlineData("--out has no effect", "A", "--out", "a.md")]
    [InlineData("--seeds has no effect", "A", "--toml", "--seeds", "1")]
    [InlineData("--json has no effect with --oracle", "A", "--oracle", "--json")]
    [InlineData("--oracle has no effect with table", "table", "--oracle")]
    [InlineData("--oracle has no effect with --toml", "A", "--toml", "--oracle")]
    [InlineData("by itself", "table", "--set", "actuator=kernel")]
    [InlineData("which scenario", "--seeds", "1")]
    public void What_is_wrong_or_without_effect_is_an_error(string said, params string[] args)
    {
        var wrong = Assert.Throws<FormatException>(() => CommandLine.Parse(args));

        Assert.Contains(said, wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nearest is \"A1\"", "A11")]
    [InlineData("nearest is \"reordered-packets\"", "reordered")]
    [InlineData("no scenario \"nope\"; --list", "nope")]
    [InlineData("servers = \"2.5\": expected a whole number", "A", "--set", "servers=2.5")]
    [InlineData("A: falsetickers = 2: expected at most as many as servers = 1", "A", "--set", "falsetickers=2")]
    [InlineData("no effect here", "name-unknown", "--set", "poll=4")]
    public void What_a_scenario_cannot_be_is_an_error(string said, params string[] args)
    {
        var wrong = Assert.Throws<FormatException>(CommandLine.Parse(args).Scenario);

        Assert.Contains(said, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Seeds_come_in_their_order_and_settings_reach_the_scenario()
    {
        var line = CommandLine.Parse(["e3", "--seeds", "10-12,3", "--set", "falsetickers=2", "--set", "accuracy-target=1ms", "--json"]);

        Assert.Equal([10UL, 11, 12, 3], line.Seeds);
        Assert.True(line.IsJson);
        Assert.Equal((CommandLine.What.One, 2, "E3"), (line.Mode, line.Scenario().Setup.Falsetickers, line.Scenario().Name));
        Assert.Contains("accuracy-target = \"1ms\"", Simulation.SetupConfig.ToToml(line.Scenario().Setup), StringComparison.Ordinal);
    }

    [Fact]
    public void Help_is_shown_whatever_else_is_asked_for() =>
        Assert.All((string[][])[[], ["--help"], ["A", "-h"]], args => Assert.Equal(CommandLine.What.Help, CommandLine.Parse(args).Mode));

    [Fact]
    public void A_file_that_cannot_be_written_is_told_before_the_run()
    {
        string there = Path.Combine(_directory.FullName, "there.svg");
        File.WriteAllText(there, "as it was");

        ResultFile.Check("--plot", there);
        ResultFile.Check("--plot", Path.Combine(_directory.FullName, "new.svg"));
        Assert.Equal([there], Directory.GetFiles(_directory.FullName));
        Assert.Equal("as it was", File.ReadAllText(there));
        Assert.Contains("there is no directory", Refusal(Path.Combine(_directory.FullName, "none", "a.svg")), StringComparison.Ordinal);
        Assert.Contains("is a directory", Refusal(_directory.FullName), StringComparison.Ordinal);
        Assert.Contains("cannot be written", Refusal(Path.Combine(_directory.FullName, new string('x', 300))), StringComparison.Ordinal); // for root too
    }

    [Fact]
    public void The_plot_is_refused_before_a_second_is_simulated()
    {
        var line = CommandLine.Parse(["A", "--seeds", "1", "--plot", Path.Combine(_directory.FullName, "none", "a.svg")]);

        Assert.Contains("there is no directory", Assert.Throws<FormatException>(() => One.Play(line)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exponential delays only", "A", "--set", "delay=weibull")]
    [InlineData("some jitter in each direction", "A", "--set", "jitter=0")]
    public void The_oracle_is_refused_where_it_is_not_exact(string said, params string[] args)
    {
        var line = CommandLine.Parse([.. args, "--oracle"]);

        Assert.Equal(CommandLine.What.Oracle, line.Mode);
        Assert.Contains(said, Assert.Throws<FormatException>(() => BesideOracle.Play(line)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Why_a_row_misses_is_known_wherever_the_table_is_made() => Assert.Contains("B", DisciplineTable.Reasons().Keys);

    private static string Refusal(string path) => Assert.Throws<FormatException>(() => ResultFile.Check("--plot", path)).Message;
}
