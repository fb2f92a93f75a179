using System.Globalization;

namespace TimeSuite.Interop.Tests;

/// <summary>Symmetric keys, with chronyd at the other end, one file for both.</summary>
public sealed class KeyTests
{
    private const double Ahead = 0.250, Tolerance = 0.010; // s

    private static readonly string[] s_types = ["MD5", "SHA1", "SHA256", "SHA384", "SHA512", "AES128", "AES256"];

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (string type in s_types)
            {
                cases.Add(type, 4);
            }

            cases.Add("SHA512", 3); // longer than version 4 has room for
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Chronyd_takes_our_signed_replies(string type, int version)
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        string keys = KeyFile(stage);
        using var server = await Suite.ServeAsync(stage, "server", "250ms", port, $"[keys]\nfile = \"{keys}\"");

        double offset = await Chronyd.QueryAsync(
            stage, FormattableString.Invariant($"127.0.0.1 port {port} iburst version {version} key {Number(type)}"), $"keyfile {keys}");

        Assert.InRange(offset, Ahead - Tolerance, Ahead + Tolerance);
        var statistics = await server.Status.GetServerStatisticsAsync(new());
        stage.Require(statistics.Authenticated > 0 && statistics.Authenticated == statistics.Outcomes.Single(outcome => outcome.Name == "answered").Count, $"every reply was signed: {statistics}");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task We_take_chronyds_signed_replies(string type, int version)
    {
        using var stage = new Stage();
        string keys = KeyFile(stage);
        var chronyd = Chronyd.Serve(stage, more: $"keyfile {keys}");
        using var suite = Suite.Follow(stage, $"[keys]\nfile = \"{keys}\"\n", Suite.Source("127.0.0.1", chronyd.Port, $"key = {Number(type)}\nversion = {version}"));

        await stage.UntilAsync(async () => (await suite.SourcesAsync()).SingleOrDefault() is { Received: >= 3, Reach: > 0 } source ? source : null, "three signed replies were good");
    }

    [Fact]
    public async Task Whoever_signs_with_another_secret_under_our_number_is_not_believed()
    {
        using var stage = new Stage();
        int port = Stage.FreePort();
        string keys = KeyFile(stage), others = KeyFile(stage, "others", seed: 2);
        using var server = await Suite.ServeAsync(stage, "server", "250ms", port, $"[keys]\nfile = \"{keys}\"");
        using var suite = Suite.Follow(stage, $"[keys]\nfile = \"{others}\"\n", Suite.Source("127.0.0.1", port, $"key = {Number("AES128")}"));

        var statistics = await stage.UntilAsync(
            async () => await server.Status.GetServerStatisticsAsync(new()) is var all && all.Outcomes.Single(outcome => outcome.Name == "wrong_mac").Count >= 3 ? all : null,
            "three requests were refused for their MAC");

        Assert.Equal(0UL, statistics.Authenticated);
        Assert.Equal(0UL, Assert.Single(await suite.SourcesAsync()).Received);
    }

    private static int Number(string type) => 1 + Array.IndexOf(s_types, type);

    private static string KeyFile(Stage stage, string name = "keys", int seed = 1)
    {
        var dice = new Random(seed);
        string file = Path.Combine(stage.Folder(name), "ntp.keys");
        File.WriteAllLines(file, s_types.Select(type =>
        {
            byte[] secret = new byte[type == "AES128" ? 16 : 32];
            dice.NextBytes(secret);
            return string.Create(CultureInfo.InvariantCulture, $"{Number(type)} {type} HEX:{Convert.ToHexString(secret)}");
        }));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}
