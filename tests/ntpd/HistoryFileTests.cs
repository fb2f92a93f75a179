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

    [Fact]
    public void The_two_readings_of_a_machine_that_never_slept_may_come_out_the_wrong_way_round()
    {
        var before = Duration.FromNanoseconds(-5);

        string? fault = Parse(HistoryFile.Format(Boot, before, [(Key, [At(10.25)])]), Boot, Duration.Zero, out var found);

        Assert.Null(fault);
        Assert.Single(found[Key]);
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

    [Theory]
    [InlineData(1, "-9223372036854775808:0000000000000000")] // local
    [InlineData(1, "9223372036854775807:ffffffffffffffff")]
    [InlineData(1, "11:0000000000000000")] // after the reply's arrival
    [InlineData(2, "9223372036854775807:0000000000000000")] // remote
    [InlineData(2, "-1:0000000000000000")]
    [InlineData(2, "0:0000000000000000")] // decades from the other leg
    [InlineData(3, "-9223372036854775808:0000000000000000")]
    [InlineData(3, "-8589934593:0000000000000000")]
    [InlineData(4, "-9223372036854775808:0000000000000000")]
    [InlineData(4, "17179869184:0000000000000000")]
    [InlineData(5, "9223372036854775807:0000000000000000")] // stamp error
    [InlineData(5, "-1:ffffffffffffffff")]
    [InlineData(6, "9223372036854775807:0000000000000000")]
    [InlineData(7, "1048576:0000000000000000")] // root delay
    [InlineData(8, "9223372036854775807:0000000000000000")]
    public void A_number_that_no_measurement_can_have_is_not_believed(int field, string number)
    {
        string[] lines = Text([At(10), At(20)]).Split('\n');
        string[] words = lines[2].Split(' ');
        words[field] = number;
        lines[2] = string.Join(' ', words);

        Assert.Contains("line 3", Parse(string.Join('\n', lines), Boot, Duration.Zero, out var found), StringComparison.Ordinal);
        Assert.Empty(found);
    }

    [Theory]
    [InlineData("-9223372036854775808:0000000000000000")]
    [InlineData("9223372036854775807:ffffffffffffffff")]
    public void Nor_is_a_suspend_of_ages(string suspended)
    {
        string text = Text([At(10)]).Replace($"{Boot} 0:0000000000000000", $"{Boot} {suspended}", StringComparison.Ordinal);

        Assert.Contains("line 1", Parse(text, Boot, Duration.FromSeconds(5L), out _), StringComparison.Ordinal);
    }

    /// <summary>Whatever stands in the file, what is taken from it can be calculated with.</summary>
    [Fact]
    public void What_is_read_can_be_worked_with()
    {
        var random = new Random(3);
        string[] extremes = ["-9223372036854775808", "9223372036854775807", "-1", "0", "8589934591", "-8589934592", "17179869183", "1048575", "999"];
        string text = Text([.. Enumerable.Range(1, 8).Select(number => At(number))]);
        int read = 0;
        for (int attempt = 0; attempt < 3_000; attempt++)
        {
            string changed = System.Text.RegularExpressions.Regex.Replace(
                text, "-?[0-9]+(?=:[0-9a-f]{16})", number => random.Next(40) == 0 ? extremes[random.Next(extremes.Length)] : number.Value);
            if (Parse(changed, Boot, Duration.Zero, out var found) is null && found.TryGetValue(Key, out var samples))
            {
                var discipline = new ClockDiscipline(new());
                discipline.AddSource(new(1), new());
                discipline.ImportHistory(new(new(1), samples));
                read += samples.Count;
            }
        }

        Assert.True(read > 100);
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
