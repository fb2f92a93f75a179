using CsCheck;

namespace TimeSuite.Ptp.Tests;

public sealed class TlvTests
{
    [Fact]
    public void A_path_trace_is_found_behind_another_tlv()
    {
        byte[] message = Announce([0x00, 0x09, 0, 2, 1, 2, .. Traced(0xA, 0xB)]);
        Assert.True(PtpHeader.TryParse(message, out var header));

        Assert.True(Tlvs.AreWellFormed(message, header));
        Assert.True(PathTrace.TryFind(message, header, out var trace));
        Assert.Equal(2, trace.Count);
        Assert.True(trace.Contains(new(0xB)));
        Assert.False(trace.Contains(new(0xC)));
    }

    [Theory]
    [InlineData(new byte[] { 0, 8, 0, 3, 1, 2, 3 })] // odd
    [InlineData(new byte[] { 0, 8, 0, 4, 1, 2 })] // past the end
    [InlineData(new byte[] { 0, 8, 0 })] // no head
    public void A_malformed_tlv_shows(byte[] tlv)
    {
        byte[] message = Announce(tlv);
        Assert.True(PtpHeader.TryParse(message, out var header));
        Assert.False(Tlvs.AreWellFormed(message, header));
    }

    /// <summary>Octets by hand from IEEE 1588-2019 tables 110 to 113.</summary>
    [Fact]
    public void Requests_grants_and_cancellations_are_written_as_the_standard_says()
    {
        byte[] request = new byte[UnicastRequest.Size], grant = new byte[UnicastGrant.Size], cancel = new byte[UnicastCancel.Size], acknowledgement = new byte[UnicastCancel.Size];
        new UnicastRequest(MessageType.DelayResp, -4, 300).Write(request);
        new UnicastGrant(MessageType.Announce, 1, 0x01020304, MayRenew: true).Write(grant);
        new UnicastCancel(MessageType.Announce, IsAcknowledgement: false, KeepsRequest: false, KeepsGrant: true).Write(cancel);
        new UnicastCancel(MessageType.Sync, IsAcknowledgement: true, KeepsRequest: true, KeepsGrant: false).Write(acknowledgement);

        Assert.Equal([0, 4, 0, 6, 0x90, 0xFC, 0, 0, 1, 0x2C], request);
        Assert.Equal([0, 5, 0, 8, 0xB0, 1, 1, 2, 3, 4, 0, 1], grant);
        Assert.Equal([0, 6, 0, 2, 0xB2, 0], cancel);
        Assert.Equal([0, 7, 0, 2, 0x01, 0], acknowledgement);

        Assert.True(UnicastRequest.TryRead(Only(request), out var asked) && asked == new UnicastRequest(MessageType.DelayResp, -4, 300));
        Assert.True(UnicastGrant.TryRead(Only(grant), out var granted) && granted == new UnicastGrant(MessageType.Announce, 1, 0x01020304, true));
        Assert.True(UnicastCancel.TryRead(Only(cancel), out var cancelled) && cancelled == new UnicastCancel(MessageType.Announce, false, false, true));
        Assert.False(UnicastRequest.TryRead(Only([0, 4, 0, 4, 0x90, 0, 0, 0]), out _)); // too short
        Assert.False(UnicastGrant.TryRead(Only(request), out _));
    }

    /// <summary>Octets by hand from IEEE 802.1AS-2020 table 10-18.</summary>
    [Fact]
    public void The_message_interval_request_of_gptp_is_written_as_its_standard_says()
    {
        byte[] written = new byte[MessageIntervalRequest.Size];
        new MessageIntervalRequest(-128, -3, 127, MessageIntervalRequest.ComputeAll).Write(written);

        Assert.Equal([0, 3, 0, 12, 0x00, 0x80, 0xC2, 0, 0, 2, 0x80, 0xFD, 0x7F, 6, 0, 0], written);
        Assert.True(MessageIntervalRequest.TryRead(Only(written), out var read) && read == new MessageIntervalRequest(-128, -3, 127, 6));
    }

    /// <summary>Octets by hand from IEEE 802.1AS-2020 table 11-11.</summary>
    [Fact]
    public void The_follow_up_information_of_gptp_is_written_as_its_standard_says()
    {
        byte[] written = new byte[FollowUpInformation.Size];
        new FollowUpInformation(FrequencyOffset.FromFraction(Math.Pow(2, -21)), new(0x0102, Duration.Zero, FrequencyOffset.Zero)).Write(written);

        Assert.Equal([0, 3, 0, 28, 0x00, 0x80, 0xC2, 0, 0, 1, 0, 0x10, 0, 0, 1, 2, .. new byte[16]], written); // 2^-21 * 2^41 = 2^20
    }

    [Fact]
    public void No_octets_make_a_walk_throw_or_spin() =>
        Gen.Byte.Array[0, 200].Sample(octets =>
        {
            int steps = 0;
            foreach (var _ in new Tlvs(octets))
            {
                steps++;
            }

            Assert.InRange(steps, 0, octets.Length / Tlvs.Head);
        });

    private static byte[] Traced(params ulong[] clocks)
    {
        byte[] buffer = new byte[200];
        return buffer[..PathTrace.Write(buffer, [.. clocks.Select(clock => new ClockIdentity(clock))])];
    }

    private static byte[] Announce(byte[] tlvs)
    {
        byte[] message = new byte[AnnounceBody.Size + tlvs.Length];
        default(AnnounceBody).Write(message, new() { Type = MessageType.Announce, Length = (ushort)message.Length });
        tlvs.CopyTo(message, AnnounceBody.Size);
        return message;
    }

    private static Tlv Only(byte[] octets)
    {
        var walk = new Tlvs(octets);
        Assert.True(walk.MoveNext());
        return walk.Current;
    }
}
