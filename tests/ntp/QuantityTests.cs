using System.Security.Cryptography;
using CsCheck;

namespace TimeSuite.Ntp.Tests;

public sealed class QuantityTests
{
    [Theory]
    [InlineData(0x0000_0000u, 0.0)]
    [InlineData(0x0000_0001u, 1.0 / 65536)]
    [InlineData(0x0000_8000u, 0.5)]
    [InlineData(0x0001_0000u, 1.0)]
    [InlineData(0xFFFF_FFFFu, 65535 + (65535.0 / 65536))]
    public void The_short_format_is_seconds_with_16_bits_of_fraction(uint bits, double seconds)
    {
        Assert.Equal(seconds, new NtpShort(bits).ToDuration().Seconds);
        Assert.Equal(bits, NtpShort.FromDuration(Duration.FromSeconds(seconds)).Bits);
    }

    [Fact]
    public void A_claim_of_error_never_shrinks_on_the_wire_and_grows_by_less_than_a_unit() =>
        Gen.Select(Gen.Long[0, 65534], Gen.ULong).Sample((seconds, fraction) =>
        {
            var claim = Duration.FromFixedPoint(seconds, fraction);
            var growth = NtpShort.FromDuration(claim).ToDuration() - claim;
            return growth >= Duration.Zero && growth < Duration.FromSeconds(1.0 / 65536);
        });

    [Fact]
    public void What_the_short_format_cannot_hold_becomes_its_nearest_end()
    {
        Assert.Equal(0u, NtpShort.FromDuration(Duration.FromSeconds(-1L)).Bits);
        Assert.Equal(uint.MaxValue, NtpShort.FromDuration(Duration.FromSeconds(65536L)).Bits);
        Assert.Equal(uint.MaxValue, NtpShort.FromDuration(Duration.FromFixedPoint(65535, ulong.MaxValue)).Bits);
    }

    [Theory]
    [InlineData("GPS", 0x4750_5300u)]
    [InlineData("P", 0x5000_0000u)]
    [InlineData("DCFa", 0x4443_4661u)]
    public void Letters_are_left_aligned_and_padded_with_zeros(string letters, uint bits)
    {
        Assert.Equal(bits, ReferenceId.FromAscii(letters).Bits);
        Assert.Equal(letters, new ReferenceId(bits).ToText(1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("FIVE5")]
    [InlineData("G\n")]
    [InlineData("é")]
    public void Letters_that_are_not_1_to_4_printable_characters_are_an_error(string letters) =>
        Assert.Throws<ArgumentException>(() => ReferenceId.FromAscii(letters));

    [Fact]
    public void A_reference_id_is_an_address_above_stratum_1_and_where_it_cannot_be_letters()
    {
        Assert.Equal("71.80.83.0", ReferenceId.FromAscii("GPS").ToText(2));
        Assert.Equal("127.127.1.1", ReferenceId.FromIPv4([127, 127, 1, 1]).ToText(1));
        Assert.Equal("0.0.0.0", default(ReferenceId).ToText(0));
        Assert.Equal("71.0.83.0", new ReferenceId(0x4700_5300).ToText(1)); // a hole in the letters
    }

    [Fact]
    public void The_reference_id_of_an_IPv6_address_is_the_front_of_its_MD5()
    {
        byte[] loopback = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        Assert.Equal(0xCF404DC8u, ReferenceId.FromIPv6(loopback).Bits);
        Assert.Throws<ArgumentException>(() => ReferenceId.FromIPv6(loopback.AsSpan(1)));
        Assert.Throws<ArgumentException>(() => ReferenceId.FromIPv4(loopback));
    }

    [Fact]
    public void Our_MD5_of_one_block_is_the_librarys()
    {
        var dice = new Random(1);
        for (int length = 0; length <= 55; length++)
        {
            byte[] message = new byte[length];
            dice.NextBytes(message);
#pragma warning disable CA5351 // RFC 5905 says MD5; it is a name, not a secret
            uint expected = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(MD5.HashData(message));
#pragma warning restore CA5351
            Assert.Equal(expected, Md5.Start(message));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => Md5.Start(new byte[56]));
    }

    [Fact]
    public void Reach_remembers_eight_requests()
    {
        var reach = default(Reach).Asked().Answered();
        Assert.Equal("1", reach.ToString());

        for (int i = 0; i < 7; i++)
        {
            reach = reach.Asked();
            Assert.True(reach.IsReachable);
        }

        Assert.Equal("200", reach.ToString());
        Assert.False(reach.Asked().IsReachable);
        Assert.Equal("377", new Reach(0xFE).Answered().ToString());
    }

    [Fact]
    public void Every_refusal_has_words_of_its_own() =>
        Assert.Equal(Enum.GetValues<Refusal>().Length, Enum.GetValues<Refusal>().Select(RefusalWords.Words).Distinct().Count());
}
