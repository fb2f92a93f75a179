namespace TimeSuite.Ctl;

/// <summary>A plot of offsets over time in characters: zero is always in it, the newest value at the right.</summary>
public static class OffsetPlot
{
    private const int LabelWidth = 12;

    /// <summary>Draws the last values that fit.</summary>
    /// <param name="offsets">Seconds, oldest first; what is not finite leaves a gap.</param>
    /// <param name="width">Columns, labels included; at least 20.</param>
    /// <param name="height">Lines, at least 3; an even number is made odd, so that zero has a line.</param>
    /// <returns>Exactly the lines, each at most <paramref name="width"/> long, without trailing blanks.</returns>
    public static IReadOnlyList<string> Draw(IReadOnlyList<double> offsets, int width, int height)
    {
        int columns = Math.Max(width, 20) - LabelWidth - 2;
        int half = Math.Max(height - 1, 2) / 2;
        double[] shown = [.. offsets.Skip(Math.Max(0, offsets.Count - columns))];
        double scale = Scale(shown);

        char[][] field = [.. Enumerable.Range(0, (2 * half) + 1).Select(line => Enumerable.Repeat(line == half ? '-' : ' ', columns).ToArray())];
        for (int i = 0; i < shown.Length; i++)
        {
            if (double.IsFinite(shown[i]))
            {
                int row = half - (int)Math.Round(Math.Clamp(shown[i] / scale, -1, 1) * half);
                field[row][columns - shown.Length + i] = '*';
            }
        }

        return [.. field.Select((line, row) => $"{Label(row, half, scale)} |{new string(line)}".TrimEnd())];
    }

    /// <summary>The next of 1, 2, 5 times a power of ten that holds all values; never below a nanosecond.</summary>
    internal static double Scale(IEnumerable<double> values)
    {
        double largest = values.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        if (largest <= 1e-9)
        {
            return 1e-9;
        }

        double decade = Math.Pow(10, Math.Floor(Math.Log10(largest)));
        foreach (double step in new[] { 1.0, 2.0, 5.0 })
        {
            if (largest <= step * decade)
            {
                return step * decade;
            }
        }

        return 10 * decade;
    }

    private static string Label(int row, int half, double scale)
    {
        string label = row == 0 ? Units.SignedTime(scale) : row == half ? "0" : row == 2 * half ? Units.SignedTime(-scale) : "";
        return label.PadLeft(LabelWidth);
    }
}
