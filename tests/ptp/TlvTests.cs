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

    /// <summary>Octets by hand from IEEE 802.1AS-2020 table 11-11.</summary>
    [Fact]
    public void The_follow_up_information_of_gptp_is_written_as_its_standard_says()
    {
        byte[] written = new byte[FollowUpInformation.Size];
        new FollowUpInformation(FrequencyOffset.FromFraction(Math.Pow(2, -21)), 0x0102).Write(written);

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
}
