namespace TimeSuite.Ctl.Tests;

public sealed class UnitsTests
{
    [Theory]
    [InlineData(0, "0 ns")]
    [InlineData(1e-9, "1 ns")]
    [InlineData(999.4e-9, "999 ns")]
    [InlineData(999.6e-9, "1.000 us")]
    [InlineData(-12.3456e-6, "-12.346 us")]
    [InlineData(0.0015, "1.500 ms")]
    [InlineData(0.99999999, "1.000 s")]
    [InlineData(-3_600, "-3600.000 s")]
    [InlineData(1e9, "1e+9 s")]
    [InlineData(double.NaN, "?")]
    public void Times_have_the_unit_that_suits_them(double seconds, string text) => Assert.Equal(text, Units.Time(seconds));

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(0.002, "2 ms")]
    [InlineData(0.0625, "62.5 ms")]
    [InlineData(0.5, "500 ms")]
    [InlineData(33, "33 s")]
    [InlineData(120, "2 min")]
    [InlineData(7_300, "2 h")]
    [InlineData(200_000, "2 d")]
    [InlineData(double.PositiveInfinity, "?")]
    public void Long_times_are_rough(double seconds, string text) => Assert.Equal(text, Units.Roughly(seconds));

    [Theory]
    [InlineData(-4, "62.5 ms")]
    [InlineData(0, "1 s")]
    [InlineData(17, "131072 s")]
    [InlineData(int.MinValue, "2^-2147483648 s")]
    public void Polls_are_times(int log2, string text) => Assert.Equal(text, Units.Poll(log2));

    [Theory]
    [InlineData(0x47505300u, 1u, "GPS")]
    [InlineData(0x47505300u, 2u, "47505300")]
    [InlineData(0u, 0u, "00000000")]
    [InlineData(0x1B5B324Au, 1u, "1B5B324A")]
    public void Reference_ids_are_letters_only_at_the_top(uint id, uint stratum, string text) => Assert.Equal(text, Units.ReferenceId(id, stratum));

    [Theory]
    [InlineData(0.25, "250.000 ms behind true time")]
    [InlineData(-0.25, "250.000 ms ahead of true time")]
    [InlineData(double.NaN, "offset unknown")]
    public void The_sign_of_the_offset_is_a_word(double seconds, string words) => Assert.Equal(words, StatusView.OffsetInWords(seconds));

    [Fact]
    public void Harmless_text_stays_as_it_is_and_is_cut_at_whole_characters()
    {
        Assert.Equal("Zürich 東京 [red]", Safe.Text("Zürich 東京 [red]"));
        Assert.Equal("\U0001F552\U0001F552...", Safe.Text("\U0001F552\U0001F552\U0001F552", longest: 2));
        Assert.Equal("a??b?", Safe.Text("a\u001b\u202eb\u2028"));
    }

    [Fact]
    public void Lines_stay_lines_and_the_whole_has_a_bound()
    {
        Assert.Equal("> a?\n> b?c", Safe.Lines("a\u001b\r\n\n \nb\tc\n", "> ", longest: 100));
        Assert.Equal("> é\n> é...", Safe.Lines("é\néé", "> ", longest: 10)); // é is two octets, the line feed one
        Assert.Equal("> é...", Safe.Lines("é\né", "> ", longest: 6));
    }
}
