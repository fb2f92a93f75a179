namespace TimeSuite.Linux.Tests;

public sealed class LeapSecondsFileTests : IDisposable
{
    private const string Good = "#@ 4070908800\n3692217600 37\n";

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_table_is_read_also_through_a_link()
    {
        File.WriteAllText(_folder["2027"], Good);
        File.CreateSymbolicLink(_folder["list"], _folder["2027"]);

        Assert.NotNull(LeapSecondsFile.Read(_folder["list"], out string? error));
        Assert.Null(error);
    }

    [Fact]
    public void What_is_no_table_is_named_and_nothing_is_thrown()
    {
        File.WriteAllText(_folder["long"], Good + new string('#', 1 << 16));
        File.WriteAllText(_folder["words"], "nonsense");
        Directory.CreateDirectory(_folder["folder"]);
        File.CreateSymbolicLink(_folder["loop"], _folder["loop"]);
        foreach (string name in (string[])["long", "words", "folder", "loop", "absent"])
        {
            Assert.Null(LeapSecondsFile.Read(_folder[name], out string? error));
            Assert.False(string.IsNullOrEmpty(error), name);
        }
    }

    [Fact]
    public void A_device_without_end_is_not_read_to_its_end()
    {
        Assert.Null(LeapSecondsFile.Read("/dev/zero", out string? error));
        Assert.NotNull(error);
    }
}
