using TimeSuite.Config;
using TimeSuite.Ptp;

namespace TimeSuite.Ptpd.Tests;

public sealed class ProfileTests
{
    [Fact]
    public void By_default_a_port_is_a_slave_as_ieee_1588_says()
    {
        var profile = Profile.Of(new());

        Assert.True(profile.Own.SlaveOnly);
        Assert.Equal(255, profile.Own.Quality.Class);
        Assert.Equal((0, 128, 128), (profile.Own.Domain, profile.Own.Priority1, profile.Own.Priority2));
        Assert.Equal((DelayMechanism.E2E, (sbyte)1, (sbyte)0), (profile.Port.DelayMechanism, profile.Port.LogAnnounceInterval, profile.Port.LogSyncInterval));
        Assert.Equal(PtpConfig.PtpTransport.Udp4, profile.Transport);
    }

    [Fact]
    public void Who_serves_is_never_a_slave_and_a_boundary_clock_may_be_both()
    {
        var serves = Profile.Of(new() { Role = PtpConfig.PtpRole.Serve });
        var boundary = Profile.Of(new() { Role = PtpConfig.PtpRole.Boundary });

        Assert.Equal((false, byte.MaxValue), (serves.Own.SlaveOnly, serves.Own.ClassThatNeverFollows));
        Assert.Equal((false, (byte)127), (boundary.Own.SlaveOnly, boundary.Own.ClassThatNeverFollows));
    }

    [Fact]
    public void Gptp_is_peer_to_peer_on_ethernet_under_its_own_sdo_id()
    {
        var profile = Profile.Of(new() { Profile = PtpConfig.PtpProfile.Gptp });

        Assert.Equal((0x100, PtpConfig.PtpTransport.Ethernet, true), (profile.Own.SdoId, profile.Transport, profile.UsesPeerGroup));
        Assert.Equal((DelayMechanism.P2P, (sbyte)-3, 1), (profile.Port.DelayMechanism, profile.Port.LogSyncInterval, profile.Port.ForeignMasterThreshold));
        Assert.True(profile.Port is { PathTrace: true, FollowUpInformation: true, NeighborDelayThreshold: not null });
    }

    [Theory]
    [InlineData(PtpConfig.PtpRole.Serve, PortRole.Master)]
    [InlineData(PtpConfig.PtpRole.Follow, PortRole.Slave)]
    public void In_the_automotive_profile_the_configuration_says_who_serves(PtpConfig.PtpRole role, PortRole expected) =>
        Assert.Equal((expected, true), (Profile.Of(new() { Profile = PtpConfig.PtpProfile.Automotive, Role = role }).Port.Role, Profile.Of(new() { Profile = PtpConfig.PtpProfile.Automotive, Role = role }).Port.InhibitAnnounce));

    [Fact]
    public void A_key_of_the_table_overrides_its_profile()
    {
        var profile = Profile.Of(new()
        {
            Profile = PtpConfig.PtpProfile.G8275Part1, Domain = 30, Priority1 = 1, Priority2 = 2, AnnounceInterval = 0, SyncInterval = -1, DelayInterval = -2, MaxLinkDelay = Duration.FromNanoseconds(5),
            Transport = PtpConfig.PtpTransport.Udp6, Delay = PtpConfig.PtpDelay.P2P, AcceptableGrandmasters = ["001122.fffe.334455"],
        });

        Assert.Equal((30, 1, 2), (profile.Own.Domain, profile.Own.Priority1, profile.Own.Priority2));
        Assert.Equal(((sbyte)0, (sbyte)-1, (sbyte)-2, (sbyte)-2), (profile.Port.LogAnnounceInterval, profile.Port.LogSyncInterval, profile.Port.LogMinDelayReqInterval, profile.Port.LogMinPdelayReqInterval));
        Assert.Equal((PtpConfig.PtpTransport.Udp6, DelayMechanism.P2P, ComparisonRule.G8275), (profile.Transport, profile.Port.DelayMechanism, profile.Rule));
        Assert.Equal(Duration.FromNanoseconds(5), profile.Port.NeighborDelayThreshold);
        Assert.Equal(0x001122FFFE334455UL, Assert.Single(profile.Port.AcceptableGrandmasters).Bits);
    }
}
