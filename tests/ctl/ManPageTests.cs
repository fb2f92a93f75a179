using System.Text.RegularExpressions;

namespace TimeSuite.Ctl.Tests;

public sealed partial class ManPageTests
{
    [Fact]
    public async Task Every_command_of_the_help_stands_in_the_man_page_and_the_other_way_round()
    {
        var help = await Run.OfAsync(["--help"]);
        string commands = help.Out[help.Out.IndexOf("Commands:", StringComparison.Ordinal)..];

        var documented = Regex.Matches(Page(), @"(?m)^### (.+)$").SelectMany(match => match.Groups[1].Value.Split(", ")).Select(command => command.Split(' ')[0]);

        Assert.Equal(CommandLine().Matches(commands).Select(match => match.Groups[1].Value).Order(), documented.Distinct().Order());
    }

    [Theory]
    [InlineData("clock")]
    [InlineData("watch")]
    [InlineData("waitsync")]
    [InlineData("step")]
    [InlineData("burst")]
    [InlineData("clients")]
    public async Task Every_option_of_a_command_stands_in_its_section(string command)
    {
        string section = Page().Split("\n### ").Single(part => part.StartsWith(command, StringComparison.Ordinal) && !part.StartsWith(command + "s", StringComparison.Ordinal));
        var help = await Run.OfAsync([command, "--help"]);

        var options = OptionName().Matches(help.Out).Select(match => match.Value).Except(["--help", "--runtime-dir", "--json"]).ToArray();

        Assert.NotEmpty(options);
        Assert.All(options, option => Assert.Contains($"`{option} ", section, StringComparison.Ordinal));
    }

    private static string Page() => File.ReadAllText(Repository.File("docs/man/timectl.1.md"));

    [GeneratedRegex(@"(?m)^  (\w+)")]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"--[a-z-]+")]
    private static partial Regex OptionName();
}
