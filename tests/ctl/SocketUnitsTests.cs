using TimeSuite.Config;

namespace TimeSuite.Ctl.Tests;

public sealed class SocketUnitsTests
{
    [Fact]
    public void Who_serves_nothing_gets_no_unit() => Assert.Empty(Of("[[source]]\nserver = \"192.0.2.1\"\n"));

    [Fact]
    public void Each_thread_gets_a_socket_of_its_own_in_one_group()
    {
        var unit = Assert.Single(Of("[serve]\nthreads = 2\n"));

        Assert.Equal(("timesuite-ntpd.socket", "timesuite-ntpd.service"), (unit.File, unit.Service));
        Assert.Equal(["0.0.0.0:123", "0.0.0.0:123", "[::]:123", "[::]:123"], Values(unit, "ListenDatagram"));
        Assert.Equal(["yes"], Values(unit, "ReusePort"));
        Assert.Equal(["ntp"], Values(unit, "FileDescriptorName"));
    }

    [Fact]
    public void Without_a_number_there_are_as_many_threads_as_processors() =>
        Assert.Equal(3, Values(Assert.Single(Of("[serve]\nlisten = [\"192.0.2.1:123\"]\n", processors: 3)), "ListenDatagram").Count);

    [Fact]
    public void An_interface_gets_a_unit_of_its_own_and_need_not_be_there()
    {
        var units = Of("[serve]\nthreads = 1\nlisten = [\"192.0.2.1:123\", \"192.0.2.2%vrf9:123\", \"[fe80::1%eth9]:123\"]\n");

        Assert.Equal(["timesuite-ntpd.socket", "timesuite-ntpd-on-vrf9.socket", "timesuite-ntpd-on-eth9.socket"], units.Select(unit => unit.File));
        Assert.Equal(["192.0.2.2:123"], Values(units[1], "ListenDatagram"));
        Assert.Equal(["vrf9"], Values(units[1], "BindToDevice"));
        Assert.Equal(["[fe80::1]:123%%eth9"], Values(units[2], "ListenDatagram")); // as systemd.socket(5) wants a scope; a single percent sign begins a specifier
        Assert.Equal(["no"], Values(units[2], "ReusePort"));
    }

    [Fact]
    public void The_key_exchange_is_a_stream_that_does_not_delay()
    {
        var unit = Assert.Single(Of("[nts-server]\nlisten = [\"[::]:4460\"]\n[[nts-server.certificate]]\nchain = \"/c\"\nkey = \"/k\"\n"));

        Assert.Equal("timesuite-ntskeyd.service", unit.Service);
        Assert.Equal(["[::]:4460"], Values(unit, "ListenStream"));
        Assert.Equal(["yes"], Values(unit, "NoDelay"));
        Assert.Equal(["ntske"], Values(unit, "FileDescriptorName"));
    }

    [Fact]
    public void The_ports_are_opened_after_those_who_had_them_before_are_stopped_and_that_makes_no_circle()
    {
        string clockd = File.ReadAllLines(Repository.File("systemd/timesuite-clockd.service")).Single(line => line.StartsWith("Conflicts=", StringComparison.Ordinal))["Conflicts=".Length..];

        foreach (var unit in Of("[serve]\n[nts-server]\n[[nts-server.certificate]]\nchain = \"/c\"\nkey = \"/k\"\n"))
        {
            Assert.Equal([clockd, "sysinit.target"], Values(unit, "After"));
            Assert.Equal(["no"], Values(unit, "DefaultDependencies")); // else it is before sockets.target, after which they are
            Assert.Equal(["shutdown.target"], Values(unit, "Before"));
        }
    }

    [Theory]
    [InlineData("transport = \"ethernet\"")]
    [InlineData("profile = \"gptp\"")]
    [InlineData("unicast-masters = [\"00:1b:19:00:00:01\"]")]
    public void Ptp_on_Ethernet_has_the_right_to_raw_sockets(string ptp)
    {
        var unit = Assert.Single(Of($"[ptp]\ninterfaces = [\"eth0\"]\n{ptp}\n"));

        Assert.Equal(("timesuite-ptpd.service.d/50-ethernet.conf", null), (unit.File, unit.Service));
        Assert.Equal(["CAP_NET_RAW"], Values(unit, "AmbientCapabilities"));
        Assert.Equal(["CAP_NET_RAW"], Values(unit, "CapabilityBoundingSet"));
        Assert.Equal(["AF_PACKET"], Values(unit, "RestrictAddressFamilies"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("profile = \"gptp\"\ntransport = \"udp6\"")]
    [InlineData("unicast-masters = [\"192.0.2.1\"]")]
    public void Ptp_by_UDP_has_not(string ptp) => Assert.Empty(Of($"[ptp]\ninterfaces = [\"eth0\"]\n{ptp}\n"));

    [Theory]
    [InlineData("[ntp]\nhw-timestamp = \"all\"\n")]
    [InlineData("[[source]]\nphc = \"eth0\"\n")]
    public void Where_ntpd_reads_hardware_clocks_it_may_and_nothing_else(string text)
    {
        var unit = Assert.Single(Of(text));

        Assert.Equal(("timesuite-ntpd.service.d/50-hardware-clocks.conf", null), (unit.File, unit.Service));
        Assert.Equal(["char-ptp r"], Values(unit, "DeviceAllow"));
        Assert.Equal(["closed"], Values(unit, "DevicePolicy"));
        Assert.Equal(["no"], Values(unit, "PrivateDevices"));
    }

    private static IReadOnlyList<SocketUnits.Unit> Of(string text, int processors = 1)
    {
        var read = ConfigFile.Parse(text, "timesuite.toml");
        Assert.True(read.TryGet(out var config), string.Join('\n', read.Errors));
        return SocketUnits.Of(config, processors);
    }

    private static List<string> Values(SocketUnits.Unit unit, string key) =>
        [.. unit.Text.Split('\n').Where(line => line.StartsWith(key + "=", StringComparison.Ordinal)).Select(line => line[(key.Length + 1)..])];
}
