using TimeSuite.Config;
using TimeSuite.Ptpd.Hardware;
using Kinds = TimeSuite.Ptpd.Hardware.PhcUpstream.Kinds;

namespace TimeSuite.Ptpd.Tests;

/// <summary>What each hardware clock of a host follows.</summary>
public sealed class PhcUpstreamTests
{
    [Theory]
    [InlineData("eth0", "phc:a@1", PtpConfig.PtpRole.Boundary, "Master", "eth0")] // its own port's master comes first
    [InlineData("eth0", "phc:a@1", PtpConfig.PtpRole.Follow, "Master", "eth0")]
    [InlineData(null, "phc:a@1", PtpConfig.PtpRole.Boundary, "Phc", "phc:a@1")]
    [InlineData(null, "phc:a@1", PtpConfig.PtpRole.Follow, "Phc", "phc:a@1")]
    [InlineData(null, null, PtpConfig.PtpRole.Serve, "System", "")]
    [InlineData(null, null, PtpConfig.PtpRole.Boundary, "System", "")] // while it has no master it serves what the host knows
    [InlineData(null, null, PtpConfig.PtpRole.Transparent, "None", "")] // how long a message lay here is a difference: a clock that nobody steers is best
    [InlineData(null, null, PtpConfig.PtpRole.Follow, "None", "")] // and who only follows holds over
    public void A_clock_follows_its_master_else_the_clock_that_has_one_else_the_systems(string? followed, string? leader, PtpConfig.PtpRole role, string kind, string name)
    {
        var upstream = PhcUpstream.For(followed, leader, role);

        Assert.Equal((Enum.Parse<Kinds>(kind), name), (upstream.Kind, upstream.Name));
    }

    [Fact]
    public void A_pulse_of_its_own_comes_first_and_the_others_follow_the_clock_that_has_it()
    {
        Assert.Equal(new(Kinds.Pulse, "eth0"), PhcUpstream.For(null, "phc:a@1", PtpConfig.PtpRole.Serve, pulse: "eth0"));
        Assert.Equal(new(Kinds.Phc, "phc:a@1"), PhcUpstream.For(null, "phc:a@1", PtpConfig.PtpRole.Serve));
    }

    [Fact]
    public void People_read_what_is_followed()
    {
        Assert.Equal("the master on eth0", new PhcUpstream(Kinds.Master, "eth0").ToString());
        Assert.Equal("phc:a@1", new PhcUpstream(Kinds.Phc, "phc:a@1").ToString());
        Assert.Equal("the pulse into eth0", new PhcUpstream(Kinds.Pulse, "eth0").ToString());
        Assert.Equal("the system's clock", new PhcUpstream(Kinds.System, "").ToString());
        Assert.Equal("nothing", default(PhcUpstream).ToString());
    }
}
