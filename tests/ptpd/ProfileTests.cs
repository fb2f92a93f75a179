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

    [Theory]
    [InlineData(PtpConfig.PtpProfile.G8275Part1, null, 6, 0x4E5D)]
    [InlineData(PtpConfig.PtpProfile.G8275Part2, null, 7, 0xFFFF)]
    [InlineData(PtpConfig.PtpProfile.G8275Part1, 0x1234, 6, 0x1234)]
    [InlineData(PtpConfig.PtpProfile.Default, null, 6, 0xFFFF)]
    public void A_clock_claims_the_variance_that_is_configured_or_that_its_profile_gives_a_primary_reference(PtpConfig.PtpProfile profile, int? configured, byte clockClass, ushort claimed) =>
        Assert.Equal(claimed, Profile.Variance(new() { Profile = profile, ClockVariance = configured }, clockClass));

    [Fact]
    public void A_port_of_its_own_transport_and_intervals_differs_from_the_instance_in_nothing_else()
    {
        var config = new PtpConfig
        {
            Interfaces = ["a", "b"], Role = PtpConfig.PtpRole.Boundary, SdoId = 0x5A7,
            Ports = [new() { Interface = "b", Transport = PtpConfig.PtpTransport.Ethernet, Delay = PtpConfig.PtpDelay.P2P, SyncInterval = -2 }],
        };

        var (whole, port) = (Profile.Of(config.On("a")), Profile.Of(config.On("b")));

        Assert.Equal((PtpConfig.PtpTransport.Udp4, PtpConfig.PtpTransport.Ethernet), (whole.Transport, port.Transport));
        Assert.Equal((DelayMechanism.E2E, DelayMechanism.P2P, (sbyte)-2), (whole.Port.DelayMechanism, port.Port.DelayMechanism, port.Port.LogSyncInterval));
        Assert.Equal(whole.Own, port.Own);
        Assert.Equal(0x5A7, port.Own.SdoId);
    }

    [Fact]
    public void Who_serves_is_never_a_slave_and_a_boundary_clock_may_be_both()
    {
        var serves = Profile.Of(new() { Role = PtpConfig.PtpRole.Serve });
        var boundary = Profile.Of(new() { Role = PtpConfig.PtpRole.Boundary });

        Assert.Equal((false, byte.MaxValue), (serves.Own.SlaveOnly, serves.Own.ClassThatNeverFollows));
        Assert.Equal((false, (byte)127), (boundary.Own.SlaveOnly, boundary.Own.ClassThatNeverFollows));
        Assert.Equal((128, 255), (serves.Own.Priority2, boundary.Own.Priority2)); // it takes over from no master that it hears again
        Assert.Equal(128, Profile.Of(new() { Role = PtpConfig.PtpRole.Boundary, ClockClass = 6 }).Own.Priority2);
    }

    [Theory]
    [InlineData(null, -4)]
    [InlineData(-6, -6)]
    [InlineData(0, -4)]
    public void Nobody_is_granted_messages_faster_than_telecoms_clocks_ask_unless_our_own_are(int? sync, int fastest)
    {
        var profile = Profile.Of(new() { Profile = PtpConfig.PtpProfile.G8275Part2, Role = PtpConfig.PtpRole.Serve, SyncInterval = sync });

        Assert.Equal(fastest, profile.Port.UnicastLimits!.FastestLogInterval);
    }

    [Fact]
    public void A_client_of_csptp_asks_its_servers_and_a_server_announces_nothing()
    {
        var client = Profile.Of(new() { Profile = PtpConfig.PtpProfile.Csptp, UnicastMasters = ["192.0.2.1", "192.0.2.2"] });
        var server = Profile.Of(new() { Profile = PtpConfig.PtpProfile.Csptp, Role = PtpConfig.PtpRole.Serve, Domain = 200 });

        Assert.Equal((0x300, (byte)128, PortMode.CsptpClient, PortRole.Slave), (client.Own.SdoId, client.Own.Domain, client.Port.Mode, client.Port.Role));
        Assert.Equal([new(PtpAddressKind.IPv4, 0xC000_0201), new(PtpAddressKind.IPv4, 0xC000_0202)], client.Port.UnicastMasters);
        Assert.Equal(((byte)200, PortMode.CsptpServer, PortRole.Master, DelayMechanism.None), (server.Own.Domain, server.Port.Mode, server.Port.Role, server.Port.DelayMechanism));
    }

    [Theory]
    [InlineData(PtpConfig.PtpDelay.E2E, DelayMechanism.E2E)]
    [InlineData(PtpConfig.PtpDelay.P2P, DelayMechanism.P2P)]
    public void A_transparent_clock_never_leads(PtpConfig.PtpDelay delay, DelayMechanism mechanism)
    {
        var profile = Profile.Of(new() { Role = PtpConfig.PtpRole.Transparent, Delay = delay });

        Assert.Equal((true, PortMode.Transparent, mechanism), (profile.Own.SlaveOnly, profile.Port.Mode, profile.Port.DelayMechanism));
    }

    [Fact]
    public void Time_outs_and_the_path_are_the_profiles_unless_they_are_configured()
    {
        static (int Announce, int Sync, bool Path) Of(PtpConfig config) => (Profile.Of(config).Port.AnnounceReceiptTimeout, Profile.Of(config).Port.SyncReceiptTimeout, Profile.Of(config).Port.PathTrace);

        Assert.Equal((3, 0, false), Of(new()));
        Assert.Equal((3, 3, true), Of(new() { Profile = PtpConfig.PtpProfile.Gptp }));
        Assert.Equal((255, 9, true), Of(new() { AnnounceTimeout = 255, SyncTimeout = 9, PathTrace = true }));
        Assert.Equal((2, 0, false), Of(new() { Profile = PtpConfig.PtpProfile.Gptp, AnnounceTimeout = 2, SyncTimeout = 0, PathTrace = false }));
    }

    [Fact]
    public void Messages_stay_in_their_network_unless_it_is_configured()
    {
        Assert.Equal(new(1, 0), Profile.Of(new()).Udp);
        Assert.Equal(new(255, 63), Profile.Of(new() { Hops = 255, Dscp = 63 }).Udp);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(PtpConfig.PtpTimeSource.Atomic, TimeSource.AtomicClock)]
    [InlineData(PtpConfig.PtpTimeSource.Gnss, TimeSource.Gnss)]
    [InlineData(PtpConfig.PtpTimeSource.Radio, TimeSource.TerrestrialRadio)]
    [InlineData(PtpConfig.PtpTimeSource.Ptp, TimeSource.Ptp)]
    [InlineData(PtpConfig.PtpTimeSource.Ntp, TimeSource.Ntp)]
    [InlineData(PtpConfig.PtpTimeSource.Other, TimeSource.Other)]
    [InlineData(PtpConfig.PtpTimeSource.Internal, TimeSource.InternalOscillator)]
    public void What_a_grandmaster_says_of_its_source_is_what_is_configured(PtpConfig.PtpTimeSource? configured, TimeSource? said) =>
        Assert.Equal(said, Profile.Of(new() { Role = PtpConfig.PtpRole.Serve, TimeSource = configured }).Source);

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

    [Theory]
    [InlineData(PtpConfig.PtpProfile.G8275Part2, 44, 0, ComparisonRule.G8275)]
    [InlineData(PtpConfig.PtpProfile.G8265Part1, 4, 1, ComparisonRule.G8265)]
    public void The_telecom_profiles_over_ip_are_unicast_alone(PtpConfig.PtpProfile word, int domain, int logAnnounce, ComparisonRule rule)
    {
        var follows = Profile.Of(new() { Profile = word, UnicastMasters = ["192.0.2.1", "192.0.2.2"] });
        var serves = Profile.Of(new() { Profile = word, Role = PtpConfig.PtpRole.Serve });

        Assert.Equal((domain, (sbyte)logAnnounce, (sbyte)-4, (sbyte)-4, rule), (follows.Own.Domain, follows.Port.LogAnnounceInterval, follows.Port.LogSyncInterval, follows.Port.LogMinDelayReqInterval, follows.Rule));
        Assert.Equal((false, false), (follows.Port.Multicast, serves.Port.Multicast));
        Assert.Null(follows.Port.UnicastLimits);
        Assert.NotNull(serves.Port.UnicastLimits);
        Assert.Equal([new(PtpAddressKind.IPv4, 0xC0000201), new(PtpAddressKind.IPv4, 0xC0000202)], follows.Port.UnicastMasters);
        Assert.Equal((PtpConfig.PtpTransport.Udp4, 300u), (follows.Transport, follows.Port.UnicastSeconds));
    }

    [Fact]
    public void The_addresses_of_the_masters_say_which_transport_is_meant()
    {
        Assert.Equal(PtpConfig.PtpTransport.Udp6, Profile.Of(new() { UnicastMasters = ["2001:db8::1"] }).Transport);
        var ethernet = Profile.Of(new() { UnicastMasters = ["00:1b:19:00:00:01"] });
        Assert.Equal((PtpConfig.PtpTransport.Ethernet, new PtpAddress(PtpAddressKind.Ethernet, 0x001B19000001)), (ethernet.Transport, ethernet.Port.UnicastMasters[0]));
    }

    [Theory]
    [InlineData(null, false, true)]
    [InlineData(PtpConfig.PtpUnicast.Also, true, true)]
    [InlineData(PtpConfig.PtpUnicast.Only, true, false)]
    public void Who_serves_by_the_default_profile_grants_nothing_unless_it_is_told_to(PtpConfig.PtpUnicast? serve, bool grants, bool multicast)
    {
        var port = Profile.Of(new() { Role = PtpConfig.PtpRole.Serve, ServeUnicast = serve }).Port;
        Assert.Equal((grants, multicast), (port.UnicastLimits is not null, port.Multicast));
    }

    [Theory]
    [InlineData(PtpConfig.PtpPowerVersion.Year2017, 254, PowerProfileVersion.Year2017)]
    [InlineData(PtpConfig.PtpPowerVersion.Year2011, 0, PowerProfileVersion.Year2011)]
    public void Power_grids_have_peer_delays_on_ethernet_and_their_own_tlv(PtpConfig.PtpPowerVersion year, int domain, PowerProfileVersion version)
    {
        var profile = Profile.Of(new() { Profile = PtpConfig.PtpProfile.Power, PowerVersion = year, GrandmasterId = 3 });

        Assert.Equal((domain, DelayMechanism.P2P, PtpConfig.PtpTransport.Ethernet, false), (profile.Own.Domain, profile.Port.DelayMechanism, profile.Transport, profile.UsesPeerGroup));
        Assert.Equal((version, (ushort)3), (profile.Port.Power!.Value.Version, profile.Port.Power.Value.GrandmasterId));
    }

    [Fact]
    public void Jumps_are_held_back_unless_any_is_allowed()
    {
        Assert.Equal((Duration.FromSeconds(1L), Duration.FromSeconds(600L)), (Profile.Of(new()).Port.MaxJump, Profile.Of(new()).Port.JumpConfirmation));
        Assert.Null(Profile.Of(new() { MaxJump = null }).Port.MaxJump);
    }

    /// <summary>RFC 9760: an Announce, a Sync and a Delay_Req each second, end to end.</summary>
    [Fact]
    public void The_enterprise_profile_has_multicast_from_the_master_and_unicast_to_it()
    {
        var profile = Profile.Of(new() { Profile = PtpConfig.PtpProfile.Enterprise });

        Assert.Equal((true, true, DelayMechanism.E2E), (profile.Port.Multicast, profile.Port.UnicastDelay, profile.Port.DelayMechanism));
        Assert.Equal(((sbyte)0, (sbyte)0, (sbyte)0), (profile.Port.LogAnnounceInterval, profile.Port.LogSyncInterval, profile.Port.LogMinDelayReqInterval));
        Assert.Equal((PtpConfig.PtpTransport.Udp4, ComparisonRule.Ieee1588), (profile.Transport, profile.Rule));
        Assert.Null(profile.Port.UnicastLimits); // nothing is negotiated
    }

    [Fact]
    public void A_port_of_its_own_table_has_what_that_says_and_the_rest_of_what_all_have()
    {
        var config = new PtpConfig
        {
            Interfaces = ["eth0", "eth1"], Role = PtpConfig.PtpRole.Boundary, DelayAsymmetry = Duration.FromNanoseconds(1), IngressLatency = Duration.FromNanoseconds(2), LocalPriority = 9,
            Ports = [new() { Interface = "eth1", MasterOnly = true, DelayAsymmetry = Duration.FromNanoseconds(5), EgressLatency = Duration.FromNanoseconds(6), MaxLinkDelay = Duration.FromNanoseconds(7), LocalPriority = 8 }],
        };
        var (first, second) = (Profile.Of(config.On("eth0")).Port, Profile.Of(config.On("eth1")).Port);

        Assert.Equal((PortRole.Elected, 1L, 2L, 0L, (Duration?)null, 9), (first.Role, first.DelayAsymmetry.Nanoseconds, first.IngressLatency.Nanoseconds, first.EgressLatency.Nanoseconds, first.NeighborDelayThreshold, (int)first.LocalPriority));
        Assert.Equal((PortRole.Master, 5L, 2L, 6L, (Duration?)Duration.FromNanoseconds(7), 8), (second.Role, second.DelayAsymmetry.Nanoseconds, second.IngressLatency.Nanoseconds, second.EgressLatency.Nanoseconds, second.NeighborDelayThreshold, (int)second.LocalPriority));
    }

    [Fact]
    public void A_key_of_the_table_overrides_its_profile()
    {
        var profile = Profile.Of(new()
        {
            Profile = PtpConfig.PtpProfile.G8275Part1, Domain = 30, Priority1 = 1, Priority2 = 2, AnnounceInterval = 0, SyncInterval = -1, DelayInterval = -2, MaxLinkDelay = Duration.FromNanoseconds(5),
            Transport = PtpConfig.PtpTransport.Udp6, Delay = PtpConfig.PtpDelay.P2P, AcceptableGrandmasters = ["001122.fffe.334455"],
            DelayAsymmetry = Duration.FromNanoseconds(6), IngressLatency = Duration.FromNanoseconds(7), EgressLatency = Duration.FromNanoseconds(8),
        });

        Assert.Equal((30, 1, 2), (profile.Own.Domain, profile.Own.Priority1, profile.Own.Priority2));
        Assert.Equal(((sbyte)0, (sbyte)-1, (sbyte)-2, (sbyte)-2), (profile.Port.LogAnnounceInterval, profile.Port.LogSyncInterval, profile.Port.LogMinDelayReqInterval, profile.Port.LogMinPdelayReqInterval));
        Assert.Equal((PtpConfig.PtpTransport.Udp6, DelayMechanism.P2P, ComparisonRule.G8275), (profile.Transport, profile.Port.DelayMechanism, profile.Rule));
        Assert.Equal(Duration.FromNanoseconds(5), profile.Port.NeighborDelayThreshold);
        Assert.Equal((6, 7, 8), (profile.Port.DelayAsymmetry.Nanoseconds, profile.Port.IngressLatency.Nanoseconds, profile.Port.EgressLatency.Nanoseconds));
        Assert.Equal(0x001122FFFE334455UL, Assert.Single(profile.Port.AcceptableGrandmasters).Bits);
    }
}
