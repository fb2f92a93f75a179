namespace TimeSuite.Ctl.Tests;

public sealed class TerminalTests
{
    [Theory]
    [InlineData(0, 80)] // a serial console
    [InlineData(20, 40)]
    [InlineData(132, 132)]
    public void A_table_is_as_wide_as_the_terminal_and_80_columns_where_that_does_not_know(int said, int columns)
    {
        Assert.Equal(columns, Terminal.Columns(said));
    }
}
