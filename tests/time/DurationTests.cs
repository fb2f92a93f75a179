using CsCheck;
using TimeSuite.Time;

namespace TimeSuite.Time.Tests;

public sealed class DurationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(999_999_999)]
    [InlineData(1_000_000_000)]
    [InlineData(-1_000_000_001)]
    [InlineData(long.MaxValue)]
    [InlineData(-9_223_372_036_000_000_000)]
    public void Every_nanosecond_comes_back_as_it_went_in(long nanoseconds) =>
        Assert.Equal(nanoseconds, Duration.FromNanoseconds(nanoseconds).Nanoseconds);

    [Fact]
    public void Any_nanosecond_comes_back_as_it_went_in() =>
        Gen.Long[-9_000_000_000_000_000_000, 9_000_000_000_000_000_000].Sample(n => Duration.FromNanoseconds(n).Nanoseconds == n);

    [Fact]
    public void Seconds_are_floored_and_the_fraction_is_never_negative()
    {
        var value = Duration.FromSeconds(-0.25);

        Assert.Equal(-1, value.WholeSeconds);
        Assert.Equal(750_000_000, value.NanosecondOfSecond);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(1e300)]
    public void What_is_not_a_length_throws(double seconds) => Assert.Throws<OverflowException>(() => Duration.FromSeconds(seconds));

    [Fact]
    public void Overflow_throws_instead_of_wrapping() =>
        Assert.Throws<OverflowException>(() => Duration.FromSeconds(long.MaxValue) + Duration.FromSeconds(1L));

    [Fact]
    public void Fixed_point_parts_build_the_same_value() =>
        Gen.Select(Gen.Long[-1L << 60, 1L << 60], Gen.ULong).Sample((seconds, fraction) =>
        {
            var value = Duration.FromFixedPoint(seconds, fraction);
            return value.WholeSeconds == seconds && value.Fraction == fraction;
        });

    [Fact]
    public void Clamping_keeps_the_sign()
    {
        var limit = Duration.FromSeconds(2L);

        Assert.Equal(-limit, Duration.FromSeconds(-3L).ClampTo(limit));
        Assert.Equal(limit, Duration.FromSeconds(3L).ClampTo(limit));
        Assert.Equal(Duration.FromSeconds(-1L), Duration.FromSeconds(-1L).ClampTo(limit));
    }

    [Fact]
    public void A_rate_gains_its_share_of_the_time() =>
        Assert.Equal(3e-5, Duration.FromSeconds(1L).At(FrequencyOffset.FromPpm(30)).Seconds, 12);

    [Fact]
    public void A_rate_that_is_not_a_number_is_within_no_limit() =>
        Assert.False(FrequencyOffset.FromPpm(double.NaN).IsWithin(FrequencyOffset.FromPpm(500)));
}
