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

    /// <summary>The shape of what a stratum 1 server sends, in hexadecimal as a capture shows it.</summary>
    [Fact]
    public void A_packet_as_a_capture_shows_it_has_the_right_fields()
    {
        var packet = Convert.FromHexString(
            "240106E7" + "00000000" + "0000001B" + "50505300"
            + "E8FE537B00000000" + "9F3C2A5B71D80E46" + "E8FE538040000000" + "E8FE538040020C4A");

        Assert.True(NtpHeader.TryParse(packet, out var header));

        Assert.Equal((LeapIndicator.None, 4, NtpMode.Server), (header.Leap, header.Version, header.Mode));
        Assert.Equal((1, 6, -25), (header.Stratum, header.Poll, header.Precision));
        Assert.Equal("PPS", header.ReferenceId.ToText(1));
        Assert.Equal(27.0 / 65536, header.RootDispersion.ToDuration().Seconds); // 1B hex is 27
        Assert.Equal(0x9F3C_2A5B_71D8_0E46UL, header.Origin.Bits);
        // E8FE5380 hex is 3,908,981,632; less 2,208,988,800 that is 2023-11-14T20:13:52Z.
        Assert.Equal(Duration.FromSeconds(1_699_992_832.25), header.Receive.ToUtc(At.Floor).SinceEpoch);
        Assert.Equal(0x20C4A / 4294967296.0, (header.Transmit - header.Receive).Seconds);
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
