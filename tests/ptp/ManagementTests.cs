using System.Buffers.Binary;

namespace TimeSuite.Ptp.Tests;

public sealed class ManagementTests
{
    private static readonly PortIdentity Asker = new(new(0x99), 7);

    private readonly SimulatedNetwork _network = new();
    private readonly PtpInstance _instance = new(new() { Identity = new(0x0011_22FF_FE33_4455), Priority1 = 10, Domain = 3, SlaveOnly = true }, ComparisonRule.Ieee1588, () => 0.5);
    private readonly SimulatedPort _first, _second;

    public ManagementTests()
    {
        (_first, _second) = (new(_network), new(_network));
        foreach (var port in new[] { _first, _second })
        {
            port.Port = _instance.AddPort(new(), port, port);
            port.Port.Start(_network.Boot);
        }
    }

    /// <summary>Octets by hand from IEEE 1588-2019 tables 57, 61 and 63.</summary>
    [Fact]
    public void A_request_for_the_default_data_set_is_answered_as_the_standard_lays_it_out()
    {
        Ask(ManagementAction.Get, ManagementId.DefaultDataSet, PortIdentity.All, startingHops: 3, hops: 1);

        Assert.Equal(
            [
                0x0D, 0x12, 0, 74, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x11, 0x22, 0xFF, 0xFE, 0x33, 0x44, 0x55, 0, 1, 0x12, 0x34, 4, 0x7F,
                0, 0, 0, 0, 0, 0, 0, 0x99, 0, 7, 2, 2, 2, 0, // to the asker, as many hops as it came by, response
                0, 1, 0, 22, 0x20, 0x00, // management, length, id
                3, 0, 0, 2, 10, 248, 0xFE, 0xFF, 0xFF, 128, 0x00, 0x11, 0x22, 0xFF, 0xFE, 0x33, 0x44, 0x55, 3, 0,
            ],
            Assert.Single(_first.Messages));
        Assert.Empty(_second.Messages);
    }

    [Theory]
    [InlineData(ManagementId.NullManagement, 0)]
    [InlineData(ManagementId.CurrentDataSet, 18)]
    [InlineData(ManagementId.ParentDataSet, 32)]
    [InlineData(ManagementId.TimePropertiesDataSet, 4)]
    [InlineData(ManagementId.Priority2, 2)]
    [InlineData(ManagementId.UtcProperties, 4)]
    public void Each_data_set_of_the_instance_has_its_length_and_is_told_once(ManagementId id, int length)
    {
        Ask(ManagementAction.Get, id, PortIdentity.All);

        Assert.Equal(48 + 6 + length, Assert.Single(_first.Messages).Length);
    }

    [Fact]
    public void What_each_port_has_of_its_own_is_told_by_each_that_is_meant()
    {
        Ask(ManagementAction.Get, ManagementId.PortDataSet, PortIdentity.All);
        Assert.Equal([1, 2], _first.Messages.Select(message => (int)SourceOf(message).Port));
        Assert.All(_first.Messages, message => Assert.Equal((byte)PortState.Listening, message[54 + 10]));

        _first.Messages.Clear();
        Ask(ManagementAction.Get, ManagementId.PortDataSet, _second.Port.Identity);
        Assert.Equal(2, SourceOf(Assert.Single(_first.Messages)).Port);
    }

