using TimeSuite.Time;
using static TimeSuite.Linux.HardwareFilters;

namespace TimeSuite.Linux.Tests;

/// <summary>What needs no hardware clock; the others are checks of the virtual machine (tests/system/vm-guest).</summary>
public sealed class PhcTests : IDisposable
{
    private const uint AllFilters = 1U << 0 | 1U << 1 | 1U << 12 | 1U << 15;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("timesuite-phc-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_narrowest_of_several_looks_is_taken()
    {
        PhcLook[] looks = [Look(0, 1_000), Look(10_000, 300), Look(20_000, 500)];
        Assert.Equal(1, PhcLook.Best(looks));
    }

    [Fact]
    public void A_look_that_went_back_is_not_taken_however_narrow_it_is()
    {
        PhcLook[] looks = [Look(0, 1_000), Look(10_000, 100, ahead: -50_000), Look(20_000, 500), Look(30_000, 800), Look(40_000, 600)];
        Assert.Equal(2, PhcLook.Best(looks));
    }

    [Fact]
    public void Of_looks_that_all_contradict_each_other_none_is_taken() =>
        Assert.Equal(-1, PhcLook.Best([Look(0, 100), Look(10_000, 100, ahead: 9_000), Look(20_000, 100, ahead: 18_000)]));

    [Fact]
    public void A_look_across_a_step_of_the_systems_clock_is_not_taken()
    {
        PhcLook[] looks = [new(Ns(5_000), Ns(5_100), Ns(1_000)), Look(10_000, 400), Look(20_000, 500)];
        Assert.Equal(1, PhcLook.Best(looks));
    }

    [Theory]
    [InlineData(0, 0, Protocols.PtpOverUdp, 1, 12)]
    [InlineData(0, 0, Protocols.Ntp, 1, 15)]
    [InlineData(1, 12, Protocols.PtpOnEthernet, 1, 12)]
    [InlineData(1, 12, Protocols.Ntp, 1, 1)] // PTP stays
    [InlineData(1, 15, Protocols.PtpOverUdp, 1, 1)]
    [InlineData(1, 1, Protocols.Ntp, 1, 1)]
    [InlineData(0, 1, Protocols.Ntp, 1, 1)] // transmits were not stamped
    [InlineData(2, 12, Protocols.PtpOverUdp, 2, 12)] // one-step is more, and stays
    [InlineData(1, 13, Protocols.PtpOverUdp, 1, 1)] // only Syncs: what that is for is not known, so everything
    [InlineData(1, 4, Protocols.PtpOverUdp, 1, 1)]
    public void What_others_set_is_widened(int transmit, int receive, Protocols needed, int newTransmit, int newReceive) =>
        Assert.Equal(new HardwareFilters(newTransmit, newReceive), new HardwareFilters(transmit, receive).Widened(needed, AllFilters));

    [Fact]
    public void Hardware_that_cannot_do_both_is_left_alone() =>
        Assert.Null(new HardwareFilters(1, 12).Widened(Protocols.Ntp, 1U << 0 | 1U << 12));

    [Fact]
    public void A_clock_is_known_by_its_name_and_device_and_not_by_its_number()
    {
        MakeClock(3, "mlx5 ptp", "0000:03:00.0");
        MakeClock(0, "ptplab0", null);
        Assert.Equal(["phc:ptplab0", "phc:mlx5_ptp@0000:03:00.0"], PhcIdentity.List(_folder.FullName).Select(clock => clock.Identity.ToString()));
        Assert.True(PhcIdentity.TryFind("phc:mlx5_ptp@0000:03:00.0", out int index, _folder.FullName));
        Assert.Equal(3, index);
        Assert.False(PhcIdentity.TryFind("phc:mlx5_ptp", out _, _folder.FullName));
    }

    [Fact]
    public void Two_clocks_that_cannot_be_told_apart_are_none()
    {
        MakeClock(0, "twin", null);
        MakeClock(1, "twin", null);
        Assert.False(PhcIdentity.TryFind("phc:twin", out _, _folder.FullName));
    }

    [Fact]
    public void Where_there_are_no_clocks_none_is_found() => Assert.Empty(PhcIdentity.List(Path.Combine(_folder.FullName, "nothing")));

    [Fact]
    public void The_loopback_stamps_nothing_by_itself()
    {
        Assert.False(HardwareStamping.TryDescribe("lo", out var stamping) && stamping.StampsBothWays);
        Assert.Equal(-1, stamping.PhcIndex);
        Assert.False(HardwareStamping.TryReadFilters("lo", out _));
        Assert.False(HardwareStamping.TryDescribe("a-name-that-is-too-long", out _));
    }

    private static Duration Ns(long nanoseconds) => Duration.FromNanoseconds(nanoseconds);

    private static PhcLook Look(long before, long width, long ahead = 0) => new(Ns(before), Ns(before + (width / 2) + 1_000_000 + ahead), Ns(before + width));

    private void MakeClock(int index, string name, string? device)
    {
        var clock = _folder.CreateSubdirectory($"ptp{index}");
        File.WriteAllText(Path.Combine(clock.FullName, "clock_name"), name + "\n");
        if (device is not null)
        {
            File.CreateSymbolicLink(Path.Combine(clock.FullName, "device"), _folder.CreateSubdirectory(device).FullName);
        }
    }
}
