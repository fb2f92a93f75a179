namespace TimeSuite.Ptpd.Tests;

public sealed class ServedTimeTests
{
    [Theory]
    [InlineData("2016-12-31T23:59:56.9", LeapSecond.Insert, false)]
    [InlineData("2016-12-31T23:59:57", LeapSecond.Insert, true)]
    [InlineData("2016-12-31T23:59:59.999", LeapSecond.Insert, true)] // of the two seconds that are called so, it may be either
    [InlineData("2017-01-01T00:00:00", LeapSecond.Insert, true)] // clockd has not said yet that it is over
    [InlineData("2017-01-01T00:00:00", LeapSecond.None, false)] // it has
    [InlineData("2017-01-01T00:00:03", LeapSecond.Insert, false)]
    [InlineData("2016-12-31T23:59:58.5", LeapSecond.Delete, true)]
    [InlineData("2016-12-31T23:59:59.5", LeapSecond.None, false)] // any other night
    public void Nothing_is_served_while_the_clock_and_its_distance_to_tai_may_not_agree(string time, LeapSecond leap, bool atHand)
    {
        var utc = new Instant<Utc>(Duration.FromSeconds((DateTime.Parse(time, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal | System.Globalization.DateTimeStyles.AdjustToUniversal) - DateTime.UnixEpoch).TotalSeconds));

        Assert.Equal(atHand, ServedTime.LeapIsAtHand(utc, leap));
    }
}
