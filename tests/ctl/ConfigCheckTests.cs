using System.Text.Json;

namespace TimeSuite.Ctl.Tests;

public sealed class ConfigCheckTests : IDisposable
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("ts-").FullName, "timesuite.toml");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    [Fact]
    public async Task A_good_file_ends_with_0()
    {
        await File.WriteAllTextAsync(_file, "[[source]]\nserver = 'a'");

        Assert.Equal(new Run(ExitCode.Done, $"{_file}: no mistake, 1 source\n", ""), await Run.OfAsync(["config", "check", _file]));
    }

    [Fact]
    public async Task Every_mistake_has_its_line_and_the_end_is_1()
    {
        await File.WriteAllTextAsync(_file, "[[source]]\nserver = 'a'\nminpoll = 3\n[clock]\nlease = 0");

        var run = await Run.OfAsync(["config", "check", _file]);
        var json = await Run.OfAsync(["config", "check", _file, "--json"]);

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Equal([$"{_file}(3,1)", $"{_file}(5,9)"], run.Out.Trim().Split('\n').Select(line => line.Split(": ")[0]).Order());
        Assert.Equal(2, JsonDocument.Parse(json.Out).RootElement.GetProperty("errors").GetArrayLength());
        Assert.Equal(ExitCode.Failed, json.Code);
    }

    [Theory]
    [InlineData("1 AES128 HEX:0011\n7 AES128 HEX:000102030405060708090A0B0C0D0E0F", "keys(1,")]
    [InlineData("8 AES128 HEX:000102030405060708090A0B0C0D0E0F", "timesuite.toml(3): [[source]] a has key = 7, which is not in ")]
    public async Task A_mistake_in_the_key_file_is_one_of_the_configuration_and_has_its_line(string keys, string expected)
    {
        string file = await WithKeysAsync(keys);

        var run = await Run.OfAsync(["config", "check", _file]);
        var json = await Run.OfAsync(["config", "check", _file, "--json"]);

        Assert.Equal((ExitCode.Failed, ExitCode.Failed), (run.Code, json.Code));
        Assert.StartsWith(Path.Combine(Path.GetDirectoryName(file)!, expected), Assert.Single(run.Out.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("0001", run.Out + json.Out, StringComparison.Ordinal); // no secret is shown
        Assert.False(JsonDocument.Parse(json.Out).RootElement.GetProperty("valid").GetBoolean());
        Assert.Equal(1, JsonDocument.Parse(json.Out).RootElement.GetProperty("errors").GetArrayLength());
    }

    [Fact]
    public async Task A_good_key_file_is_no_mistake()
    {
        await WithKeysAsync("7 AES128 HEX:000102030405060708090A0B0C0D0E0F");

        Assert.Equal(new Run(ExitCode.Done, $"{_file}: no mistake, 1 source\n", ""), await Run.OfAsync(["config", "check", _file]));
    }

    [Theory]
    [InlineData("1 7 AES128 HEX:0011", "keys(1,1): has a key of 2 octets")]
    [InlineData("1 8 AES128 HEX:000102030405060708090A0B0C0D0E0F", "keys(1,1): has no key 7 of association 1")]
    [InlineData(null, "keys(1,1): ")]
    [InlineData("1 7 AES128 HEX:000102030405060708090A0B0C0D0E0F", null)]
    public async Task The_keys_of_ptp_are_read_too(string? keys, string? mistake)
    {
        string folder = Path.GetDirectoryName(_file)!, file = Path.Combine(folder, "keys");
        if (keys is not null)
        {
            await File.WriteAllTextAsync(file, keys);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        await File.WriteAllTextAsync(
            _file, $"[ptp]\ninterfaces = ['eth0']\nauthentication = 'required'\nauthentication-keys = '{file}'\nauthentication-key = 7\nauthentication-association = 1");

        var run = await Run.OfAsync(["config", "check", _file]);
        var json = await Run.OfAsync(["config", "check", _file, "--json"]);

        Assert.Equal(mistake is null ? ExitCode.Done : ExitCode.Failed, run.Code);
        Assert.StartsWith(mistake is null ? _file : Path.Combine(folder, mistake), run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("0001", run.Out + json.Out, StringComparison.Ordinal); // no secret is shown
        Assert.Equal(mistake is null ? 0 : 1, JsonDocument.Parse(json.Out).RootElement.GetProperty("errors").GetArrayLength());
    }

    private async Task<string> WithKeysAsync(string keys)
    {
        string file = Path.Combine(Path.GetDirectoryName(_file)!, "keys");
        await File.WriteAllTextAsync(file, keys);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(_file, $"[keys]\nfile = '{file}'\n[[source]]\nserver = 'a'\nkey = 7");
        return file;
    }
}
