using System.Text.RegularExpressions;

namespace TimeSuite.Config.Tests;

public sealed partial class ManPageTests
{
    private static readonly string Page = File.ReadAllText(Repository.File("docs/man/timesuite.toml.5.md"));

    [Fact]
    public void Every_key_of_the_parser_stands_in_the_man_page_and_the_other_way_round()
    {
        var documented = Tables().ToDictionary(table => table.Name, table => KeyCell().Matches(table.Text).Select(match => match.Groups[1].Value).Order());

        Assert.Equal(ConfigFile.Keys.Keys.Order(), documented.Keys.Order());
        foreach (var (table, keys) in ConfigFile.Keys)
        {
            Assert.Equal(keys.Select(key => key.Name).Order(), documented[table]);
        }
    }

    /// <summary>A default or the edge of a range that is written down is read back, so that no word of the page is a mistake.</summary>
    [Fact]
    public void Every_default_in_the_man_page_is_the_parsers()
    {
        var lines = new List<string>();
        foreach (var (name, text) in Tables())
        {
            lines.Add(name switch { "source" => "[[source]]\npool = \"a.example\"", "broadcast" => "[broadcast]\nto = [\"224.0.1.1\"]", "ptp" => "[ptp]\ninterfaces = [\"eth0\"]", "ptp-port" => "[[ptp-port]]\ninterface = \"eth0\"", "nts-server" => "[nts-server]\ncertificate = [{ chain = \"/a\", key = \"/b\" }]", _ => $"[{name}]" });
            lines.AddRange(DefaultCell().Matches(text)
                .Where(match => match.Groups["default"].Value is not ("" or "none" or "any" or "both" or "default") && !match.Groups["default"].Value.Contains("if it is there", StringComparison.Ordinal)
                    && !DependsOnAnother().IsMatch(match.Groups["default"].Value)) // refused without it
                .Select(match => $"{match.Groups["key"].Value} = {Toml(match.Groups["default"].Value)}"));
        }

        var result = ConfigFile.Parse(string.Join('\n', lines), "man");

        Assert.Empty(result.Errors);
        var config = result.Value!;
        var defaults = new SuiteConfig();
        Assert.Equal(defaults.Clock with { Steerers = config.Clock.Steerers, Readers = config.Clock.Readers }, config.Clock);
        Assert.Equal(new SourceConfig { Kind = SourceConfig.SourceKind.Pool, Name = "a.example", Where = config.Sources[0].Where }, config.Sources[0]);
        Assert.Equal(defaults.Selection, config.Selection);
        Assert.Equal(new ServeConfig().Listen, config.Serve!.Listen);
        Assert.Equal(new AccessConfig { Prefixes = config.Serve.Access.Prefixes }, config.Serve.Access);
        Assert.Equal(new BroadcastConfig { To = config.Broadcast!.To }, config.Broadcast);
        Assert.Equal(new NtsServerConfig().Listen, config.NtsServer!.Listen);
        Assert.Equal(new NtsServerConfig { Listen = config.NtsServer.Listen, Certificates = config.NtsServer.Certificates }, config.NtsServer);
        Assert.Equal([new CertificateConfig("/a", "/b")], config.NtsServer.Certificates);
        Assert.Equal(defaults.Nts, config.Nts);
        var ptp = config.Ptp!;
        Assert.Equal(new PtpConfig { Interfaces = ptp.Interfaces, UnicastMasters = ptp.UnicastMasters, AcceptableMasters = ptp.AcceptableMasters, AcceptableGrandmasters = ptp.AcceptableGrandmasters, Ports = ptp.Ports }, ptp);
        Assert.Equal([new PtpPortConfig { Interface = "eth0" }], ptp.Ports);
        Assert.Equal((new RateLimitConfig(), new KeysConfig()), (config.RateLimit, config.Keys));
        Assert.Equal(new LocalConfig(), config.Local);
        Assert.Equal((defaults.Leap, defaults.Log), (config.Leap, config.Log));
    }

    [Fact]
    public void The_example_of_the_man_page_is_right()
    {
        string example = Page[Page.IndexOf("## Example", StringComparison.Ordinal)..Page.IndexOf("## See also", StringComparison.Ordinal)];

        Assert.Empty(ConfigFile.Parse(string.Join('\n', example.Split('\n').Skip(1).Select(line => line.Trim())), "man").Errors);
    }

    /// <summary>The sections whose heading is a table's name.</summary>
    private static IEnumerable<(string Name, string Text)> Tables() =>
        from section in Page.Split("\n## ").Skip(1)
        let heading = TableHeading().Match(section)
        where heading.Success
        select (heading.Groups[1].Value, section);

    /// <summary>"6 (64 s)" is 6; a time or rate becomes a string.</summary>
    private static string Toml(string cell)
    {
        string value = cell.Split(" (")[0].Trim('`');
        return value.Contains(' ', StringComparison.Ordinal) && value[0] is not ('"' or '[') || value[0] == '/' ? $"\"{value}\"" : value;
    }

    [GeneratedRegex("with `(nts|phc|pps|g8275.1)`$")]
    private static partial Regex DependsOnAnother();

    [GeneratedRegex(@"^\[\[?([\w-]+)\]\]?\n")]
    private static partial Regex TableHeading();

    [GeneratedRegex(@"(?m)^\| `([\w-]+)` \|")]
    private static partial Regex KeyCell();

    [GeneratedRegex(@"(?m)^\| `(?<key>[\w-]+)` \|[^|]*\| ?(?<default>[^|]*?) ?\|")]
    private static partial Regex DefaultCell();
}
