using System.Diagnostics;

namespace TimeSuite.Linux.Tests;

public sealed class CapabilitiesTests
{
    private const string Status = """
        Name:	clockd
        CapInh:	0000000000000001
        CapPrm:	0000000002000000
        CapEff:	0000000000000000
        CapBnd:	000001ffffffffff
        CapAmb:	0000000000000000
        """;

    [Fact]
    public void The_sets_are_read_from_the_status_file()
    {
        var sets = Capabilities.Parse(Status);

        Assert.Equal(new Capabilities(1, 0x2000000, 0, 0x1FF_FFFF_FFFF, 0), sets);
        Assert.False(sets.MaySetClock);
        Assert.True(sets.CouldSetClock);
    }

    [Fact]
    public void A_set_that_is_missing_is_an_error_that_names_it()
    {
        var error = Assert.Throws<InvalidDataException>(() => Capabilities.Parse(Status.Replace("CapBnd", "CapXyz", StringComparison.Ordinal)));

        Assert.Contains("CapBnd", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1UL << 25, 0, 0, 0, 0)]
    [InlineData(0, 1UL << 25, 0, 0, 0)]
    [InlineData(0, 0, 1UL << 25, 0, 0)]
    [InlineData(0, 0, 0, 1UL << 25, 0)]
    [InlineData(0, 0, 0, 0, 1UL << 25)]
    public void Any_set_with_the_capability_counts(ulong inheritable, ulong permitted, ulong effective, ulong bounding, ulong ambient)
    {
        var sets = new Capabilities(inheritable, permitted, effective, bounding, ambient);

        Assert.True(sets.CouldSetClock);
        Assert.Equal(effective != 0, sets.MaySetClock);
    }

    [Fact]
    public void Where_no_exec_can_give_rights_the_bounding_set_does_not_matter()
    {
        var ordinary = new Capabilities(0, 0, 0, 1UL << 25, 0, NoNewPrivileges: true);

        Assert.False(ordinary.CouldSetClock);
        Assert.True((ordinary with { Permitted = 1UL << 25 }).CouldSetClock);
        Assert.True(Capabilities.Parse(Status + "\nNoNewPrivs:\t1\n").NoNewPrivileges);
        Assert.False(Capabilities.Parse(Status + "\nNoNewPrivs:\t0\n").NoNewPrivileges);
    }

    [RootFact]
    public void What_a_thread_drops_neither_it_nor_its_children_have_and_the_kernel_agrees() => OwnThread.Run(() =>
    {
        Capabilities.DropSysTime();

        Assert.False(Capabilities.Read().CouldSetClock);
        Capabilities.AssertCannotSetClock();
        Capabilities.DropSysTime(); // twice does no harm

        using var child = Process.Start(new ProcessStartInfo("grep", ["^Cap", "/proc/self/status"]) { RedirectStandardOutput = true })!;
        string status = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.False(Capabilities.Parse(status).CouldSetClock, status);
    });

    [RootFact]
    public void A_thread_that_holds_the_capability_is_told_so_without_asking_the_kernel()
    {
        if (!Capabilities.Read().CouldSetClock)
        {
            Capabilities.AssertCannotSetClock(); // a container that never had it
            return;
        }

        var error = Assert.Throws<InvalidOperationException>(Capabilities.AssertCannotSetClock);
        Assert.Contains("CAP_SYS_TIME", error.Message, StringComparison.Ordinal);
    }
}