    [Theory]
    [InlineData(ManagementAction.Set, ManagementId.Priority1, ManagementError.NotSetable)]
    [InlineData(ManagementAction.Command, ManagementId.Priority1, ManagementError.NotSetable)]
    [InlineData(ManagementAction.Get, (ManagementId)0x1234, ManagementError.NoSuchId)]
    public void The_network_changes_nothing_and_what_there_is_not_is_refused(ManagementAction action, ManagementId id, ManagementError error)
    {
        Ask(action, id, PortIdentity.All, value: [1, 0]);

        byte[] answer = Assert.Single(_first.Messages);
        Assert.Equal((ushort)TlvType.ManagementErrorStatus, BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(48)));
        Assert.Equal((ushort)error, BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(52)));
        Assert.Equal(10, _instance.Default.Priority1);
    }

    [Fact]
    public void Who_is_not_meant_is_silent_and_answers_are_not_answered()
    {
        Ask(ManagementAction.Get, ManagementId.DefaultDataSet, new(new(5), ushort.MaxValue));
        Ask(ManagementAction.Response, ManagementId.DefaultDataSet, PortIdentity.All);
        Ask(ManagementAction.Acknowledge, ManagementId.DefaultDataSet, PortIdentity.All);

        Assert.Empty(_first.Messages);
    }

    [Fact]
    public void A_flood_of_requests_gets_fifty_answers_a_second()
    {
        for (int i = 0; i < 1000; i++)
        {
            Ask(ManagementAction.Get, ManagementId.ParentDataSet, PortIdentity.All);
        }

        Assert.Equal(50, _first.Messages.Count);
        Assert.Equal(950, _first.Port.Counters.Dropped(Drop.TooOften));
        _network.RunUntil(1);
        Ask(ManagementAction.Get, ManagementId.ParentDataSet, PortIdentity.All);
        Assert.Equal(51, _first.Messages.Count);
    }

    [Fact]
    public void A_boundary_clock_hands_on_what_is_not_for_it_alone_as_far_as_it_may_go()
    {
        var other = new PortIdentity(new(5), 1);
        Ask(ManagementAction.Get, ManagementId.ParentDataSet, other, startingHops: 2, hops: 2);
        Assert.Empty(_second.Messages); // its ports listen: nobody is there, or they would go round

        _instance.Default = _instance.Default with { SlaveOnly = false };
        _network.RunUntil(60, _first, _second);
        Assert.Equal((PortState.Master, PortState.Master), (_first.Port.State, _second.Port.State));
        List<byte[]> HandedOn() => [.. _second.Messages.Where(message => (MessageType)(message[0] & 0xF) == MessageType.Management)];
        Ask(ManagementAction.Get, ManagementId.ParentDataSet, other, startingHops: 2, hops: 0);
        Ask(ManagementAction.Get, ManagementId.ParentDataSet, _second.Port.Identity, startingHops: 2, hops: 2);
        Assert.Empty(HandedOn());

        Ask(ManagementAction.Set, ManagementId.Priority1, other, startingHops: 2, hops: 2, value: [1, 0]);
        Ask(ManagementAction.Response, ManagementId.Priority1, other, startingHops: 2, hops: 1);
        Assert.Equal([1, 0], HandedOn().Select(message => (int)ManagementBody.Parse(message).Hops));
        Assert.All(HandedOn(), message => Assert.Equal(Asker, SourceOf(message)));
        Assert.DoesNotContain(_first.Messages, message => SourceOf(message) == Asker);

        _network.RunUntil(70, _first, _second);
        int before = HandedOn().Count;
        for (int i = 0; i < 1000; i++)
        {
            Ask(ManagementAction.Get, ManagementId.ParentDataSet, other, startingHops: 1, hops: 1);
        }

        Assert.Equal(before + 50, HandedOn().Count);
    }

    private static PortIdentity SourceOf(byte[] message) => PtpHeader.TryParse(message, out var header) ? header.Source : default;

    private void Ask(ManagementAction action, ManagementId id, PortIdentity target, byte startingHops = 0, byte hops = 0, byte[]? value = null)
    {
        int length = 2 + (value?.Length ?? 0);
        byte[] message = new byte[48 + 4 + length];
        new ManagementBody(target, startingHops, hops, action).Write(message, new()
        {
            Type = MessageType.Management, MinorVersion = 1, Domain = 3, Length = (ushort)message.Length, Source = Asker, Sequence = 0x1234, LogInterval = PtpHeader.NoInterval,
        });
        var tlv = Tlvs.Begin(message.AsSpan(48), TlvType.Management, length);
        BinaryPrimitives.WriteUInt16BigEndian(tlv, (ushort)id);
        value?.CopyTo(tlv[2..]);
        _first.Port.Received(message, null, default, _network.Boot);
    }
}
