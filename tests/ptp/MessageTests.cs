using CsCheck;

namespace TimeSuite.Ptp.Tests;

public sealed class MessageTests
{
    private static readonly PortIdentity Sender = new(new(0x001122FFFE334455), 1);

    /// <summary>Set by hand beside clauses 13.3 and 13.5: our own writer had no part in it.</summary>
    [Fact]
    public void An_announce_written_from_the_standard_by_hand_has_the_right_fields()
    {
        byte[] message =
        [
            0x1B, 0x12, // sdoId's major 1, Announce; version 2.1
            0, 64, // length
            24, // domain
            0x05, // sdoId's minor
            0x04, 0x3E, // unicast; leap 59, UTC valid, PTP timescale, time and frequency traceable
            0, 0, 0, 0, 0, 2, 0x80, 0, // correction: 2.5 ns
            0, 0, 0, 0,
            0x00, 0x11, 0x22, 0xFF, 0xFE, 0x33, 0x44, 0x55, 0, 1, // source
            0x12, 0x34, // sequence
            5, // control
            0xFD, // log interval: -3
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // origin
            0, 37, // TAI - UTC
            0xFF, // reserved
            127, // priority 1
            6, 0x21, 0x4E, 0x5D, // class, accuracy, variance
            128, // priority 2
            0xAA, 0xBB, 0xCC, 0xFF, 0xFE, 0xDD, 0xEE, 0xFF, // grandmaster
            0, 2, // steps
            0x20, // GNSS
        ];

        Assert.True(PtpHeader.TryParse(message, out var header));
        Assert.Equal(MessageType.Announce, header.Type);
        Assert.Equal(0x105, header.SdoId);
        Assert.Equal(1, header.MinorVersion);
        Assert.Equal(24, header.Domain);
        Assert.Equal(PtpFlags.Unicast | PtpFlags.Leap59 | PtpFlags.UtcOffsetValid | PtpFlags.PtpTimescale | PtpFlags.TimeTraceable | PtpFlags.FrequencyTraceable, header.Flags);
        Assert.Equal(2.5e-9, header.Correction.ToDuration().Seconds, 15);
        Assert.Equal(Sender, header.Source);
        Assert.Equal(0x1234, header.Sequence);
        Assert.Equal(-3, header.LogInterval);

        var body = AnnounceBody.Parse(message);
        Assert.Equal(
            new AnnounceBody
            {
                UtcOffset = 37, Priority1 = 127, Quality = new(6, ClockAccuracy.Within100Ns, 0x4E5D), Priority2 = 128,
                Grandmaster = new(0xAABBCCFFFEDDEEFF), StepsRemoved = 2, TimeSource = TimeSource.Gnss,
            },
            body);

        message[43 + 3] = 0; // reserved: ours is zero
        byte[] written = new byte[64];
        body.Write(written, header);
        Assert.Equal(message, written);
    }

    [Fact]
    public void A_sync_written_from_the_standard_by_hand_is_as_ours()
    {
        byte[] expected =
        [
            0x00, 0x12, 0, 44, 0, 0, 0x02, 0x00, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0,
            0x00, 0x11, 0x22, 0xFF, 0xFE, 0x33, 0x44, 0x55, 0, 1, 0, 7, 0, 0,
            0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x03, // 2^32 + 2 s, 3 ns
        ];
        byte[] written = new byte[44];

        // half a nanosecond more than fits: into the correction
        var instant = new Instant<Tai>(Duration.FromSeconds((1L << 32) + 2) + Duration.FromNanoseconds(3) + TimeInterval.FromNanoseconds(1).ToDuration().Half());
        TimestampBody.Write(written, new() { Type = MessageType.Sync, MinorVersion = 1, Length = 44, Flags = PtpFlags.TwoStep, Source = Sender, Sequence = 7 }, instant);

        Assert.Equal(expected, written);
        Assert.True(TimestampBody.TryParse(written, out var read));
        Assert.Equal(Duration.FromSeconds((1L << 32) + 2) + Duration.FromNanoseconds(3), read.SinceEpoch);
    }

    [Fact]
    public void A_delay_response_written_from_the_standard_by_hand_is_as_ours()
    {
        byte[] expected =
        [
            0x09, 0x02, 0, 54, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0x00, 0x11, 0x22, 0xFF, 0xFE, 0x33, 0x44, 0x55, 0, 1, 0, 9, 3, 0,
            0, 0, 0, 0, 0, 1, 0, 0, 0, 5,
            0x66, 0x77, 0x88, 0xFF, 0xFE, 0x99, 0xAA, 0xBB, 0, 4,
        ];
        byte[] written = new byte[54];
        var body = new ResponseBody(new(Duration.FromSeconds(1) + Duration.FromNanoseconds(5)), new(new(0x667788FFFE99AABB), 4));
        body.Write(written, new() { Type = MessageType.DelayResp, Length = 54, Source = Sender, Sequence = 9 }, fractionSign: -1);

        // 5 ns is not a whole number of 2^-64 s: what is left over rounds to no correction.
        Assert.Equal(expected, written);
        Assert.True(ResponseBody.TryParse(written, out var read));
        Assert.Equal(body, read);
    }

