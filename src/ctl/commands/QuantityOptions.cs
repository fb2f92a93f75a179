using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using TimeSuite.Config;
using TimeSuite.Time;

namespace TimeSuite.Ctl;

/// <summary>Options that take a length of time: with a unit as in timesuite.toml, or a number of seconds.</summary>
internal static class QuantityOptions
{
    public static Option<Duration?> Time(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = Parse,
    };

    private static Duration? Parse(ArgumentResult argument)
    {
        string text = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
        if (Quantity.TryParseDuration(text, out var length) && length.Sign >= 0)
        {
            return length;
        }

        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds <= 1e9)
        {
            return Duration.FromSeconds(seconds);
        }

        argument.AddError($"{Safe.Text(text)}: must be a length of time, e.g. 10s, \"1 ms\", 2min");
        return null;
    }
}
