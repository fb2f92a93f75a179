namespace TimeSuite.Config.Tests;

/// <summary>What of [ptp] does not go together is refused with what would be right.</summary>
public sealed class PtpModesConfigTests
{
    [Theory]
    [InlineData("interfaces = [\"a\"]\nrole = \"transparent\"", "two interfaces or more")]
    [InlineData("interfaces = [\"a\", \"b\"]\nrole = \"transparent\"\nprofile = \"gptp\"", "has no transparent clocks")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"csptp\"", "unicast-masters = [\"ADDRESS\"]")]
    [InlineData("interfaces = [\"a\", \"b\"]\nprofile = \"csptp\"\nrole = \"boundary\"", "must be \"follow\" or \"serve\"")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"csptp\"\nrole = \"serve\"\ntransport = \"ethernet\"", "must be \"udp4\" or \"udp6\"")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"csptp\"\nrole = \"serve\"\ndelay = \"e2e\"", "is not for profile = \"csptp\"")]
    [InlineData("interfaces = [\"a\"]\nauthentication = \"required\"", "needs authentication-keys")]
    [InlineData("interfaces = [\"a\"]\nauthentication = \"required\"\nauthentication-keys = \"/k\"", "and authentication-key = NUMBER")]
    [InlineData("interfaces = [\"a\", \"b\"]\nrole = \"transparent\"\nauthentication = \"accepted\"\nauthentication-keys = \"/k\"\nauthentication-key = 1", "not for role = \"transparent\"")]
    [InlineData("interfaces = [\"a\"]\nauthentication-keys = \"k\"", "must be the path")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"csptp\"\nrole = \"serve\"\ntimestamping = \"hardware\"", "is stamped by software")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"csptp\"\nunicast-masters = [\"192.0.2.1\"]\nmax-clock-class = 7", "chosen by their addresses")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"csptp\"\nunicast-masters = [\"192.0.2.1\"]\nacceptable-masters = [\"001122.fffe.334455\"]", "chosen by their addresses")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"automotive\"\nacceptable-grandmasters = [\"001122.fffe.334455\"]", "nobody says who the grandmaster is")]
    [InlineData("interfaces = [\"a\", \"b\"]\nprofile = \"automotive\"\nrole = \"boundary\"", "which of the two all ports are")]
    [InlineData("interfaces = [\"a\"]\none-step = true", "is for who sends Syncs")]
    [InlineData("interfaces = [\"a\"]\nrole = \"serve\"\none-step = true\ntimestamping = \"software\"", "only hardware can write the time")]
    [InlineData("interfaces = [\"a\"]\nrole = \"serve\"\none-step = true\nprofile = \"gptp\"", "says more in its Follow_Ups")]
    [InlineData("interfaces = [\"a\"]\nrole = \"serve\"\none-step = true\nauthentication = \"required\"\nauthentication-keys = \"/k\"\nauthentication-key = 1", "would break the seal")]
    [InlineData("interfaces = [\"a\"]\nhops = 0", "must be a whole number from 1 to 255")]
    [InlineData("interfaces = [\"a\"]\ndscp = 64", "must be a whole number from 0 to 63")]
    [InlineData("interfaces = [\"a\"]\ntransport = \"ethernet\"\nhops = 2", "there are no routers")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"gptp\"\ndscp = 46", "there are no routers")]
    [InlineData("interfaces = [\"a\"]\nannounce-timeout = 1", "must be a whole number from 2 to 255")]
    [InlineData("interfaces = [\"a\"]\nsync-timeout = 256", "must be a whole number from 0 to 255")]
    [InlineData("interfaces = [\"a\"]\npath-trace = 1", "must be true or false")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"automotive\"\nannounce-timeout = 3", "there are no Announces")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"csptp\"\nrole = \"serve\"\npath-trace = true", "there are no Announces")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"csptp\"\nrole = \"serve\"\nsync-timeout = 3", "only when it was asked for")]
    [InlineData("interfaces = [\"a\"]\nrole = \"serve\"\ntime-source = \"gps\"", "must be one of \"atomic\", \"gnss\"")]
    [InlineData("interfaces = [\"a\"]\ntime-source = \"gnss\"", "is for who may be grandmaster")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"csptp\"\nrole = \"serve\"\ntime-source = \"gnss\"", "whose answers do not tell it")]
    [InlineData("interfaces = [\"a\"]\n[[ptp-port]]\ninterface = \"b\"", "[[ptp-port]] b: is none of [ptp] interfaces, which are a")]
    [InlineData("interfaces = [\"a\"]\n[[ptp-port]]\nmaster-only = true", "needs interface = ")]
    [InlineData("interfaces = [\"a\"]\n[[ptp-port]]\ninterface = \"a\"\nmaster-only = true", "is for role = \"boundary\"")]
    [InlineData("interfaces = [\"a\"]\n[[ptp-port]]\ninterface = \"a\"\n[[ptp-port]]\ninterface = \"a\"", "has a table already")]
    [InlineData("interfaces = [\"a\"]\n[[ptp-port]]\ninterface = \"a\"\ndelay-asymetry = \"1 ns\"", "delay-asymmetry")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"gptp\"\nsdo-id = 1", "known by its own")]
    [InlineData("interfaces = [\"a\"]\nsdo-id = 4096", "must be a whole number from 0 to 4095")]
    [InlineData("interfaces = [\"a\"]\nclock-variance = 1", "is for who may be grandmaster")]
    [InlineData("interfaces = [\"a\"]\nrole = \"serve\"\nclock-variance = 65536", "must be a whole number from 0 to 65535")]
    [InlineData("interfaces = [\"a\", \"b\"]\nrole = \"transparent\"\n[[ptp-port]]\ninterface = \"b\"\ntransport = \"udp6\"", "does not translate")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"csptp\"\nrole = \"serve\"\n[[ptp-port]]\ninterface = \"a\"\ntransport = \"ethernet\"", "must have transport \"udp4\" or \"udp6\"")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"csptp\"\nrole = \"serve\"\n[[ptp-port]]\ninterface = \"a\"\ndelay = \"p2p\"", "whose every exchange measures it")]
    [InlineData("interfaces = [\"a\"]\n[[ptp-port]]\ninterface = \"a\"\ntransport = \"udp6\"\nunicast-masters = [\"192.0.2.1\"]", "must all be of the transport that is used")]
    [InlineData("interfaces = [\"a\"]\nrole = \"serve\"\n[[ptp-port]]\ninterface = \"a\"\nunicast-masters = [\"192.0.2.1\"]", "follows nobody")]
    [InlineData("interfaces = [\"a\"]\n[[ptp-port]]\ninterface = \"a\"\nsync-interval = 5", "must be a whole number from -7 to 4")]
    [InlineData("interfaces = [\"a\"]\n[[source]]\nphc = \"a\"", "is a source by itself, ptp:a")]
    [InlineData("interfaces = [\"a\"]\npps = \"a\"", "is for role = \"serve\"")]
    [InlineData("interfaces = [\"a\"]\nrole = \"serve\"\npps = \"b\"", "must be one of the interfaces")]
    [InlineData("interfaces = [\"a\"]\nrole = \"serve\"\npps = \"a\"\ntimestamping = \"software\"", "contradicts timestamping")]
    [InlineData("interfaces = [\"a\"]\nrole = \"serve\"\npps = \"a\"\nprofile = \"csptp\"", "stamped by software")]
    [InlineData("interfaces = [\"a\"]\nrole = \"serve\"\npps-pin = 1", "is for pps = ")]
    [InlineData("interfaces = []", "must name one at least")]
    [InlineData("interfaces = [\"a\", \"b\", \"a\"]", "names a twice")]
    [InlineData("interfaces = [\"a\"]\nunicast-masters = [\"224.0.1.129\"]", "of one host")]
    [InlineData("interfaces = [\"a\"]\nunicast-masters = [\"255.255.255.255\"]", "of one host")]
    [InlineData("interfaces = [\"a\"]\nunicast-masters = [\"0.0.0.0\"]", "of one host")]
    [InlineData("interfaces = [\"a\"]\nunicast-masters = [\"ff0e::181\"]", "of one host")]
    [InlineData("interfaces = [\"a\"]\nunicast-masters = [\"01:1b:19:00:00:00\"]", "of one host")]
    [InlineData("interfaces = [\"a\"]\nunicast-masters = [\"fe80::1%a\"]", "without a zone")]
    [InlineData("interfaces = [\"a\"]\nunicast-masters = [\"192.0.2.1\", \"192.0.2.1\"]", "names 192.0.2.1 twice")]
    [InlineData("interfaces = [\"a\"]\nunicast-masters = [\"2001:db8::1\", \"2001:DB8:0::1\"]", "names 2001:db8::1 twice")]
    [InlineData("interfaces = [\"a\"]\n[[ptp-port]]\ninterface = \"a\"\nunicast-masters = [\"00:1b:19:00:00:0a\", \"00:1B:19:00:00:0A\"]", "twice; keep one")]
    [InlineData("interfaces = [\"a\"]\nrole = \"boundary\"\n[[ptp-port]]\ninterface = \"a\"\nmaster-only = true", "all its ports are master-only")]
    [InlineData("interfaces = [\"a\"]\nserve-unicast = \"also\"", "is for who may be grandmaster")]
    [InlineData("interfaces = [\"a\"]\nlocal-priority = 1", "is for profile = \"g8275.1\"")]
    [InlineData("interfaces = [\"a\"]\n[[ptp-port]]\ninterface = \"a\"\nlocal-priority = 1", "which is for profile = \"g8275.1\"")]
    public void What_cannot_be_is_refused(string keys, string right)
    {
        var result = ConfigFile.Parse("[ptp]\n" + keys, "test.toml");

        Assert.Contains(result.Errors, error => error.ToString().Contains(right, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("interfaces = [\"a\", \"b\"]\nrole = \"transparent\"\ndelay = \"p2p\"")]
    [InlineData("interfaces = [\"a\", \"b\"]\nrole = \"transparent\"\ntimestamping = \"hardware\"")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"csptp\"\nunicast-masters = [\"192.0.2.1\"]")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"csptp\"\nrole = \"serve\"\ntransport = \"udp6\"\ndomain = 200")]
    [InlineData("interfaces = [\"a\"]\nauthentication = \"required\"\nauthentication-keys = \"/k\"\nauthentication-key = 4294967295\nauthentication-association = 255\nauthentication-correction = \"open\"")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"automotive\"\nacceptable-masters = [\"001122.fffe.334455\"]")]
    [InlineData("interfaces = [\"a\"]\nrole = \"serve\"\none-step = true")]
    [InlineData("interfaces = [\"a\"]\nrole = \"serve\"\npps = \"a\"")]
    [InlineData("interfaces = [\"a\", \"b\"]\nrole = \"serve\"\npps = \"b\"\npps-channel = 1\npps-pin = 3\npps-delay = \"-120 ns\"\npps-accuracy = \"30 ns\"")]
    [InlineData("interfaces = [\"a\"]\n[[source]]\nphc = \"b\"")]
    [InlineData("interfaces = [\"a\"]\nrole = \"boundary\"\nannounce-timeout = 255\nsync-timeout = 0\npath-trace = false\ntime-source = \"radio\"")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"automotive\"\nsync-timeout = 9")]
    [InlineData("interfaces = [\"a\"]\nprofile = \"power\"\ntransport = \"udp6\"\nhops = 255\ndscp = 63")]
    [InlineData("interfaces = [\"a\"]\nrole = \"serve\"\nprofile = \"power\"\nsdo-id = 4095\nclock-variance = 0")]
    [InlineData("interfaces = [\"a\", \"b\"]\nrole = \"boundary\"\nprofile = \"gptp\"\n[[ptp-port]]\ninterface = \"b\"\ntransport = \"udp6\"\ndelay = \"e2e\"\nunicast-masters = [\"2001:db8::1\"]")]
    [InlineData("interfaces = [\"a\"]\nunicast-masters = [\"fe80::1\", \"fe80::2\"]")] // of the port's own network
    [InlineData("interfaces = [\"a\", \"b\"]\nrole = \"boundary\"\nprofile = \"g8275.1\"\nlocal-priority = 1\nserve-unicast = \"also\"\n[[ptp-port]]\ninterface = \"b\"\nmaster-only = true\nlocal-priority = 2")]
    public void What_can_be_is_taken(string keys) => Assert.Empty(ConfigFile.Parse("[ptp]\n" + keys, "test.toml").Errors);

    [Fact]
    public void What_a_port_says_holds_there_and_nowhere_else()
    {
        var result = ConfigFile.Parse(
            "[ptp]\ninterfaces = [\"a\", \"b\", \"c\"]\nrole = \"boundary\"\ntransport = \"ethernet\"\ndelay = \"p2p\"\nsync-interval = -3\n"
            + "[[ptp-port]]\ninterface = \"b\"\ntransport = \"udp6\"\ndelay = \"e2e\"\nsync-interval = 1\n[[ptp-port]]\ninterface = \"c\"\nunicast-masters = [\"192.0.2.1\"]",
            "test.toml");

        Assert.True(result.TryGet(out var config));
        var ptp = config.Ptp!;
        Assert.Equal((PtpConfig.PtpTransport.Ethernet, PtpConfig.PtpDelay.P2P, -3), (ptp.On("a").UsedTransport, ptp.On("a").Delay, ptp.On("a").SyncInterval));
        Assert.Equal((PtpConfig.PtpTransport.Udp6, PtpConfig.PtpDelay.E2E, 1), (ptp.On("b").UsedTransport, ptp.On("b").Delay, ptp.On("b").SyncInterval));
        Assert.Equal((PtpConfig.PtpTransport.Udp4, -3), (ptp.On("c").UsedTransport, ptp.On("c").SyncInterval)); // as the addresses are
        Assert.Equal([PtpConfig.PtpTransport.Ethernet, PtpConfig.PtpTransport.Udp6, PtpConfig.PtpTransport.Udp4], ptp.Transports);
    }
}
