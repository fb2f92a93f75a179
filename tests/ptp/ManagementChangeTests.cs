namespace TimeSuite.Ptp.Tests;

/// <summary>What this host's own administrator may change while it runs.</summary>
public sealed class ManagementChangeTests
{
    private readonly SimulatedNetwork _network = new();

    [Theory]
    [InlineData("PRIORITY1", "7", "priority1", "7")]
    [InlineData("priority2", "0", "priority2", "0")]
    [InlineData("LOG_ANNOUNCE_INTERVAL", "-3", "logAnnounceInterval", "-3")]
    [InlineData("ANNOUNCE_RECEIPT_TIMEOUT", "5", "announceReceiptTimeout", "5")]
    [InlineData("LOG_SYNC_INTERVAL", "4", "logSyncInterval", "4")]
    [InlineData("LOG_MIN_PDELAY_REQ_INTERVAL", "2", "logMinPdelayReqInterval", "2")]
    [InlineData("PATH_TRACE_ENABLE", "1", "enable", "1")]
    [InlineData("USER_DESCRIPTION", "grandmaster; K\u00f6ln", "userDescription", "grandmaster; K\u00f6ln")]
    public void What_is_set_is_what_is_got(string name, string value, string field, string shown)
    {
        var port = New(1, 100);

        Assert.Null(Set(port, name, value));
        Assert.True(ManagementNames.TryFind(name, out var id));
        Assert.Contains(ManagementView.Of(id, port.Instance, port.Port, _network.Boot), got => (got.Name, got.Value) == (field, shown));
    }

    [Theory]
    [InlineData("PRIORITY1", "256", "0 to 255")]
    [InlineData("PRIORITY1", "x", "0 to 255")]
    [InlineData("PRIORITY1", "", "0 to 255")]
    [InlineData("LOG_SYNC_INTERVAL", "-8", "-7 to 4")]
    [InlineData("ANNOUNCE_RECEIPT_TIMEOUT", "1", "2 to 255")]
    [InlineData("DISABLE_PORT", "1", "no value")]
    [InlineData("PATH_TRACE_ENABLE", "2", "0 to 1")]
    [InlineData("USER_DESCRIPTION", "a\nb", "without control characters")]
    [InlineData("USER_DESCRIPTION", "0123456789012345678901234567890123456789012345678901234567890123 and more", "up to 64 octets")]
    [InlineData("CLOCK_ACCURACY", "0x20", "cannot be changed")]
    [InlineData("DEFAULT_DATA_SET", "1", "cannot be changed")]
    public void What_cannot_be_is_refused_with_what_would_be_right(string name, string value, string right)
    {
        var port = New(1, 100);

        Assert.Contains(right, Set(port, name, value), StringComparison.Ordinal);
    }

    [Fact]
    public void A_better_priority_takes_the_mastership_at_once()
    {
        var (one, other) = (New(1, 100), New(2, 50));
        one.Join(other, 1e-6, 1e-6);
        _network.RunUntil(30, one, other);
        Assert.Equal(PortState.Master, other.Port.State);

        Assert.Null(Set(one, "PRIORITY1", "10"));
        _network.RunUntil(60, one, other);

        Assert.Equal(PortState.Master, one.Port.State);
        Assert.Equal(one.Port.Identity, other.Port.Followed);
    }

    [Fact]
    public void The_path_is_told_from_the_moment_that_it_is_asked_for()
    {
        var port = New(1, 50);
        _network.RunUntil(30, port);
        Assert.Null(Set(port, "PATH_TRACE_ENABLE", "1"));
        int before = port.Messages.Count;
        _network.RunUntil(40, port);

        byte[] announce = port.Messages.Skip(before).First(message => (MessageType)(message[0] & 0xF) == MessageType.Announce);
        Assert.True(PtpHeader.TryParse(announce, out var header) && PathTrace.TryFind(announce, header, out var trace) && trace[0] == new ClockIdentity(1));
        Assert.DoesNotContain(port.Messages.Take(before), message => (MessageType)(message[0] & 0xF) == MessageType.Announce && message.Length > AnnounceBody.Size);
    }

    [Fact]
    public void A_faster_sync_is_sent_at_once()
    {
        var (one, other) = (New(1, 50), New(2, 100));
        one.Join(other, 1e-6, 1e-6);
        _network.RunUntil(30, one, other);
        int before = one.Messages.Count(message => message[0] == 0);

        Assert.Null(Set(one, "LOG_SYNC_INTERVAL", "-3"));
        _network.RunUntil(40, one, other);

        Assert.InRange(one.Messages.Count(message => message[0] == 0) - before, 73, 82);
    }

    [Fact]
    public void A_disabled_port_is_silent_and_deaf_also_after_its_network_came_back_until_it_is_enabled()
    {
        var (one, other) = (New(1, 50), New(2, 100));
        one.Join(other, 1e-6, 1e-6);
        _network.RunUntil(30, one, other);
        Assert.Null(Set(one, "DISABLE_PORT", ""));
        int before = one.Messages.Count;
        one.Port.Start(_network.Boot);
        _network.RunUntil(60, one, other);

        Assert.Equal(before, one.Messages.Count);
        Assert.Equal(PortState.Disabled, one.Port.State);
        Assert.Equal(PortState.Master, other.Port.State);

        Assert.Null(Set(one, "ENABLE_PORT", ""));
        _network.RunUntil(90, one, other);
        Assert.Equal(PortState.Master, one.Port.State);
    }

    [Fact]
    public void Every_id_has_fields_and_a_name_that_finds_it()
    {
        var port = New(1, 100);
        foreach (var id in Enum.GetValues<ManagementId>())
        {
            Assert.True(ManagementNames.TryFind(ManagementNames.NameOf(id), out var found) && found == id);
            Assert.True(id is ManagementId.NullManagement or ManagementId.PathTraceList || ManagementView.Of(id, port.Instance, port.Port, _network.Boot).Count > 0, $"{id}");
        }

        Assert.Contains("LOG_MIN_PDELAY_REQ_INTERVAL", ManagementNames.All);
    }

    private string? Set(SimulatedPort port, string name, string value)
    {
        Assert.True(ManagementNames.TryFind(name, out var id));
        return ManagementChange.Apply(id, value, port.Instance, [port.Port], _network.Boot);
    }

    private SimulatedPort New(ulong clock, byte priority)
    {
        var port = new SimulatedPort(_network) { Instance = new(new() { Identity = new(clock), Priority1 = priority }, ComparisonRule.Ieee1588, () => 0.5) };
        port.Port = port.Instance.AddPort(new(), port, port);
        port.Port.Start(_network.Boot);
        return port;
    }
}
