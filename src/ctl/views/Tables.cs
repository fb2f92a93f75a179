using Spectre.Console;

namespace TimeSuite.Ctl;

/// <summary>Borderless tables whose cells are plain text: nothing that a daemon says is read as markup.</summary>
internal static class Tables
{
    /// <param name="headings">A leading '&gt;' aligns a column to the right.</param>
    public static Table With(params string[] headings)
    {
        var table = new Table().NoBorder().NoSafeBorder();
        foreach (string heading in headings)
        {
            bool isRight = heading.StartsWith('>');
            var column = new TableColumn(new Text(isRight ? heading[1..] : heading, new Style(decoration: Decoration.Bold))) { NoWrap = true };
            column.Padding = new Padding(0, 0, 2, 0);
            table.AddColumn(isRight ? column.RightAligned() : column.LeftAligned());
        }

        return table;
    }

    public static void Add(Table table, Style style, params string[] cells) =>
        table.AddRow([.. cells.Select(cell => new Text(cell, style))]);

    /// <summary>Names at the left, what they are at the right.</summary>
    public static Grid Facts(IEnumerable<(string Name, string Text)> facts)
    {
        var grid = new Grid()
            .AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 2, 0) })
            .AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        foreach (var (name, text) in facts)
        {
            grid.AddRow(new Text(name, new Style(decoration: Decoration.Bold)), new Text(text));
        }

        return grid;
    }
}
