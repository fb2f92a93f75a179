using CsCheck;
using TimeSuite.Time;

namespace TimeSuite.Time.Tests;

public sealed class NtpTimestampTests
{
    private static readonly Instant<Utc> Build = At(2026, 11, 23);

    [Fact]
    public void Half_a_second_is_exactly_the_top_fraction_bit() =>
        Assert.Equal(0x8000_0000UL, NtpTimestamp.FromUtc(new(Duration.FromSeconds(0.5))).Bits & 0xFFFF_FFFF);

    [Fact]
    public void The_unix_epoch_is_2208988800_in_era_0() =>
        Assert.Equal(2_208_988_800UL, NtpTimestamp.FromUtc(default).Bits >> 32);

    [Fact]
    public void Difference_is_right_across_the_era_boundary()
    {
        var before = new NtpTimestamp(0xFFFF_FFFF_8000_0000); // half a second before era 1
        var after = new NtpTimestamp(0x0000_0000_4000_0000); // a quarter of a second into it

        Assert.Equal(Duration.FromSeconds(0.75), after - before);
        Assert.Equal(Duration.FromSeconds(-0.75), before - after);
    }

    [Theory]
    [InlineData(2026, 11, 24)]
    [InlineData(2036, 2, 7)]
    [InlineData(2036, 2, 8)]
    [InlineData(2038, 1, 20)]
    [InlineData(2106, 2, 8)]
    [InlineData(2162, 1, 1)]
    public void A_date_within_136_years_of_the_build_comes_back_without_any_clock(int year, int month, int day)
    {
        var date = At(year, month, day) + Duration.FromFixedPoint(0, 0x8000_0000_0000_0000);

        Assert.Equal(date, NtpTimestamp.FromUtc(date).ToUtc(Build));
    }

    [Fact]
    public void Any_date_to_the_year_2500_comes_back_from_a_start_within_136_years_before_it() =>
        Gen.Select(Gen.Long[0, 530L * 366 * 86_400], Gen.Long[0, (1L << 32) - 2], Gen.UInt, Gen.ULong).Sample((seconds, back, high, startFraction) =>
        {
            var date = new Instant<Utc>(Duration.FromFixedPoint(seconds, (ulong)high << 32));
            var start = new Instant<Utc>(Duration.FromFixedPoint(seconds - back - 1, startFraction));
            return NtpTimestamp.FromUtc(date).ToUtc(start) == date;
        });

    [Fact]
    public void Any_date_comes_back_from_a_clock_within_68_years_of_it() =>
        Gen.Select(Gen.Long[0, 530L * 366 * 86_400], Gen.Long[-(1L << 31) + 2, (1L << 31) - 2], Gen.UInt, Gen.ULong).Sample((seconds, off, high, fraction) =>
        {
            var date = new Instant<Utc>(Duration.FromFixedPoint(seconds, (ulong)high << 32));
            var clock = new Instant<Utc>(Duration.FromFixedPoint(seconds + off, fraction));
            return NtpTimestamp.FromUtc(date).ToUtcNear(clock) == date;
        });

    private static Instant<Utc> At(int year, int month, int day) =>
        new(Duration.FromSeconds((long)(new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalSeconds));
}
