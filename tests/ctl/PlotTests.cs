namespace TimeSuite.Ctl.Tests;

public sealed class PlotTests
{
    [Fact]
    public void The_newest_value_is_at_the_right_and_zero_has_its_line() =>
        Assert.Equal(
            [
                "  +50.000 us |     *",
                "             |    *",
                "           0 |---*--",
                "             |",
                "  -50.000 us |  *",
            ],
            OffsetPlot.Draw([-50e-6, 0, 25e-6, 50e-6], 20, 5));

    [Fact]
    public void Only_the_last_values_that_fit_are_drawn_and_scaled()
    {
        var lines = OffsetPlot.Draw([1000, .. Enumerable.Repeat(1e-6, 6)], 20, 3);

        Assert.Equal(["   +1.000 us |******", "           0 |------", "   -1.000 us |"], lines);
    }

    [Theory]
    [InlineData(new double[0])]
    [InlineData(new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })]
    [InlineData(new[] { 0.0, -0.0 })]
    [InlineData(new[] { double.MaxValue, -double.MaxValue, double.Epsilon })]
    [InlineData(new[] { 1e-300 })]
    public void Odd_values_draw_the_right_number_of_lines_none_too_long(double[] offsets)
    {
        for (int height = -1; height < 12; height++)
        {
            var lines = OffsetPlot.Draw(offsets, 30, height);

            Assert.Equal((2 * (Math.Max(height - 1, 2) / 2)) + 1, lines.Count);
            Assert.All(lines, line => Assert.InRange(line.Length, 1, 30));
        }
    }

    [Theory]
    [InlineData(1.0, 1.0)]
    [InlineData(1.1, 2.0)]
    [InlineData(-2.1e-5, 5e-5)]
    [InlineData(6e3, 1e4)]
    [InlineData(0.0, 1e-9)]
    public void The_scale_is_one_two_or_five(double largest, double scale) =>
        Assert.Equal(1, OffsetPlot.Scale([largest]) / scale, 9);
}
