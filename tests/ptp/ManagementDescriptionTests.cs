using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace TimeSuite.Ptp.Tests;

public sealed class ManagementDescriptionTests
{
    private readonly SimulatedNetwork _network = new();
    private readonly PtpInstance _instance = new(new() { Identity = new(0x0011_22FF_FE33_4455), Domain = 3 }, ComparisonRule.Ieee1588, () => 0.5);
    private readonly SimulatedPort _port;

    public ManagementDescriptionTests()
    {
        _port = new(_network);
        _port.Port = _instance.AddPort(
            new()
            {
                Description = new("eth0", 0x001122334455, new(PtpAddressKind.IPv4, 0xC0000201), true, "M;P;1", ";;9"), Power = new(PowerProfileVersion.Year2017, 0x1234, Duration.Zero, Duration.FromNanoseconds(250)),
                UnicastMasters = [new(PtpAddressKind.IPv4, 0xC0000202)],
            },
            _port, _port);
        _port.Port.Start(_network.Boot);
    }

    /// <summary>Octets by hand from IEEE 1588-2019 table 61.</summary>
    [Fact]
    public void The_clock_is_described_as_the_standard_lays_it_out() => Assert.Equal(
        [
            0x80, 0, 10, .. Encoding.ASCII.GetBytes("IEEE 802.3"), 0, 6, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0, 1, 0, 4, 192, 0, 2, 1, 0, 0, 0, 0,
            5, .. Encoding.ASCII.GetBytes("M;P;1"), 3, .. Encoding.ASCII.GetBytes(";;9"), 0, 0x00, 0x1B, 0x19, 0x00, 0x01, 0x00,
        ],
        Get(ManagementId.ClockDescription));

    [Fact]
    public void What_pmc_asks_for_beside_the_standard_has_the_layout_of_linuxptp()
    {
        Assert.Equal(50, Get(ManagementId.TimeStatusNp).Length);
        Assert.Equal([248, 0xFE, 0xFF, 0xFF, 0, 0, 0, 0xA0], Get(ManagementId.GrandmasterSettingsNp));
        Assert.Equal([0x00, 0x11, 0x22, 0xFF, 0xFE, 0x33, 0x44, 0x55, 0, 1, 4, 1, 4, .. "eth0"u8, 0], Get(ManagementId.PortPropertiesNp)); // listening, hardware
        Assert.Equal([0, 2, 0x12, 0x34, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 250], Get(ManagementId.PowerProfileSettingsNp));
        Assert.Equal(90, Get(ManagementId.PortServiceStatsNp).Length);
        Assert.Equal([0, 1, .. new byte[10 + 4 + 4], 0, 1, 0, 4, 192, 0, 2, 2], Get(ManagementId.UnicastMasterTableNp));
        Assert.Equal([0xEE, 0x6B, 0x28, 0x00, 0, 0, 0, 1], Get(ManagementId.PortDataSetNp)); // any delay: 4 s
    }

    /// <summary>Octets by hand from linuxptp's time_status_np.</summary>
    [Fact]
    public void The_grandmasters_time_base_is_told_as_linuxptp_does()
    {
        _instance.Stepped(Duration.FromNanoseconds(-2));

        Assert.Equal([0, 0, 0, 0, 0, 1, .. Enumerable.Repeat((byte)0xFF, 9), 0xFE, 0, 0, 0, 0, 0, 0], Get(ManagementId.TimeStatusNp)[20..42]);
    }

    [Fact]
    public void Counters_are_told_with_the_least_octet_first_as_linuxptp_does()
    {
        Get(ManagementId.Priority1);
        byte[] stats = Get(ManagementId.PortStatsNp);

        Assert.Equal(10 + 2 * 16 * 8, stats.Length);
        Assert.Equal(2, BinaryPrimitives.ReadInt64LittleEndian(stats.AsSpan(10 + (int)MessageType.Management * 8))); // received: this one too
        Assert.Equal(1, BinaryPrimitives.ReadInt64LittleEndian(stats.AsSpan(10 + 128 + (int)MessageType.Management * 8)));
    }

    [Fact]
    public void Every_id_is_answered_with_an_even_number_of_octets()
    {
        foreach (var id in Enum.GetValues<ManagementId>().Except([ManagementId.EnablePort, ManagementId.DisablePort]))
        {
            Assert.True(Get(id).Length % 2 == 0, $"{id}");
        }
    }

    [Theory]
    [InlineData("fd00012400000000000000000000000f", "fd00:124::f")]
    [InlineData("00000000000000000000000000000001", "::1")]
    [InlineData("20010db8000000000001000000000000", "2001:db8:0:0:1::")]
    [InlineData("20010db8000000010002000300040005", "2001:db8:0:1:2:3:4:5")]
    public void An_address_is_written_as_people_write_it(string bits, string written)
    {
        var port = new SimulatedPort(_network);
        var instance = new PtpInstance(new() { Identity = new(0x42) }, ComparisonRule.Ieee1588, () => 0.5);
        var address = new PtpAddress(PtpAddressKind.IPv6, UInt128.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        port.Port = instance.AddPort(new() { Description = new("eth0", 0x001122334455, address, true, "M;P;1", ";;9") }, port, port);

        var fields = ManagementView.Of(ManagementId.ClockDescription, instance, port.Port, _network.Boot).ToDictionary(field => field.Name, field => field.Value);

        Assert.Equal($"2 {written}", fields["protocolAddress"]);
        Assert.Equal(("00:11:22:33:44:55", "M;P;1", "00:1b:19:00:01:00"), (fields["physicalAddress"], fields["productDescription"], fields["profileId"]));
    }

    private byte[] Get(ManagementId id)
    {
        byte[] request = new byte[ManagementBody.Size + Tlvs.Head + 2];
        new ManagementBody(PortIdentity.All, 1, 1, ManagementAction.Get).Write(request, new() { Type = MessageType.Management, Length = (ushort)request.Length, Domain = 3, Source = new(new(0x99), 7) });
        BinaryPrimitives.WriteUInt16BigEndian(Tlvs.Begin(request.AsSpan(ManagementBody.Size), TlvType.Management, 2), (ushort)id);
        _network.RunUntil(_network.Now.Seconds + 1);
        _port.Port.Received(request, null, default, _network.Boot);
        byte[] answer = _port.Messages[^1];
        Assert.True(answer[ManagementBody.Size + 1] == (byte)TlvType.Management, $"{id} was refused");
        return answer[(ManagementBody.Size + Tlvs.Head + 2)..];
    }
}
