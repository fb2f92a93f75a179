using TimeSuite.Time;

namespace TimeSuite.Time.Tests;

public sealed class LeapSecondsTests
{
    // The last two entries of the real list; expiry 2026-12-28.
    private const string Text = "#@\t3991420800\n# comment\n3644697600\t36\t# 1 Jul 2015\n3692217600\t37\t# 1 Jan 2017\n";

    [Fact]
    public void Knows_the_offset_before_and_after_a_leap()
    {
        var table = Parse(Text);

        Assert.Equal(36, table.TaiMinusUtc(At(2016, 12, 31, 23, 59, 59)));
        Assert.Equal(37, table.TaiMinusUtc(At(2017, 1, 1, 0, 0, 0)));
    }

    [Fact]
    public void Sees_a_leap_on_its_day_and_on_no_other()
    {
        var table = Parse(Text);

        Assert.Equal(LeapSecond.Insert, table.AtEndOfDay(At(2016, 12, 31, 0, 0, 0)));
        Assert.Equal(LeapSecond.None, table.AtEndOfDay(At(2016, 12, 30, 12, 0, 0)));
        Assert.Equal(LeapSecond.None, table.AtEndOfDay(At(2017, 1, 1, 0, 0, 0)));
    }

    [Fact]
    public void Says_nothing_after_its_expiry()
    {
        var table = Parse(Text);

        Assert.Null(table.TaiMinusUtc(table.Expires));
        Assert.Null(table.AtEndOfDay(table.Expires));
    }

    [Theory]
    [InlineData("3692217600 37\n", "expiry")]
    [InlineData("#@ 3991420800\n", "no line with a leap second")]
    [InlineData("#@ x\n3692217600 37\n", "line 1")]
    [InlineData("#@ 3991420800\n3692217600\n", "line 2")]
    [InlineData("#@ 3991420800\n3692217600 37\n3644697600 36\n", "line 3")]
    [InlineData("#@ 3991420800\n3644697600 36\n3692217600 38\n", "line 3")]
    public void A_bad_list_is_refused_with_the_line(string text, string expected)
    {
        Assert.False(LeapSeconds.TryParse(text, out _, out string? error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    private static LeapSeconds Parse(string text)
    {
        Assert.True(LeapSeconds.TryParse(text, out var table, out string? error), error);
        return table!;
    }

    private static Instant<Utc> At(int year, int month, int day, int hour, int minute, int second) =>
        new(Duration.FromSeconds((long)(new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalSeconds));
}
