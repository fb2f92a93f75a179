using TimeSuite.Discipline;
using TimeSuite.Ntpd.State;
using TimeSuite.Time;

namespace TimeSuite.Ntpd.Tests;

public sealed class HistoryFileTests
{
    private static readonly Guid Boot = new("11111111-2222-3333-4444-555555555555");
    private static readonly HistoryKey Key = new("ntp.example.net", "[2001:db8::1]:123");

    [Fact]
    public void Samples_come_back_to_the_last_bit()
    {
        Sample[] samples = [At(10.25), At(74.5) with { Forward = null }];

        string? fault = Parse(Text(samples), Boot, Duration.Zero, out var found);

        Assert.Null(fault);
        Assert.Equal(samples, found[Key]);
    }

    [Theory]
    [InlineData("11111111-2222-3333-4444-000000000000", 0)]
    [InlineData("11111111-2222-3333-4444-555555555555", 5)]
    public void Another_boot_or_a_suspend_makes_them_worthless_but_not_wrong(string boot, int slept)
    {
        string? fault = Parse(Text([At(1)]), new Guid(boot), Duration.FromSeconds((long)slept), out var found);

        Assert.Null(fault);
        Assert.Empty(found);
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("timesuite-history 2 x y\n", "line 1")]
    [InlineData("timesuite-history 1 11111111-2222-3333-4444-555555555555 0:0000000000000000\nsample 1\n", "line 2")]
    [InlineData("timesuite-history 1 11111111-2222-3333-4444-555555555555 0:0000000000000000\nsource a b\nsample - - - - - - - -\n", "line 3")]
    public void A_file_that_makes_no_sense_is_named_by_its_line(string text, string expected)
    {
        string? fault = Parse(text, Boot, Duration.Zero, out var found);

        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.Empty(found);
    }

    [Fact]
    public void Samples_of_the_future_or_out_of_order_are_not_believed()
    {
        Assert.NotNull(Parse(Text([At(1e6)]), Boot, Duration.Zero, out _));
        Assert.NotNull(Parse(Text([At(20), At(10)]), Boot, Duration.Zero, out _));
    }

    private static string? Parse(string text, Guid boot, Duration suspended, out Dictionary<HistoryKey, List<Sample>> found) =>
        HistoryFile.Parse(text, boot, suspended, latest: new(Duration.FromSeconds(1000L)), out found);

    private static string Text(IReadOnlyList<Sample> samples) => HistoryFile.Format(Boot, Duration.Zero, [(Key, samples)]);

    private static Sample At(double seconds)
    {
        var raw = new Instant<Raw>(Duration.FromSeconds(seconds));
        var utc = new Instant<Utc>(Duration.FromFixedPoint(1_700_000_000 + (long)seconds, 0xDEAD_BEEF_0123_4567));
        return new Sample
        {
            Forward = new Leg(raw - Duration.FromSeconds(0.001), utc),
            Backward = new Leg(raw, utc),
            StampError = Duration.FromNanoseconds(37),
            RootDelay = Duration.FromSeconds(0.01),
        };
    }
}
