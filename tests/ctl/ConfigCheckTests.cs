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
}
