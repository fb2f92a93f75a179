namespace TimeSuite.Linux.Tests;

public sealed class ProgramPagesTests
{
    private const string Maps = """
        1000-3000 r--p 00000000 fe:00 7    /usr/sbin/ntpd
        Rss:                   8 kB
        Anonymous:             0 kB
        3000-9000 r-xp 00002000 fe:00 7    /usr/sbin/ntpd
        Rss:                  24 kB
        Anonymous:             0 kB
        9000-b000 r--p 00008000 fe:00 7    /usr/sbin/ntpd
        Rss:                   8 kB
        Anonymous:             4 kB
        b000-c000 rw-p 0000a000 fe:00 7    /usr/sbin/ntpd
        Anonymous:             0 kB
        c000-d000 rw-p 00000000 00:00 0
        Anonymous:             0 kB
        e000-f000 r-xp 00000000 fe:00 9    /usr/lib/libc.so.6
        Anonymous:             0 kB
        """;

    [Fact]
    public void Only_what_the_file_can_give_back_as_it_is_is_let_go() =>
        Assert.Equal([(0x1000, 0x3000), (0x3000, 0x9000)], ProgramPages.Unchanged(Maps.Split('\n'), "/usr/sbin/ntpd"));

    [Fact]
    public void What_is_let_go_is_there_again_when_it_is_needed()
    {
        for (int times = 0; times < 10; times++)
        {
            ProgramPages.Release();
        }

        Assert.NotEmpty(ProgramPages.Unchanged(File.ReadLines("/proc/self/smaps"), Environment.ProcessPath!));
    }
}
