using Grpc.Core;
using TimeSuite.Time;

namespace TimeSuite.Clockd.Tests;

/// <summary>Killing clockd hands out no new permit, and neither does a broken file.</summary>
public sealed class StateFilesTests
{
    [Fact]
    public void Killing_clockd_gives_no_step_back()
    {
        using var host = new Host();
        for (int step = 0; step < 3; step++)
        {
            Assert.Equal(StatusCode.OK, host.StepBy(host.Steer(), 1).Code);
            host.Restart();
        }

        Assert.Equal(StatusCode.FailedPrecondition, host.StepBy(host.Steer(), 1).Code);
        Assert.Equal(3UL, host.ReadPage().StepGeneration);
    }

    [Fact]
    public void Killing_clockd_gives_no_phase_back()
    {
        using var host = new Host();
        var lease = host.Steer();
        host.Announce(lease);
        Assert.Equal(StatusCode.OK, host.Adjust(lease, ppm: 0, phase: 0.9).Code);
        host.Pass(10); // 5 ms of it
        host.Restart();
        lease = host.Steer();

        Assert.Equal(StatusCode.FailedPrecondition, host.Adjust(lease, ppm: 0, phase: 0.996).Code);
        Assert.Equal(StatusCode.OK, host.Adjust(lease, ppm: 0, phase: 0.994).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("timesuite clockd state 1\nend\n")]
    public void A_broken_file_of_this_boot_is_set_aside_and_all_is_used_up(string content)
    {
        using var host = new Host(limits: new() { LaterStepsPerDay = 1, MaxLaterStep = Duration.FromSeconds(10L) });
        File.WriteAllText(host.RuntimeFile, content);
        host.Restart();
        var lease = host.Steer();

        Assert.Equal(StatusCode.FailedPrecondition, host.StepBy(lease, 1).Code);
        Assert.Equal(StatusCode.FailedPrecondition, host.Adjust(lease, ppm: 0, phase: 0.001).Code);
        Assert.Equal(StatusCode.OK, host.Adjust(lease, ppm: 100).Code);
        Assert.Contains(host.Log.Lines, line => line.Line.Contains("set aside", StringComparison.Ordinal));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(host.RuntimeFile)!, "state.bad-*"));
        host.Pass(86_400 + 601);
        Assert.Equal(StatusCode.OK, host.StepBy(lease, 1).Code); // a day later it is a new day
    }

    [Fact]
    public void A_runtime_directory_that_was_emptied_is_made_up_from_the_disk()
    {
        using var host = new Host();
        host.Announce(host.Steer());
        host.Stop();
        File.Delete(host.RuntimeFile);
        host.Restart();

        Assert.True(host.Session.Describe("").Clocks[0].FirstSynchronized);
    }

    [Fact]
    public void A_state_that_was_deleted_is_not_a_fresh_one()
    {
        using var host = new Host();
        host.StepBy(host.Steer(), 1);
        host.WaitForDisk();
        File.Delete(host.RuntimeFile);
        File.Delete(host.DiskFile);
        host.Restart();

        Assert.Equal(StatusCode.FailedPrecondition, host.StepBy(host.Steer(), 1).Code);
        Assert.Equal(1UL, host.ReadPage().StepGeneration); // and no step is forgotten
    }

    [Fact]
    public void A_broken_file_on_disk_uses_up_the_leap_second()
    {
        using var host = new Host(start: Host.At("2027-06-30T12:00:00Z"));
        host.WaitForDisk();
        File.WriteAllText(host.DiskFile, "garbage");
        File.Delete(host.RuntimeFile);
        File.Delete(host.PagePath); // as after a reboot
        host.Restart();

        Assert.Equal(StatusCode.OK, host.StepBy(host.Steer(), 1).Code);
        host.Restart();
        Assert.Equal(StatusCode.FailedPrecondition, host.Announce(host.Steer(), leap: LeapSecond.Insert).Code);
    }
}