    [Theory]
    [InlineData(1, 0x01)] // version 1
    [InlineData(0, 0x04)] // reserved type
    [InlineData(3, 43)] // shorter than a Sync
    [InlineData(3, 45)] // longer than came
    public void A_header_that_breaks_a_rule_is_none(int at, byte value)
    {
        byte[] message = new byte[44];
        new PtpHeader { Type = MessageType.Sync, Length = 44 }.Write(message);
        Assert.True(PtpHeader.TryParse(message, out _));

        message[at] = value;

        Assert.False(PtpHeader.TryParse(message, out _));
    }

    [Fact]
    public void A_second_of_nanoseconds_is_no_timestamp()
    {
        Assert.True(PtpTimestamp.TryRead([0, 0, 0, 0, 0, 1, 0x3B, 0x9A, 0xC9, 0xFF], out _));
        Assert.False(PtpTimestamp.TryRead([0, 0, 0, 0, 0, 1, 0x3B, 0x9A, 0xCA, 0x00], out _));
    }

    [Fact]
    public void Corrections_saturate_instead_of_wrapping()
    {
        var most = new TimeInterval(long.MaxValue - 1);

        Assert.False((most + most).IsRepresentable);
        Assert.False((most + most - most).IsRepresentable); // too large stays too large
        Assert.False(new TimeInterval(long.MinValue).IsRepresentable);
        Assert.False((-new TimeInterval(long.MinValue)).IsRepresentable);
        Assert.False(TimeInterval.FromDuration(Duration.FromSeconds(150_000)).IsRepresentable);
        Assert.True(TimeInterval.FromDuration(Duration.FromSeconds(-140_000)).IsRepresentable);
    }

    [Fact]
    public void Intervals_come_back_from_durations_as_they_went() =>
        Gen.Long[-(1L << 62), 1L << 62].Sample(scaled => Assert.Equal(scaled, TimeInterval.FromDuration(new TimeInterval(scaled).ToDuration()).Scaled));

    [Fact]
    public void Headers_come_back_as_they_were_written() =>
        Gen.Select(Gen.Byte, Gen.UShort, Gen.ULong, Gen.Long, Gen.SByte).Sample((domain, bits, clock, correction, interval) =>
        {
            var header = new PtpHeader
            {
                Type = MessageType.Sync, SdoId = (ushort)(bits & 0xFFF), MinorVersion = (byte)(bits >> 12), Domain = domain, Length = 44, Flags = (PtpFlags)bits,
                Correction = new(correction), Source = new(new(clock), bits), Sequence = bits, LogInterval = interval,
            };
            byte[] message = new byte[44];
            header.Write(message);
            Assert.True(PtpHeader.TryParse(message, out var read));
            Assert.Equal(header, read);
        });

    [Theory]
    [InlineData("001122.fffe.334455")]
    [InlineData("00:11:22:ff:fe:33:44:55")]
    [InlineData("001122FFFE334455")]
    public void Identities_are_read_as_people_write_them(string text)
    {
        Assert.True(ClockIdentity.TryParse(text, out var identity));
        Assert.Equal("001122.fffe.334455", identity.ToString());
        Assert.Equal(ClockIdentity.FromMac([0x00, 0x11, 0x22, 0x33, 0x44, 0x55]), identity);
    }

    [Theory]
    [InlineData("")]
    [InlineData("001122.fffe.33445")]
    [InlineData("001122.fffe.3344556")]
    [InlineData("001122.fffe.33445g")]
    public void What_is_no_identity_is_refused(string text) => Assert.False(ClockIdentity.TryParse(text, out _));

    [Fact]
    public void A_claim_covers_its_bound_and_the_next_better_does_not()
    {
        Assert.Equal(ClockAccuracy.Within25Ns, ClockAccuracies.Claim(Duration.Zero));
        Assert.Equal(ClockAccuracy.Within100Us, ClockAccuracies.Claim(Duration.FromNanoseconds(100_000)));
        Assert.Equal(ClockAccuracy.Within250Us, ClockAccuracies.Claim(Duration.FromNanoseconds(100_001)));
        Assert.Equal(ClockAccuracy.Within1S, ClockAccuracies.Claim(Duration.FromSeconds(1)));
        Assert.Equal(ClockAccuracy.WorseThan10S, ClockAccuracies.Claim(Duration.FromSeconds(11)));
        Assert.Equal(Duration.FromSeconds(1), ClockAccuracy.Within1S.Bound());
        Assert.Null(ClockAccuracy.Unknown.Bound());
        Assert.Null(((ClockAccuracy)0xFF).Bound());
    }
}
