using Microsoft.Extensions.Logging.Abstractions;
using TimeSuite.Discipline;
using TimeSuite.Ntpd.State;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

public sealed class StateFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("timesuite-state-").FullName;

    private string FilePath => Path.Combine(_directory, "drift");

    private DriftFile Drift => new(FilePath, NullLogger<DriftFile>.Instance);

    [Fact]
    public void What_was_written_comes_back()
    {
        Drift.Write(new DriftState(FrequencyOffset.FromPpb(-12_345.6789), FrequencyOffset.FromPpb(7.5)));

        var drift = Drift.Read(default);

        Assert.NotNull(drift);
        Assert.Equal(-12_345.6789, drift.Rate.Ppb, 3);
        Assert.Equal(7.5, drift.Sigma.Ppb, 3);
    }

    [Theory]
    [InlineData("")]
    [InlineData("NaN")]
    [InlineData("timesuite-drift 1 NaN 1\n")]
    [InlineData("timesuite-drift 1 1e12 1\n")]
    [InlineData("timesuite-drift 1 10 -1\n")]
    [InlineData("timesuite-drift 1 10 Infinity\n")]
    [InlineData("timesuite-drift 2 10 1\n")]
    [InlineData("timesuite-drift 1 10\n")]
    [InlineData("\0\0\0\0")]
    public void A_file_that_makes_no_sense_is_set_aside_and_not_obeyed(string content)
    {
        File.WriteAllText(FilePath, content);

        Assert.Null(Drift.Read(default));
        Assert.False(File.Exists(FilePath));
        Assert.Equal(content, File.ReadAllText(Assert.Single(Directory.GetFiles(_directory, "drift.bad-*"))));
    }

    [Fact]
    public void A_file_of_ten_megabytes_is_not_even_read()
    {
        File.WriteAllBytes(FilePath, new byte[10_000_000]);

        Assert.Null(Drift.Read(default));
        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public void A_planted_link_is_not_followed()
    {
        string secret = Path.Combine(_directory, "secret");
        File.WriteAllText(secret, "timesuite-drift 1 100000 1\n");
        File.CreateSymbolicLink(FilePath, secret);

        Assert.Null(Drift.Read(default));
        Assert.Equal("timesuite-drift 1 100000 1\n", File.ReadAllText(secret));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
