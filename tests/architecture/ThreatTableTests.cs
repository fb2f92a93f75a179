using System.Text.RegularExpressions;

namespace TimeSuite.Architecture.Tests;

/// <summary>docs/threats.md and docs/ptp.md say which test shows what. A table that names tests that are gone would be worse than none.</summary>
public sealed partial class ThreatTableTests
{
    [Theory]
    [InlineData("docs/threats.md")]
    [InlineData("docs/ptp.md")]
    public void Every_test_and_scenario_that_the_table_names_is_there(string document)
    {
        string root = Repository.Root;
        string table = File.ReadAllText(Path.Combine(root, document));
        string tests = string.Concat(Directory.EnumerateFiles(Path.Combine(root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText));
        var named = TestName().Matches(table).Select(match => match.Groups[1].Value).ToHashSet();
        var scenarios = ScenarioName().Matches(table).Select(match => match.Groups[1].Value).ToHashSet();

        Assert.True(named.Count > 60, $"{named.Count} tests");
        Assert.DoesNotContain(named, name => !Regex.IsMatch(tests, $@"\b{name}\("));
        Assert.DoesNotContain(scenarios, name => !tests.Contains($"\"{name}\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_row_from_36_to_68_and_from_86_to_88_is_in_the_table()
    {
        var rows = File.ReadLines(Path.Combine(Repository.Root, "docs/threats.md")).Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .SelectMany(line => line.Split('|')[1].Split(',')).Select(cell => int.TryParse(cell, out int row) ? row : 0);

        Assert.Empty(Enumerable.Range(36, 33).Concat(Enumerable.Range(86, 3)).Except(rows));
    }

    [GeneratedRegex(@"`([A-Z][A-Za-z0-9]*_[A-Za-z0-9_]+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"`([a-z0-9]+(?:-[a-z0-9]+)*)`")]
    private static partial Regex ScenarioName();
}
