using System.Runtime.Versioning;
using TimeSuite.Linux;

namespace TimeSuite.Config.Tests;

[SupportedOSPlatform("linux")]
public sealed class LoadTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("timesuite-config-").FullName;

    private string Main => Path.Combine(_folder, "timesuite.toml");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Drop_ins_are_laid_over_in_the_order_of_their_names()
    {
        Write("timesuite.toml", "[clock]\nboot-steps = 1\nlease = \"5 s\"\n[[source]]\nserver = \"main.example\"");
        Write("conf.d/20-b.toml", "[clock]\nboot-steps = 3\n[[source]]\nserver = \"b.example\"");
        Write("conf.d/10-a.toml", "[clock]\nboot-steps = 2\n[[source]]\nserver = \"a.example\"\n[local]\nstratum = 4");
        Write("conf.d/ignored.conf", "nonsense");

        var config = ConfigFile.Load(Main).Value!;

        Assert.Equal(["main.example", "a.example", "b.example"], config.Sources.Select(source => source.Name));
        Assert.Equal(3, config.Clock.Limits.BootSteps);
        Assert.Equal(5.0, config.Clock.Limits.Lease.Seconds);
        Assert.Equal(4, config.Local!.Stratum);
    }

    [Fact]
    public void A_mistake_in_a_drop_in_names_the_drop_in()
    {
        Write("timesuite.toml", "[clock]\nboot-steps = 1");
        string dropIn = Write("conf.d/10-a.toml", "\n[clock]\nlease = 0");

        var error = Assert.Single(ConfigFile.Load(Main).Errors);

        Assert.Equal((dropIn, 3, 9), (error.File, error.Line, error.Column));
    }

    [Fact]
    public void A_source_that_a_drop_in_repeats_is_told_with_both_places()
    {
        Write("timesuite.toml", "[[source]]\nserver = \"a.example\"");
        Write("conf.d/10-a.toml", "[[source]]\nserver = \"a.example\"");

        var error = Assert.Single(ConfigFile.Load(Main).Errors);

        Assert.EndsWith("10-a.toml", error.File, StringComparison.Ordinal);
        Assert.Contains("timesuite.toml(1)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_everybody_may_write_is_refused()
    {
        Write("timesuite.toml", "");
        File.SetUnixFileMode(Main, (UnixFileMode)Convert.ToInt32("666", 8));

        Assert.Contains("may be written by everybody", Assert.Single(ConfigFile.Load(Main).Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_told()
    {
        var error = Assert.Single(ConfigFile.Load(Main).Errors);

        Assert.Equal($"{Main}(1,1): does not exist", error.ToString());
    }

    [Fact]
    public void A_folder_is_not_a_configuration() => Assert.Equal("is a directory", Assert.Single(ConfigFile.Load(_folder).Errors).Message);

    /// <summary>As a configuration and as a drop-in, where it would stop a daemon that reads its configuration again.</summary>
    [Theory]
    [InlineData("timesuite.toml")]
    [InlineData("conf.d/10-a.toml")]
    public async Task A_pipe_is_refused_and_not_waited_at(string name)
    {
        string pipe = Write(name, "");
        File.Delete(pipe);
        using (var make = System.Diagnostics.Process.Start("mkfifo", pipe))
        {
            await make.WaitForExitAsync();
        }

        if (name != "timesuite.toml")
        {
            Write("timesuite.toml", "");
        }

        var loading = Task.Run(() => ConfigFile.Load(Main));

        Assert.Same(loading, await Task.WhenAny(loading, Task.Delay(TimeSpan.FromSeconds(30))));
        var error = Assert.Single((await loading).Errors);
        Assert.Equal((pipe, "is not a regular file"), (error.File, error.Message));
    }

    [Fact]
    public void A_loop_of_links_is_told()
    {
        File.CreateSymbolicLink(Main, Main);

        Assert.StartsWith("cannot be read: ", Assert.Single(ConfigFile.Load(Main).Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_UTF_8_is_refused()
    {
        File.WriteAllBytes(Main, [0x61, 0xFF]);

        Assert.Contains("UTF-8", Assert.Single(ConfigFile.Load(Main).Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_giant_file_is_refused()
    {
        using (var file = File.Create(Main))
        {
            file.SetLength(ConfigFile.LongestFile + 1);
        }

        Assert.Contains("octets", Assert.Single(ConfigFile.Load(Main).Errors).Message, StringComparison.Ordinal);
    }

    [RootFact]
    public void A_strangers_file_is_refused()
    {
        Write("timesuite.toml", "");
        using (var chown = System.Diagnostics.Process.Start("chown", ["12345", Main]))
        {
            chown.WaitForExit();
        }

        Assert.Contains("belongs to uid 12345", Assert.Single(ConfigFile.Load(Main).Errors).Message, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
