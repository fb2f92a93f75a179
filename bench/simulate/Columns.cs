using TimeSuite.Simulation;

namespace TimeSuite.Simulate;

/// <summary>A figure with its name in the object and its heading in the text.</summary>
/// <param name="Key">In --json.</param>
/// <param name="Heading">In the text.</param>
/// <param name="Value">Of a run.</param>
/// <param name="Show">As people read it.</param>
internal sealed record Column(string Key, string Heading, Func<Figures, double> Value, Func<double, string> Show)
{
    /// <summary>Those that the issue names, and after them what cold starts, holdover and honesty are judged by.</summary>
    public static IReadOnlyList<Column> All { get; } =
    [
        new("rms_s", "RMS", run => run.Rms, Words.Time),
        new("max_s", "max", run => run.Max, Words.Time),
        new("freq_rms", "rate RMS", run => run.FreqRms, Words.Rate),
        new("settle_s", "settled", run => run.Settle, Words.Seconds),
        new("packets", "packets", run => run.Packets, value => value.ToString("F0")),
        new("inside_bound", "inside", run => run.Claimed > 0 ? run.InsideBound : double.NaN, value => double.IsNaN(value) ? "-" : value.ToString("P2")), // nothing claimed: nothing to be inside of
        new("bound_s", "bound", run => run.MedianBound, Words.Time),
        new("bound_limit_s", "rtt/2+4sigma", run => run.BoundLimit, Words.Time),
        new("sigma_ratio", "true/claimed", run => run.SigmaRatio, value => double.IsNaN(value) ? "-" : value.ToString("F2")),
        new("sigma_s", "sigma", run => run.MedianSigma, Words.Time),
        new("below_1ms_s", "< 1 ms", run => run.Below1Ms, Words.Seconds),
        new("below_100us_s", "< 100 us", run => run.Below100Us, Words.Seconds),
        new("drift_1000s_s", "drift", run => run.Drift, Words.Time),
        new("synchronized", "synchronised", run => run.Claimed, value => value.ToString("P1")),
    ];
}

/// <summary>Numbers as people read them.</summary>
internal static class Words
{
    public static string Time(double seconds) => Scaled(seconds, [(1, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")]);

    public static string Rate(double rate) => Scaled(rate, [(1e-3, "e-3"), (1e-6, "ppm"), (1e-9, "ppb"), (1e-12, "e-12")]);

    public static string Seconds(double seconds) => double.IsInfinity(seconds) ? "never" : $"{seconds:F0} s";

    private static string Scaled(double value, (double Size, string Unit)[] units)
    {
        if (double.IsNaN(value) || double.IsInfinity(value))
        {
            return "-";
        }

        var (size, unit) = units.FirstOrDefault(unit => Math.Abs(value) >= unit.Size, units[^1]);
        double scaled = value / size;
        return $"{scaled.ToString(Math.Abs(scaled) >= 100 ? "F0" : Math.Abs(scaled) >= 10 ? "F1" : "F2")} {unit}";
    }
}
