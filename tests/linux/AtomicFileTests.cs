using System.Text;
using TimeSuite.Time;

namespace TimeSuite.Linux.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_written_is_read_and_nothing_else_is_left(bool isDurable)
    {
        AtomicFile.Write(_folder["drift"], "old"u8, OwnerOnly, isDurable);
        AtomicFile.Write(_folder["drift"], "12.5 ppm"u8, OwnerOnly | UnixFileMode.OtherRead, isDurable);

        Assert.Equal(FileOutcome.Read, AtomicFile.Read(_folder["drift"], 8, out byte[] content));
        Assert.Equal("12.5 ppm", Encoding.UTF8.GetString(content));
        Assert.Equal(OwnerOnly | UnixFileMode.OtherRead, File.GetUnixFileMode(_folder["drift"]));
        Assert.Equal(["drift"], _folder.Names);
    }

    [Fact]
    public void A_link_planted_in_place_of_the_new_file_leads_nowhere()
    {
        File.WriteAllText(_folder["victim"], "precious");
        File.CreateSymbolicLink(_folder[".drift.new"], _folder["victim"]);

        AtomicFile.Write(_folder["drift"], "new"u8, OwnerOnly, isDurable: false);

        Assert.Equal("precious", File.ReadAllText(_folder["victim"]));
        Assert.Equal(["drift", "victim"], _folder.Names);
    }

    [Fact]
    public void A_link_planted_in_place_of_the_file_is_replaced_not_followed()
    {
        File.WriteAllText(_folder["victim"], "precious");
        File.CreateSymbolicLink(_folder["drift"], _folder["victim"]);

        Assert.Equal(FileOutcome.NotRegular, AtomicFile.Read(_folder["drift"], 100, out byte[] content));
        Assert.Empty(content);

        AtomicFile.Write(_folder["drift"], "new"u8, OwnerOnly, isDurable: false);
        Assert.Equal("precious", File.ReadAllText(_folder["victim"]));
        Assert.Equal("new", File.ReadAllText(_folder["drift"]));
    }

    [Fact]
    public void What_a_crash_left_behind_is_no_obstacle()
    {
        File.WriteAllText(_folder[".drift.new"], "half of");

        AtomicFile.Write(_folder["drift"], "whole"u8, OwnerOnly, isDurable: false);

        Assert.Equal("whole", File.ReadAllText(_folder["drift"]));
        Assert.Equal(["drift"], _folder.Names);
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_content()
    {
        Directory.CreateDirectory(_folder[".drift.new"]); // cannot be replaced
        File.WriteAllText(_folder["drift"], "old");

        Assert.ThrowsAny<Exception>(() => AtomicFile.Write(_folder["drift"], "new"u8, OwnerOnly, isDurable: false));

        Assert.Equal("old", File.ReadAllText(_folder["drift"]));
    }

    [Theory]
    [InlineData(10, FileOutcome.Read)]
    [InlineData(9, FileOutcome.TooLong)]
    [InlineData(0, FileOutcome.TooLong)]
    public void A_file_may_be_as_long_as_its_limit(int limit, FileOutcome expected)
    {
        File.WriteAllText(_folder["drift"], "0123456789");

        Assert.Equal(expected, AtomicFile.Read(_folder["drift"], limit, out byte[] content));
        Assert.Equal(expected == FileOutcome.Read ? 10 : 0, content.Length);
    }

    [Fact]
    public void An_endless_file_is_too_long() =>
        Assert.Equal(FileOutcome.TooLong, AtomicFile.Read("/proc/self/smaps", 100, out _));

    [Fact]
    public void What_is_no_plain_file_is_not_read()
    {
        Directory.CreateDirectory(_folder["directory"]);
        Assert.Equal(0, NativeCalls.MakeFifo(_folder["pipe"], 0x180));

        Assert.Equal(FileOutcome.NotRegular, AtomicFile.Read(_folder["directory"], 100, out _));
        Assert.Equal(FileOutcome.NotRegular, AtomicFile.Read(_folder["pipe"], 100, out _)); // and does not wait for a writer
        Assert.Equal(FileOutcome.Absent, AtomicFile.Read(_folder["nothing"], 100, out _));
        Assert.Equal(FileOutcome.Absent, AtomicFile.Read(_folder["nothing/below"], 100, out _));
    }

    [Fact]
    public void A_bad_file_is_kept_under_a_name_that_says_when()
    {
        File.WriteAllText(_folder["drift"], "garbage");
        var time = new Instant<Utc>(Duration.FromSeconds(new DateTimeOffset(2026, 1, 31, 23, 59, 58, TimeSpan.Zero).ToUnixTimeSeconds()));

        string aside = AtomicFile.SetAside(_folder["drift"], time);

        Assert.Equal(_folder["drift.bad-20260131T235958Z"], aside);
        Assert.Equal("garbage", File.ReadAllText(aside));
        Assert.Equal(["drift.bad-20260131T235958Z"], _folder.Names);
    }
}
