namespace TimeSuite.Linux.Tests;

public sealed class HugePagesTests
{
    [Fact]
    public void A_process_that_forbids_huge_pages_gets_none()
    {
        HugePages.Forbid();

        Assert.Contains("THP_enabled:\t0", File.ReadAllLines("/proc/self/status")); // proc_pid_status(5)
    }
}
