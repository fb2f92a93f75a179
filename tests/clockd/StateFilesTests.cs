using Grpc.Core;
using TimeSuite.Time;

namespace TimeSuite.Clockd.Tests;

/// <summary>Killing clockd hands out no new permit, and neither does a broken file.</summary>
public sealed class StateFilesTests
{
    private static readonly PolicyState s_state = new()
    {
        Boot = Guid.NewGuid(),
        FirstSynchronized = true,
        BootStepsUsed = 2,
        LaterSteps = [new(Duration.FromNanoseconds(1)), new(Duration.FromSeconds(5L))],
        Spent = [new(3, Duration.FromNanoseconds(123_456_789)), new(4, Duration.Zero)],
        Reserved = Duration.FromNanoseconds(5),
        Leap = LeapSecond.Delete,
        LeapAt = Host.At("2027-07-01T00:00:00Z"),
        TaiOffset = 37,
        SavedTime = Host.At("2499-01-01T00:00:00Z"),
        TotalStepped = Duration.FromSeconds(1L << 35) + Duration.FromNanoseconds(7),
        Steps = 1,
        Adjustments = 2,
        Refusals = 3,
        Leases = 4,
        LeasesExpired = 5,
        Interferences = 6,
    };

    [Fact]
    public void What_is_written_is_read()
    {
        Assert.True(StateText.TryRead(StateText.Write(s_state), out var read));
        Assert.Equal(StateText.Write(s_state), StateText.Write(read));
        Assert.Equal(s_state with { LaterSteps = [], Spent = [] }, read with { LaterSteps = [], Spent = [] });
        Assert.Equal(s_state.LaterSteps, read.LaterSteps);
        Assert.Equal(s_state.Spent, read.Spent);
    }

    [Fact]
    public void Every_part_of_a_file_and_every_changed_line_is_not_a_file()
    {
        string text = StateText.Write(s_state);
        for (int length = 0; length < text.Length; length++)
        {
            Assert.False(StateText.TryRead(text[..length], out _));
        }

        string[] lines = text.Split('\n');
        for (int index = 0; index < lines.Length; index++)
        {
            string[] changed = [.. lines];
            changed[index] = "spent x";
            Assert.False(StateText.TryRead(string.Join('\n', changed), out _));
        }
    }

    [Fact]
    public void Random_octets_never_throw()
    {
        var random = new Random(7);
        byte[] octets = System.Text.Encoding.UTF8.GetBytes(StateText.Write(s_state));
        for (int attempt = 0; attempt < 5000; attempt++)
        {
            byte[] changed = [.. octets];
            for (int change = 0; change < 3; change++)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            StateText.TryRead(System.Text.Encoding.UTF8.GetString(changed), out _); // either way
        }
    }

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
        using var host = new Host(config: new() { LaterStepsPerDay = 1, MaxLaterStep = Duration.FromSeconds(10L) });
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
        host.Session.SaveToDisk();
        File.Delete(host.RuntimeFile);
        host.Restart();

        Assert.True(host.Session.Describe("").Clocks[0].FirstSynchronized);
    }

    [Fact]
    public void A_state_that_was_deleted_is_not_a_fresh_one()
    {
        using var host = new Host();
        host.StepBy(host.Steer(), 1);
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
        File.WriteAllText(host.DiskFile, "garbage");
        File.Delete(host.RuntimeFile);
        File.Delete(host.PagePath); // as after a reboot
        host.Restart();

        Assert.Equal(StatusCode.OK, host.StepBy(host.Steer(), 1).Code);
        host.Restart();
        Assert.Equal(StatusCode.FailedPrecondition, host.Announce(host.Steer(), leap: LeapSecond.Insert).Code);
    }
}
