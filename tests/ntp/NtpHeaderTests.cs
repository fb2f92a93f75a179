using CsCheck;

namespace TimeSuite.Ntp.Tests;

public sealed class NtpHeaderTests
{
    /// <summary>Set by hand, octet by octet, beside figure 8 of RFC 5905: our own writer had no part in it.</summary>
    [Fact]
    public void A_packet_written_from_the_figure_by_hand_has_the_right_fields()
    {
        byte[] packet =
        [
            0b01_100_100, // leap 1, version 4, mode 4
            2, // stratum
            10, // poll: 2^10 s
            0xEC, // precision: -20, two's complement
            0x00, 0x01, 0x80, 0x00, // root delay: 1 + 8000/10000 (hex) = 1.5 s
            0x00, 0x00, 0x40, 0x00, // root dispersion: 0.25 s
            192, 0, 2, 33, // reference id: the address of the server's source
            0x83, 0xAA, 0x7E, 0x80, 0x00, 0x00, 0x00, 0x00, // reference: 2,208,988,800 s = 1970-01-01
            0x00, 0x00, 0x00, 0x01, 0x80, 0x00, 0x00, 0x00, // origin: 1.5 s into era 0
            0x83, 0xAA, 0x7E, 0x81, 0x40, 0x00, 0x00, 0x00, // receive: 1.25 s after 1970
            0x83, 0xAA, 0x7E, 0x81, 0xC0, 0x00, 0x00, 0x00, // transmit: 1.75 s after 1970
        ];

        Assert.True(NtpHeader.TryParse(packet, out var header));

        Assert.Equal(LeapIndicator.Insert, header.Leap);
        Assert.Equal(4, header.Version);
        Assert.Equal(NtpMode.Server, header.Mode);
        Assert.Equal(2, header.Stratum);
        Assert.Equal(10, header.Poll);
        Assert.Equal(-20, header.Precision);
        Assert.Equal(Duration.FromSeconds(1.5), header.RootDelay.ToDuration());
        Assert.Equal(Duration.FromSeconds(0.25), header.RootDispersion.ToDuration());
        Assert.Equal("192.0.2.33", header.ReferenceId.ToText(header.Stratum));
        Assert.Equal(default, header.ReferenceTime.ToUtcNear(default));
        Assert.Equal(0x0000_0001_8000_0000UL, header.Origin.Bits);
        Assert.Equal(Duration.FromSeconds(1.25), header.Receive.ToUtcNear(default).SinceEpoch);
        Assert.Equal(Duration.FromSeconds(0.5), header.Transmit - header.Receive);
        Assert.Null(header.Kiss);
    }

    /// <summary>Taken off the loopback interface: chronyd 4.3 (Debian 12), "local stratum 1", answers a request of ours.</summary>
    internal const string ChronysReply =
        "2401FEE6" + "00000000" + "00000000" + "7F7F0101"
        + "EEAEB52F28CF90DD" + "2ABEA2DEB011F744" + "EEAEB530B9FD6E91" + "EEAEB530BA021D50";

    [Fact]
    public void A_captured_reply_of_chronyd_has_the_right_fields()
    {
        Assert.True(NtpHeader.TryParse(Convert.FromHexString(ChronysReply), out var header));

        Assert.Equal((LeapIndicator.None, 4, NtpMode.Server), (header.Leap, header.Version, header.Mode));
        Assert.Equal((1, -2, -26), (header.Stratum, header.Poll, header.Precision)); // FE and E6 hex, two's complement
        Assert.Equal((default, default), (header.RootDelay, header.RootDispersion));
        Assert.Equal("127.127.1.1", header.ReferenceId.ToText(1)); // chrony's name for its local clock
        Assert.Equal(0x2ABE_A2DE_B011_F744UL, header.Origin.Bits);
        // EEAEB530 hex is 4,004,427,056; less 2,208,988,800 that is 2026-11-23T12:50:56Z. B9FD6E91 hex over 2^32 is 0.7265...
        Assert.Equal(Duration.FromFixedPoint(1_795_438_256, 0xB9FD_6E91_0000_0000), header.Receive.ToUtc(At.Floor).SinceEpoch);
        Assert.Equal(0x4_AEBF / 4294967296.0, (header.Transmit - header.Receive).Seconds); // BA021D50 - B9FD6E91: 71 us
    }

    [Fact]
    public void Every_48_octets_are_a_header_that_is_written_back_the_same() =>
        Gen.Byte.Array[NtpHeader.Size].Sample(octets =>
        {
            var copy = new byte[NtpHeader.Size];
            bool parsed = NtpHeader.TryParse(octets, out var header);
            header.Write(copy);
            return parsed && octets.AsSpan().SequenceEqual(copy);
        });

    [Fact]
    public void A_header_is_in_all_lengths_from_48_and_in_none_below() =>
        Gen.Byte.Array[0, 2000].Sample(octets => NtpHeader.TryParse(octets, out _) == octets.Length >= NtpHeader.Size);

    [Fact]
    public void Writing_touches_48_octets_only()
    {
        var buffer = new byte[60];
        Array.Fill(buffer, (byte)0xAA);

        default(NtpHeader).Write(buffer);

        Assert.All(buffer[..48], octet => Assert.Equal(0, octet));
        Assert.All(buffer[48..], octet => Assert.Equal(0xAA, octet));
        Assert.Throws<ArgumentException>(() => default(NtpHeader).Write(new byte[47]));
    }

    [Theory]
    [InlineData("RATE", KissCode.Rate)]
    [InlineData("DENY", KissCode.Deny)]
    [InlineData("RSTR", KissCode.Restrict)]
    [InlineData("NTSN", KissCode.NtsNak)]
    public void A_kiss_is_stratum_0_with_letters(string letters, KissCode code)
    {
        var header = new NtpHeader { ReferenceId = ReferenceId.FromAscii(letters) };

        Assert.Equal(code, header.Kiss);
        Assert.Null((header with { Stratum = 1 }).Kiss);
        Assert.Null((header with { ReferenceId = default }).Kiss);
    }
}
