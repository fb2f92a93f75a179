namespace TimeSuite.Config.Tests;

public sealed class ErrorTests
{
    [Theory]
    [InlineData("[clock]\nmax-frequency = \"501 ppm\"", "test.toml(2,17): [clock] max-frequency = \"501 ppm\": must be a rate from 1 to 500 ppm, e.g. \"500 ppm\" (units ppm, ppb)")]
    [InlineData("[clock]\nmax-frequency = \"1 s\"", "(2,17): [clock] max-frequency = \"1 s\": must be a rate")]
    [InlineData("[clock]\nmax-slew-rate = nan", "(2,17): [clock] max-slew-rate = nan: must be a rate")]
    [InlineData("[clock]\nlease = \"10\"", "(2,9): [clock] lease = \"10\": must be a length of time from 1 s to 60 s, e.g. \"10 s\"")]
    [InlineData("[clock]\nlease = 1e300", "(2,9): [clock] lease = 1e300: must be a length of time")]
    [InlineData("[clock]\nlease = \"999999999999999999999999999999999 d\"", "must be a length of time")]
    [InlineData("[clock]\nboot-steps = -1", "(2,14): [clock] boot-steps = -1: must be a whole number from 0 to 100")]
    [InlineData("[ptp]\ninterfaces = [\"eth0\"]\nunicast-masters = [\"gm\"]", "(3,20): [ptp] unicast-masters: \"gm\" must be the address of a master")]
    [InlineData("[ptp]\ninterfaces = [\"eth0\"]\nunicast-masters = [\"192.0.2.1\", \"2001:db8::1\"]", "must all be of the transport that is used")]
    [InlineData("[ptp]\ninterfaces = [\"eth0\"]\ntransport = \"ethernet\"\nunicast-masters = [\"192.0.2.1\"]", "must all be of the transport that is used")]
    [InlineData("[ptp]\ninterfaces = [\"eth0\"]\nrole = \"serve\"\nunicast-masters = [\"192.0.2.1\"]", "is of no use with role = \"serve\"")]
    [InlineData("[ptp]\ninterfaces = [\"eth0\"]\nprofile = \"g8275.2\"", "has unicast alone: say whom to follow, unicast-masters")]
    [InlineData("[ptp]\ninterfaces = [\"eth0\"]\nmax-jump = \"1 us\"", "must be a length of time from 1 ms to 1 d, or \"any\"")]
    [InlineData("[clock]\nboot-steps = 3.0", "must be a whole number")]
    [InlineData("[clock]\nrtc-sync = \"yes\"", "(2,12): [clock] rtc-sync = \"yes\": must be true or false")]
    [InlineData("[clock]\npolicy = \"lax\"", "(2,10): [clock] policy = \"lax\": must be one of \"default\", \"chrony-like\", \"strict\"")]
    [InlineData("[clock]\nlater-steps-per-day = 1", "max-later-step must then be above 0 s")]
    [InlineData("[clock]\nsteerers = \"alice\"", "(2,12): [clock] steerers = \"alice\": must be a list")]
    [InlineData("[clock]\nsteerers = [\"al ice\"]", "(2,13): [clock] steerers: \"al ice\" must be a user's name")]
    [InlineData("[clock]\nsteerers = [7]", "(2,13): [clock] steerers: 7 must be a user's name")]
    [InlineData("clock = 5", "(1,1): clock = 5: must be a table, [clock]")]
    [InlineData("[clok]\n", "(1,2): unknown table \"clok\"; the nearest known table is [clock]")]
    [InlineData("[[sourse]]\nserver = \"a\"", "unknown table \"sourse\"; the nearest known table is [[source]]")]
    [InlineData("lease = 1\n", "(1,1): unknown key outside of any table \"lease\"")]
    [InlineData("[clock]\nmax_frequency = 1", "(2,1): [clock]: unknown key \"max_frequency\" (= 1); the nearest known key is \"max-frequency\"")]
    [InlineData("[clock.lease]\nx = 1", "[clock] lease = {...}: must be a length of time")]
    [InlineData("[source]\nserver = \"a\"", "source = {...}: must be an array of tables, each begun with [[source]]")]
    [InlineData("[[source]]\niburst = true", "(1,3): [[source]]: must have exactly one of server = \"...\", pool = \"...\" and phc = \"...\"")]
    [InlineData("[[source]]\nserver = \"a.example\"\npool = \"b.example\"", "must have exactly one of")]
    [InlineData("[[source]]\nserver = \"a.example:123\"", "(2,10): [[source]] server = \"a.example:123\": must be a host name or an address without port")]
    [InlineData("[[source]]\nserver = \"300.1.1.1\"", "must be a host name or an address")]
    [InlineData("[[source]]\nserver = \"127.1\"", "must be a host name or an address")]
    [InlineData("[[source]]\nserver = \"\"", "must be a host name or an address")]
    [InlineData("[[source]]\nserver = 5", "must be a host name or an address")]
    [InlineData("[[source]]\npool = \"192.0.2.1\"", "an address is a server")]
    [InlineData("[[source]]\nserver = \"a\"\nport = 0", "(3,8): [[source]] port = 0: must be a whole number from 1 to 65535")]
    [InlineData("[[source]]\nserver = \"a\"\nport = 65536", "from 1 to 65535")]
    [InlineData("[[source]]\nserver = \"a\"\nmin-poll = 18", "must be a whole number from -4 to 17")]
    [InlineData("[[source]]\nserver = \"a\"\nmin-poll = \"17 s\"", "a power of two")]
    [InlineData("[[source]]\nserver = \"a\"\nmin-poll = 9\nmax-poll = 8", "(3,12): [[source]] min-poll = 9: must not be above max-poll, which is 8")]
    [InlineData("[[source]]\nserver = \"a\"\nburst = true\nmin-poll = 4", "(3,9): [[source]] burst = true: needs min-poll = 5")]
    [InlineData("[[source]]\nserver = \"a\"\nmax-sources = 2", "is for a pool")]
    [InlineData("[[source]]\nserver = \"a\"\nprefer = true\nnoselect = true", "(3,10): [[source]] prefer = true: contradicts noselect = true")]
    [InlineData("[[source]]\nserver = \"a\"\nfamily = 5", "must be 4 or 6")]
    [InlineData("[[source]]\nserver = \"192.0.2.1\"\nfamily = 6", "192.0.2.1 is an IPv4 address")]
    [InlineData("[[source]]\nserver = \"192.0.2.1\"\nsource-address = \"::1\"", "must be an IPv4 address")]
    [InlineData("[[source]]\nserver = \"a\"\nasymmetry = 0.6", "must be a number from -0.5 to 0.5")]
    [InlineData("[[source]]\nserver = \"a\"\ndscp = 64", "from 0 to 63")]
    [InlineData("[[source]]\nserver = \"a\"\nversion = 5", "from 3 to 4")]
    [InlineData("[[source]]\nserver = \"a\"\ninterface = \"a b\"", "name of a network interface")]
    [InlineData("[[source]]\nserver = \"a\"\n[[source]]\nserver = \"A.\"", "(3,3): [[source]] A.: is already configured at test.toml(1)")]
    [InlineData("[serve]\nlisten = []", "must name at least one address")]
    [InlineData("[serve]\nlisten = [\"0.0.0.0\", \"0.0.0.0:123\"]", "0.0.0.0:123 stands there twice")]
    [InlineData("[nts-server]\nlisten = []\n[[nts-server.certificate]]\nchain = \"/c\"\nkey = \"/k\"", "must name at least one address")]
    [InlineData("[nts-server]\nlisten = [\"0.0.0.0\", \"0.0.0.0:4460\"]\n[[nts-server.certificate]]\nchain = \"/c\"\nkey = \"/k\"", "0.0.0.0:4460 stands there twice")]
    [InlineData("[nts-server]\nlisten = [\"4460\"]\n[[nts-server.certificate]]\nchain = \"/c\"\nkey = \"/k\"", "(2,11): [nts-server] listen: \"4460\" must be an address, perhaps with a port")]
    [InlineData("[serve]\nlisten = [\"::1:x\"]", "(2,11): [serve] listen: \"::1:x\" must be an address with a port")]
    [InlineData("[serve]\nlisten = [\"[::1]:0\"]", "must be an address with a port")]
    [InlineData("[serve]\nlisten = [\"0.0.0.0%:123\"]", "must be an address with a port")]
    [InlineData("[serve]\nlisten = [\"0.0.0.0%a/b:123\"]", "must be an address with a port")]
    [InlineData("[serve]\nlisten = [\"1.2%eth0:123\"]", "must be an address with a port")]
    [InlineData("[serve]\nthreads = 0", "must be a whole number from 1 to 256")]
    [InlineData("[local]\nstratum = 16", "from 1 to 15")]
    [InlineData("[leap]\nmode = \"smear\"", "must be one of \"system\", \"step\", \"slew\", \"ignore\"")]
    [InlineData("[leap]\nfile = \"leap\"", "must be an absolute path")]
    [InlineData("[log]\nlevel = \"loud\"", "must be one of \"debug\"")]
    [InlineData("[log]\ntracking = true", "needs directory")]
    [InlineData("[log]\nlevel = 1979-05-27", "[log] level = 1979-05-27: must be one of")]
    public void Each_mistake_says_where_it_is_and_what_would_be_right(string text, string part)
    {
        var result = ConfigFile.Parse(text, "test.toml");

        Assert.Null(result.Value);
        Assert.Contains(part, Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var result = ConfigFile.Parse(
            """
            [clock]
            lease = "0 s"
            polcy = "default"
            [[source]]
            server = "a b"
            port = 0
            [lok]
            """,
            "t");

        Assert.Equal([(2, 9), (3, 1), (5, 10), (6, 8), (7, 2)], result.Errors.Select(error => (error.Line, error.Column)).Order());
    }

    [Theory]
    [InlineData("[clock", 1)]
    [InlineData("[clock]\nlease = \n", 2)]
    [InlineData("[clock]\nlease = 1\nlease = 2", 3)]
    [InlineData("x = \"\u0001\"", 1)]
    public void What_is_not_TOML_is_refused_with_its_line(string text, int line)
    {
        var result = ConfigFile.Parse(text, "t");

        Assert.Null(result.Value);
        Assert.Contains(result.Errors, error => error.Line == line);
    }

    [Fact]
    public void Nesting_without_end_is_refused_and_overflows_nothing()
    {
        var result = ConfigFile.Parse("x = " + new string('[', 100_000), "t");

        Assert.NotEmpty(result.Errors);
    }

    [Fact]
    public void Control_characters_of_a_value_do_not_reach_the_terminal()
    {
        var error = Assert.Single(ConfigFile.Parse("[clock]\npolicy = \"\u0085\u009b31m\"", "t").Errors);

        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Fact]
    public void A_single_source_is_read_with_and_without_its_header()
    {
        Assert.Equal(4, SourceToml.Parse("server = \"a.example\"\nmin-poll = 4").Value!.MinPoll);
        Assert.Equal(4, SourceToml.Parse("[[source]]\nserver = \"a.example\"\nmin-poll = 4").Value!.MinPoll);
        Assert.Contains("nearest known key is \"min-poll\"", SourceToml.Parse("server = \"a\"\nminpoll = 4").Errors[0].Message, StringComparison.Ordinal);
        Assert.NotEmpty(SourceToml.Parse("[[source]]\nserver = \"a\"\n[[source]]\nserver = \"b\"").Errors);
        Assert.NotEmpty(SourceToml.Parse("").Errors);
    }
}
