namespace TimeSuite.Simulation;

/// <summary>A row of the table by which the discipline is judged; chrony's figures are those of reference/simulation.md.</summary>
/// <param name="Name">Of the scenario.</param>
/// <param name="Chrony">What chrony scored, s.</param>
/// <param name="Target">What we want, s.</param>
/// <param name="ChronyPackets">What chrony sent; 0: not known.</param>
/// <param name="Judged">By which figure.</param>
/// <param name="What">What the figure is, if not the RMS error.</param>
public sealed record TableRow(string Name, double Chrony, double Target, int ChronyPackets, Func<Figures, double> Judged, string What = "")
{
    public static IReadOnlyList<TableRow> All { get; } =
    [
        new("A", 74e-6, 30e-6, 36, run => run.Rms),
        new("A1", 9.9e-6, 5e-6, 619, run => run.Rms),
        new("B", 162e-6, 95e-6, 38, run => run.Rms),
        new("C", 13.4e-6, 7.5e-6, 155, run => run.Rms),
        new("D", 96e-6, 48e-6, 320, run => run.Rms),
        new("E", 83e-6, 30e-6, 108, run => run.Rms),
        new("E3", 71e-6, 25e-6, 146, run => run.Rms),
        new("F", 73e-6, 35e-6, 254, run => run.Rms),
        new("F2", 116e-6, 45e-6, 111, run => run.Rms),
        new("F3", 144e-6, 60e-6, 122, run => run.Rms),
        new("HWTS", 35e-9, 8e-9, 9949, run => run.Rms), // chrony's 9.9e+03 was rounded
        new("cold-start", 5, 5, 28, run => run.Below1Ms, "below 1 ms for good after"),
        new("cold-start", 74, 20, 28, run => run.Below100Us, "below 100 us for good after"),
        new("holdover", 46e-6, 20e-6, 0, run => run.Drift, "drift in 1,000 s"),
        new("G", 34.9e-6, double.NaN, 0, run => run.Rms, "against UTC; chrony's against the server that stepped"),
        new("G3", double.NaN, double.NaN, 0, run => run.Rms, "two other servers"),
    ];

    /// <summary>What is played for it.</summary>
    public Scenario Scenario => Scenarios.Find(Name)!;
}
